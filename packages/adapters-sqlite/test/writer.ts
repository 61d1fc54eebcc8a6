// A process that reports: node writer.ts FILE WRITER UPDATES FILES. Says `ready`, waits for a line, and prints the id of
// each update when it is acknowledged; `away` goes to the error output when one was not.
import { once } from 'node:events'
import { type ClientKrn, createRecorder, type Email, type FileName, type RecordUpdate } from '@pebbles/core'
import { clock, openStore } from './harness.ts'

const [path, writer, updates, files] = process.argv.slice(2) as [string, string, string, string]

const update = (n: number): RecordUpdate => ({
  client: 'krn:acme:client:prod-001' as ClientKrn,
  filename: `file-${n % Number(files)}.csv` as FileName,
  email: 'ada@example.com' as Email,
  id: `caller:${writer}-${n}`,
  hash: 'body',
  counts: { done: 1, warn: 0, failed: 1 },
  total: null,
  errors: [{ line: n + 1, message: `bad amount ${n} of ${writer}` }],
  warnings: [],
  sentAt: 0,
  channel: 'http',
})

await using store = await openStore(path)
const { record } = createRecorder({ store, clock })
process.stdout.write('ready\n')
await once(process.stdin, 'data')

const LANES = 8
await Promise.all(
  Array.from({ length: LANES }, async (_, lane) => {
    for (let n = lane; n < Number(updates); n += LANES) {
      for (;;) {
        const [outcome] = await record([update(n)])
        if (outcome?.kind === 'applied' || outcome?.kind === 'duplicate') break
        if (outcome?.kind === 'refused') throw new Error(outcome.code)
        process.stderr.write('away\n')
        await clock.sleep(20)
      }
      process.stdout.write(`${writer}-${n}\n`)
    }
  }),
)
process.stdin.destroy()
