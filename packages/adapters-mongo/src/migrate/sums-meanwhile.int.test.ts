import { createTestClock, useCases } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { migrationPlace } from '../../test/migration-place.ts'
import { plantOldData } from '../../test/old-version.ts'

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const FILES = 5_000

describe.skipIf(bench === null)('the legacy client’s sums', () => {
  it('count each file once, while `up` gives the documents their client', { timeout: 240_000 }, async () => {
    await using place = await migrationPlace(bench)
    await plantOldData(place.db, { seed: 20_261_128, count: FILES, prototypes: false, secondOwnerEach: FILES + 1 })
    const store = await (bench as NonNullable<typeof bench>).open(place.uri)
    const { read } = useCases({ store, clock: createTestClock() })
    const before = await read.sums(LEGACY)
    expect(before.files).toBe(FILES)
    await using migration = await place.migrate()
    let over = false
    let asked = 0
    const ask = async (): Promise<void> => {
      while (!over) {
        asked += 1
        expect(await read.sums(LEGACY)).toEqual(before)
      }
    }
    const all = Promise.all([ask(), ask()])
    await Promise.race([migration.up(), all])
    over = true
    await all
    expect(asked).toBeGreaterThan(5)
    expect(await read.sums(LEGACY)).toEqual(before)
    await store.close()
  })
})
