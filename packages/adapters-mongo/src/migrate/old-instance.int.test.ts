import type { ClientKrn } from '@pebbles/core'
import { anUpdate, createTestClock, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { migrationPlace } from '../../test/migration-place.ts'
import { makeOldIndexes, oldVersionUpdates } from '../../test/old-version.ts'
import { ACME } from '../../test/written-place.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const FILES = 20
const patience = { timeout: 60_000, interval: 20 }

describe.skipIf(bench === null)('an old instance that starts again under load', { timeout: 240_000 }, () => {
  it('makes its index, which refuses names of two clients and nothing else, until `up`; all sums are exact', async () => {
    await using place = await migrationPlace(bench)
    await using migration = await place.migrate()
    await migration.up()
    const stores = await Promise.all([1, 2].map(() => (bench as NonNullable<typeof bench>).open(place.uri)))
    const clock = createTestClock()
    const writers = stores.map((store) => useCases({ store, clock }))
    const sums = new Map<string, number>()
    const answers = new Map<string, number>()
    const refused: (() => Promise<void>)[] = []
    let [sharing, over] = [false, false]

    const send = async (by: number, client: ClientKrn, filename: string, id: string): Promise<string> => {
      const update = () => anUpdate({ client, filename, id, done: 3, errors: ['value 1 is bad'] })
      // As a caller does who had no answer in time: each one twice.
      const words = (await writers[by]?.record([update(), update()]))?.map(word) ?? []
      for (const said of words) answers.set(said, (answers.get(said) ?? 0) + 1)
      const [first = '', second] = words
      if (first === 'created' || first === 'updated') {
        expect(second).toBe('duplicate:present')
        sums.set(`${client} ${filename}`, (sums.get(`${client} ${filename}`) ?? 0) + 3)
      } else expect(second).toBe(first)
      return first
    }
    const write = async (by: number): Promise<void> => {
      for (let n = 0; !over; n += 1) {
        const own = by === 0 ? LEGACY : ACME
        await send(by, own, `${by}-${n % FILES}.csv`, `${by} ${n}`)
        // A name of the other writer, and so of the other client.
        const [filename, id] = [`${1 - by}-${n % FILES}.csv`, `${by} shared ${n}`]
        if (sharing && (await send(by, own, filename, id)) === 'SCHEMA_CONFLICT')
          refused.push(async () => expect(['created', 'updated']).toContain(await send(by, own, filename, id)))
      }
    }
    const writing = Promise.all([write(0), write(1)])
    const written = (times: number) => vi.waitFor(() => expect(sums.size).toBe(times), patience)
    const passing = async (): Promise<void> => {
      const before = answers.get('updated') ?? 0
      await vi.waitFor(() => expect(answers.get('updated')).toBeGreaterThan(before + 2 * FILES), patience)
    }
    await written(2 * FILES)
    await makeOldIndexes(place.db)
    await oldVersionUpdates(place.db.collection('progress'), {
      filename: 'stray.csv',
      email: 'eve@example.com',
      done: 4,
    })
    sharing = true
    await vi.waitFor(() => expect(refused.length).toBeGreaterThan(FILES), patience)
    await passing()
    expect(sums.size).toBe(2 * FILES)
    expect((await migration.verify()).map(({ code, count }) => [code, count])).toEqual([
      ['WITHOUT_CLIENT', 1],
      ['OLD_INDEX', 2],
    ])
    expect(await migration.up()).toMatchObject({ set: 1, left: 0, dropped: ['filename_1_email_1', 'email_1'] })
    // Every name is now of both.
    await written(4 * FILES)
    over = true
    await writing
    for (const again of refused) await again()
    expect([...answers.keys()].sort()).toEqual(['SCHEMA_CONFLICT', 'created', 'duplicate:present', 'updated'])

    expect(await migration.verify()).toEqual([])
    const [{ read }, store] = [writers[0], stores[0]] as [(typeof writers)[0], (typeof stores)[0]]
    for (const [key, done] of sums) {
      const [client, filename] = key.split(' ') as [ClientKrn, string]
      const state = (await read.get(client, fileName(filename)))?.state
      expect([key, state?.counts.done, state?.issues.error.count]).toEqual([key, done, done / 3])
    }
    expect((await store.sums(LEGACY, 0)).files).toBe(2 * FILES + 1)
    expect((await store.sums(ACME, 0)).files).toBe(2 * FILES)
    for (const one of stores) await one.close()
  })
})
