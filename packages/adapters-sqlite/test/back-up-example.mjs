import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { openSqliteStore } from '@pebbles/adapters-sqlite'

const clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  sleep: (ms) => setTimeout(ms),
  pause: () => setImmediate(),
  random: Math.random,
}
const ids = { fileId: () => randomBytes(12).toString('hex') }
await using store = await openSqliteStore({ path: 'data/pebbles.sqlite', clock, ids })
await store.backup(`backup/pebbles-${new Date().toISOString().slice(0, 10)}.sqlite`)
