// Pebbles inside your own program: the core on an SQLite file, without a server.
import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { openSqliteStore } from '@pebbles/adapters-sqlite'
import {
  createReadProgress,
  createRecorder,
  parseClientKrn,
  parseEmail,
  parseFileName,
  patternText,
} from '@pebbles/core'

const clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  sleep: (ms) => setTimeout(ms),
  pause: () => setImmediate(),
  random: Math.random,
}
const ids = { fileId: () => randomBytes(12).toString('hex') }
await using store = await openSqliteStore({ path: process.argv[2] ?? ':memory:', clock, ids })
const { record } = createRecorder({ store, clock })
const read = createReadProgress({ reader: store, clock, stalledAfterMs: 600_000 })

const client = parseClientKrn('krn:acme:client:prod-001')
const filename = parseFileName('orders.csv')
const report = (n, facts) => ({
  client,
  filename,
  email: parseEmail('ada@example.com'),
  id: `caller:part-${n}`,
  hash: '',
  total: null,
  counts: { done: 0, warn: 0, failed: 0 },
  errors: [],
  warnings: [],
  sentAt: Date.now(),
  channel: 'http',
  ...facts,
})

const outcomes = await record([
  report(1, {
    counts: { done: 98, warn: 0, failed: 2 },
    total: 200,
    errors: [
      { line: 7, message: 'Unknown country 17' },
      { line: 9, message: 'Unknown country 31' },
    ],
  }),
  report(2, { counts: { done: 100, warn: 0, failed: 0 }, end: { outcome: 'succeeded', reason: null } }),
  report(2, { counts: { done: 100, warn: 0, failed: 0 }, end: { outcome: 'succeeded', reason: null } }),
])
const { state, tables } = await read.get(client, filename)
console.log(outcomes.map(({ kind }) => kind).join(' '))
console.log(
  `${filename}: ${state.counts.done} done, ${state.counts.failed} failed of ${state.total}, ${state.completion.outcome}`,
)
for (const { template, count } of tables.error) console.log(`${count} × ${patternText(template)}`)
