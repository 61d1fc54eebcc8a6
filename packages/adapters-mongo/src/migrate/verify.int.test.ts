import { anUpdate, client } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { type MigrationPlace, migrationPlace } from '../../test/migration-place.ts'
import { makeOldIndexes, oldVersionUpdates, publishedRollback, publishedScript } from '../../test/old-version.ts'
import { ACME, legacyUpdate, openPlace, writePlace } from '../../test/written-place.ts'
import type { FaultCode } from '../index.ts'

// Indexes are made anew in each database, on a disk that may be busy.
vi.setConfig({ testTimeout: 240_000 })

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const SEED = 20_260_117
const progress = ({ db }: MigrationPlace) => db.collection('progress')

/** Each spoils a database in which nothing is wrong. */
const FAULTS: readonly (readonly [string, FaultCode, RegExp, (place: MigrationPlace) => Promise<unknown>])[] = [
  [
    'a document of an old instance',
    'WITHOUT_CLIENT',
    /stray\.csv/,
    (place) => progress(place).insertOne({ filename: 'stray.csv', email: 'e' }),
  ],
  [
    'a null for a client',
    'WITHOUT_CLIENT',
    /ours\.csv/,
    (place) => progress(place).updateOne({ filename: 'ours.csv' }, { $set: { clientKrn: null } }),
  ],
  [
    'a missing index',
    'INDEX_MISSING',
    /^clientKrn_1_filename_1_email_1$/,
    (place) => progress(place).dropIndex('clientKrn_1_filename_1_email_1'),
  ],
  ['an old unique index', 'OLD_INDEX', /^filename_1_email_1$/, (place) => makeOldIndexes(place.db)],
  [
    'a second owner',
    'OWNED_TWICE',
    /acme\.csv: ada@example\.com is its owner, not eve/,
    (place) =>
      progress(place).insertOne({
        filename: 'acme.csv',
        email: 'eve',
        clientKrn: ACME,
        createdAt: '2020-01-01T00:00:00Z',
      }),
  ],
  [
    'a client changed by hand',
    'CLIENT_CHANGED',
    /^krn:other:client:1 ours\.csv .* it was krn:default:client:001$/,
    (place) => progress(place).updateOne({ filename: 'ours.csv' }, { $set: { clientKrn: 'krn:other:client:1' } }),
  ],
  [
    'a client changed by hand, of a document that nobody of us wrote',
    'CLIENT_CHANGED',
    /^krn:other:client:1 old-/,
    (place) =>
      progress(place).updateOne(
        { fileId: { $exists: false }, clientKrn: LEGACY },
        { $set: { clientKrn: 'krn:other:client:1' } },
      ),
  ],
  [
    'counts from outside',
    'WRITTEN_OUTSIDE',
    /ours\.csv \(\w+\): done is 1099511627782, its journal says 1099511627781$/,
    (place) => progress(place).updateOne({ filename: 'ours.csv' }, { $inc: { 'counts.done': 1 } }),
  ],
  [
    'an end from outside',
    'WRITTEN_OUTSIDE',
    /ours\.csv .*: isCompleted is true, its journal says false$/,
    (place) => progress(place).updateOne({ filename: 'ours.csv' }, { $set: { isCompleted: true } }),
  ],
  [
    'another end from outside',
    'WRITTEN_OUTSIDE',
    /ended\.csv .*: outcome is "succeeded", its journal says "failed"$/,
    (place) => progress(place).updateOne({ filename: 'ended.csv' }, { $set: { outcome: 'succeeded' } }),
  ],
  [
    'a total from outside, alone',
    'WRITTEN_OUTSIDE',
    /ours\.csv .*: total is 7, its journal says 90$/,
    (place) => progress(place).updateOne({ filename: 'ours.csv' }, { $set: { total: 7 } }),
  ],
  [
    'a total that was taken away, of an old document that we wrote',
    'WRITTEN_OUTSIDE',
    /old-.*: total is null, its journal says \d+$/,
    (place) =>
      progress(place).updateOne(
        { filename: /^old-/, version: { $gt: 1 }, total: { $ne: null } },
        { $unset: { total: '' } },
      ),
  ],
  [
    'a time from outside, alone',
    'WRITTEN_OUTSIDE',
    /ours\.csv .*: updatedAt is "2026-01-16T00:00:00.123456789Z", its journal says "[^"]+"$/,
    (place) =>
      progress(place).updateOne({ filename: 'ours.csv' }, { $set: { updatedAt: '2026-01-16T00:00:00.123456789Z' } }),
  ],
  [
    'a journal that is gone',
    'WRITTEN_OUTSIDE',
    /acme\.csv .*: it has no journal$/,
    async (place) => {
      const document = await progress(place).findOne({ filename: 'acme.csv' })
      await place.db.collection('journal').deleteMany({ fileId: document?.['fileId'] })
    },
  ],
  [
    'arrays from outside',
    'WRITTEN_OUTSIDE',
    /ours\.csv .*: errors or warnings, which are in its journal$/,
    (place) => progress(place).updateOne({ filename: 'ours.csv' }, { $set: { errors: [{ message: 'x' }] } }),
  ],
  [
    'an update by the old version',
    'WRITTEN_OUTSIDE',
    /ours\.csv/,
    (place) =>
      oldVersionUpdates(progress(place), {
        filename: 'ours.csv',
        email: 'ada@example.com',
        done: 0,
        errors: [{ message: 'x' }],
      }),
  ],
  [
    'a document on its way',
    'HALF_PARKED',
    /old-/,
    (place) => progress(place).updateOne({ fileId: { $exists: false } }, { $set: { parking: true } }),
  ],
]

