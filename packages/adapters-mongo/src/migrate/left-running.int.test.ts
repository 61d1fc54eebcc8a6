import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreUnavailable } from '@pebbles/core'
import { anUpdate, client, createTestClock, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { migrationPlace } from '../../test/migration-place.ts'
import { plantOldData, publishedRollback } from '../../test/old-version.ts'
import { ACME, legacyUpdate, openPlace, writePlace } from '../../test/written-place.ts'

// Indexes are made anew in each database, on a disk that may be busy.
vi.setConfig({ testTimeout: 240_000 })

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
const folder = await mkdtemp(join(tmpdir(), 'pebbles-left-running-'))
afterAll(async () => {
  await bench?.stop()
  await rm(folder, { recursive: true })
})

const SEED = 20_261_127
const options = { park: false, restFile: join(folder, 'rest.ndjson') }

describe.skipIf(bench === null)('a service that was left running', () => {
  it('over `down` begins no file anew, and shows nobody another’s; `up` gives everything back', async () => {
    await using place = await migrationPlace(bench)
    const { before } = await writePlace(bench, place, SEED)
    await using service = await openPlace(bench, place)
    await using migration = await place.migrate()
    await migration.down(options)
    const handed = await place.all()
    const updates = [
      anUpdate({ filename: 'acme.csv' }),
      // The old unique index, which knows owners, would let this one through.
      anUpdate({ filename: 'acme.csv', by: 'eve' }),
      anUpdate({ filename: 'new.csv' }),
      legacyUpdate({ filename: 'acme.csv', by: 'eve' }),
      legacyUpdate({ filename: 'ours.csv' }),
    ]
    for (const update of updates) expect(['unavailable', 'SCHEMA_CONFLICT']).toContain((await service.send(update))[0])
    expect(await place.all()).toEqual(handed)
    const shown = await service.files(LEGACY)
    expect(shown.get('ours.csv')).toBeDefined()
    expect([...shown.keys()].filter((name) => before.acme.has(name))).toEqual([])
    expect(await service.store.get(LEGACY, fileName('acme.csv'))).toBeNull()
    const listed = await service.store.list({ client: LEGACY, stalledBefore: 0 }, 1_000, null)
    expect((await service.store.sums(LEGACY, 0)).files).toBe(listed.length)
    await expect(service.store.sums(ACME, 0)).rejects.toBeInstanceOf(StoreUnavailable)
    await service.store.close()

    expect(await migration.up()).toMatchObject({ taken: 0, left: 0 })
    expect(await migration.verify()).toEqual([])
    await using back = await openPlace(bench, place)
    expect(await back.files(LEGACY)).toEqual(before.legacy)
    expect(await back.files(ACME)).toEqual(before.acme)
  })

  it('after a roll back by hand: what remembers its client is not the legacy client’s', async () => {
    await using place = await migrationPlace(bench)
    const { before } = await writePlace(bench, place, SEED)
    await publishedRollback(place.db)
    await using service = await openPlace(bench, place)
    expect(await service.files(LEGACY)).toEqual(before.legacy)
    expect(await service.store.get(LEGACY, fileName('acme.csv'))).toBeNull()
    const files = new Map((await service.store.clients()).map((row) => [row.client, row.files]))
    expect([files.get(LEGACY), files.get(ACME)]).toEqual([before.legacy.size, before.acme.size])
    // Their first update gives them their client again.
    expect(await service.send(legacyUpdate({ filename: 'ours.csv', done: 1 }))).toEqual(['updated'])
    const [ours] = (await place.all()).filter(({ filename }) => filename === 'ours.csv')
    expect(ours).toMatchObject({ clientKrn: LEGACY, counts: { done: 2 ** 40 + 6 } })
    expect((await service.files(LEGACY)).size).toBe(before.legacy.size)
  })

  it('with another LEGACY_CLIENT_KRN adopts nothing once the other has', async () => {
    await using place = await migrationPlace(bench)
    await plantOldData(place.db, { seed: SEED, count: 20, prototypes: false, secondOwnerEach: 100 })
    const other = client('other')
    // Both start while nothing is adopted yet.
    await using first = await openPlace(bench, place)
    await using second = await (bench as NonNullable<typeof bench>).open(place.uri, { legacyClient: other })
    const [one, two] = (await place.all())
      .filter(({ isCompleted }) => !isCompleted)
      .map(({ filename, email }) => ({ filename: String(filename), by: String(email).split('@')[0] ?? '' }))
    expect(await first.send(legacyUpdate({ ...one }))).toEqual(['updated'])
    const { record } = useCases({ store: second, clock: createTestClock() })
    expect((await record([anUpdate({ client: other, ...two })])).map(word)).toEqual(['unavailable'])
    expect(await first.send(legacyUpdate({ ...two }))).toEqual(['updated'])
    expect((await place.all()).filter(({ clientKrn }) => clientKrn === other)).toEqual([])
  })
})

describe.skipIf(bench === null)('`down` and two `up`s at once', () => {
  it('leave a database that says whose it is, and lose nothing', async () => {
    await using place = await migrationPlace(bench)
    const { before } = await writePlace(bench, place, SEED)
    await using one = await place.migrate()
    await using two = await place.migrate()
    await using three = await place.migrate()
    await Promise.allSettled([one.down(options), two.up(), three.up()])
    const handed = (await place.all()).filter(({ clientKrn }) => clientKrn === undefined)
    if (handed.length > 0) await expect(openPlace(bench, place)).rejects.toMatchObject({ code: 'ROLLED_BACK' })
    await one.up()
    expect(await one.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    expect(await service.files(LEGACY)).toEqual(before.legacy)
    expect(await service.files(ACME)).toEqual(before.acme)
  })
})
