import { setImmediate } from 'node:timers/promises'
import type { FileState } from '@pebbles/core'
import { anUpdate, client, createMemoryStore, createTestClock, newFileId, useCases } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { createStalledFiles } from './stalled-files.ts'

const STALLED_AFTER_MS = 60_000

it('tells every file that became stalled since, however many, and no other', async () => {
  const store = createMemoryStore({ newFileId })
  const clock = createTestClock()
  const { record } = useCases({ store, clock })
  const write = (names: readonly string[]) => record(names.map((filename) => anUpdate({ filename })))
  await write(['before.csv'])
  clock.advance(5_000)
  const from = clock.now()
  await write(Array.from({ length: 1_300 }, (_, n) => `f${n}.csv`))
  clock.advance(5_000)
  await write(['running.csv'])
  const told: FileState[] = []
  const { tell } = createStalledFiles({ reader: store, stalledAfterMs: STALLED_AFTER_MS })
  clock.advance(STALLED_AFTER_MS - 1_000)
  await tell([client()], from + STALLED_AFTER_MS - 1_000, clock.now(), (state) => void told.push(state))
  expect(told).toHaveLength(1_300)
  expect(new Set(told.map(({ filename }) => filename)).size).toBe(1_300)
})

it('looks at a few clients at once, and at none any more after a failure', async () => {
  let underWay = 0
  let most = 0
  let looks = 0
  const list = async () => {
    looks += 1
    underWay += 1
    most = Math.max(most, underWay)
    for (let turns = 0; turns < 5; turns += 1) await setImmediate()
    underWay -= 1
    if (looks > 40) throw new Error('away')
    return []
  }
  const { tell } = createStalledFiles({ reader: { list }, stalledAfterMs: STALLED_AFTER_MS })
  const clients = Array.from({ length: 20 }, (_, n) => client(`c${n}`))
  await tell(clients, 1, 2, () => undefined)
  expect([looks, most]).toEqual([20, 4])
  await tell(clients, 2, 2, () => undefined)
  expect(looks).toBe(20)
  looks = 36
  await expect(tell(clients, 1, 2, () => undefined)).rejects.toThrow('away')
  expect(looks).toBeLessThan(50)
})