describe.skipIf(bench === null)('migrate verify', () => {
  it('finds each fault, names it, and finds nothing else', async () => {
    await using place = await migrationPlace(bench)
    await writePlace(bench, place, SEED)
    await using migration = await place.migrate()
    const [sound, parked] = [await place.all(), await place.all('progress_parked')]
    const journal = await place.all('journal')
    for (const [title, code, item, spoil] of FAULTS) {
      expect(await migration.verify(), title).toEqual([])
      await spoil(place)
      const faults = await migration.verify()
      expect(faults, title).toEqual([
        { code, count: code === 'OLD_INDEX' ? 2 : 1, items: expect.arrayContaining([expect.stringMatching(item)]) },
      ])
      await progress(place).deleteMany({})
      await place.db.collection('progress_parked').deleteMany({})
      // What `up` cures it cures, data aside.
      await migration.up()
      await progress(place).insertMany(sound)
      await place.db.collection('progress_parked').insertMany(parked)
      await place.db.collection('journal').deleteMany({})
      await place.db.collection('journal').insertMany(journal)
    }
  })

  it('is silent when what was written outside is set back to what it says, and the file goes on from there', async () => {
    await using place = await migrationPlace(bench)
    const { before } = await writePlace(bench, place, SEED)
    const write = { filename: 'ours.csv', email: 'ada@example.com', done: 50, errors: [{ message: 'x' }] }
    expect(await oldVersionUpdates(progress(place), write)).toBe('updated')
    await using migration = await place.migrate()
    const [fault] = await migration.verify()
    const said = [...(fault?.items[0] ?? '').matchAll(/(\w+) is [^,]+, its journal says ("[^"]+"|\d+)/g)].map(
      ([, field = '', value = '']) => [field === 'done' ? 'counts.done' : field, JSON.parse(value)] as const,
    )
    expect(said.map(([field]) => field)).toEqual(['counts.done', 'updatedAt'])
    await progress(place).updateOne(
      { filename: 'ours.csv' },
      { $set: Object.fromEntries(said), $unset: { errors: '', warnings: '' } },
    )
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    expect(await service.files(LEGACY)).toEqual(before.legacy)
    expect(await service.send(legacyUpdate({ filename: 'ours.csv', done: 1 }))).toEqual(['updated'])
    expect(await migration.verify()).toEqual([])
  })

  it('says that an old instance came back; names of two clients are refused until up has run again', async () => {
    await using place = await migrationPlace(bench)
    await writePlace(bench, place, SEED)
    await using service = await openPlace(bench, place)
    await makeOldIndexes(place.db)
    const shared = () => anUpdate({ client: client('other'), filename: 'ours.csv', id: 'shared' })
    expect(await service.send(shared())).toEqual(['SCHEMA_CONFLICT'])
    await oldVersionUpdates(progress(place), { filename: 'stray.csv', email: 'eve@example.com', done: 4 })
    await using migration = await place.migrate()
    expect((await migration.verify()).map(({ code }) => code)).toEqual(['WITHOUT_CLIENT', 'OLD_INDEX'])
    expect(await migration.up()).toMatchObject({
      set: 1,
      left: 0,
      dropped: expect.arrayContaining(['filename_1_email_1']),
    })
    expect(await service.send(shared())).toEqual(['created'])
    expect(await service.send(legacyUpdate({ filename: 'stray.csv', by: 'eve' }))).toEqual(['updated'])
    expect(await migration.verify()).toEqual([])
  })

  it('after the published rollback and script by hand, up gives every client its files back', async () => {
    await using place = await migrationPlace(bench)
    const { before } = await writePlace(bench, place, SEED)
    await publishedRollback(place.db)
    await using migration = await place.migrate()
    expect((await migration.verify()).map(({ code }) => code)).toContain('WITHOUT_CLIENT')
    await migration.up()
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    expect(await service.files(ACME)).toEqual(before.acme)
    expect(await service.files(LEGACY)).toEqual(before.legacy)
    // The script, though, takes all for the legacy client's.
    await publishedRollback(place.db)
    await publishedScript(place.db, LEGACY)
    const faults = await migration.verify()
    expect(faults).toMatchObject([{ code: 'CLIENT_CHANGED' }])
    expect(faults[0]?.items).toEqual(expect.arrayContaining([expect.stringContaining(`acme.csv`)]))
  })
})
