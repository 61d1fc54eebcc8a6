import { createRecorder } from '@pebbles/core'
import { anUpdate, word } from '@pebbles/core/testing'
import { openMongoStore } from '../src/index.ts'
import { LEGACY } from './legacy-client.ts'
import { processClock as clock, processIds as ids } from './process-clock.ts'

/**
 * A process that writes: `node writer.ts URI NAME UPDATES FILES`. Sends each update twice, at once, and prints one line
 * for each that was applied: its file and how much it added.
 */
const [uri = '', name = '', updates = '0', files = '1'] = process.argv.slice(2)
const store = await openMongoStore({
  ...{ uri, clock, ids, legacyClient: LEGACY },
  sweepEveryMs: 1_000,
})
const { record } = createRecorder({ store, clock })

const send = async (n: number): Promise<void> => {
  const filename = `f${n % Number(files)}.csv`
  const update = anUpdate({ id: `${name}-${n}`, filename, done: n + 1, errors: n % 10 === 0 ? [`trouble ${n}`] : [] })
  for (;;) {
    const outcomes = (await record([update, update])).map(word)
    if (outcomes.includes('unavailable')) continue
    process.stdout.write(`${filename} ${n + 1} ${outcomes.join(' ')}\n`)
    return
  }
}

const left = Array.from({ length: Number(updates) }, (_, n) => n)
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (let n = left.shift(); n !== undefined; n = left.shift()) await send(n)
  }),
)
await store.close()
