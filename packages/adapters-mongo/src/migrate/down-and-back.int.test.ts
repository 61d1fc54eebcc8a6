import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anUpdate, client } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { type Document, Long } from 'mongodb'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { migrationPlace } from '../../test/migration-place.ts'
import { makeOldIndexes, OLD_FIELDS, oldVersionUpdates, plantOldData } from '../../test/old-version.ts'
import { ACME, legacyUpdate, openPlace, writePlace } from '../../test/written-place.ts'

// Indexes are made anew in each database, on a disk that may be busy.
vi.setConfig({ testTimeout: 240_000 })

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
const folder = await mkdtemp(join(tmpdir(), 'pebbles-down-'))
afterAll(async () => {
  await bench?.stop()
  await rm(folder, { recursive: true })
})

const SEED = 20_260_116
const restFile = join(folder, 'rest.ndjson')

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

describe.skipIf(bench === null)('migrate down', () => {
  it('gives a database that the old version runs on, field by field', async () => {
    await using place = await migrationPlace(bench)
    const { before } = await writePlace(bench, place, SEED)
    const planned = await place.all()
    await using migration = await place.migrate()
    const report = await migration.down({ park: false, restFile })
    expect(report).toMatchObject({ kind: 'done', broughtBack: 3, stillAside: 0, setAside: 0, rest: null })
    const after = await place.all()
    expect(after.map(({ filename }) => filename)).not.toContain('bare.csv')
    expect(after).toHaveLength(planned.length - 1 + 3)
    for (const document of after) {
      for (const field of Object.keys(document))
        expect(
          OLD_FIELDS.includes(field) || ['homeClient', 'down'].includes(field),
          `${field} of ${document['filename']}`,
        ).toBe(true)
      expect(document['createdAt']).toMatch(ISO)
      expect(document['updatedAt']).toMatch(ISO)
      expect(typeof document['isCompleted']).toBe('boolean')
      for (const field of ['errors', 'warnings'])
        for (const item of document[field] ?? []) {
          expect(Object.keys(item).filter((key) => !['line', 'message'].includes(key))).toEqual([])
          expect(typeof item.message).toBe('string')
        }
    }
    const ours = await place.db.collection('progress').findOne({ filename: 'ours.csv' }, { promoteLongs: false })
    expect(ours).toMatchObject({
      email: 'ada@example.com',
      counts: { done: Long.fromNumber(2 ** 40 + 5), warn: 0, failed: 2 },
      total: 90,
      isCompleted: false,
      errors: [
        { line: 1, message: 'a 1' },
        { line: 2, message: 'a 2' },
        { line: Long.fromNumber(2 ** 33), message: 'far' },
      ],
      warnings: [{ message: 'w' }],
    })
    expect(await place.db.collection('progress').findOne({ filename: 'acme.csv' })).toMatchObject({ homeClient: ACME })
    const indexes = await place.db.collection('progress').listIndexes().toArray()
    expect(indexes.map(({ name }) => name).sort()).toEqual(['_id_', 'email_1', 'filename_1_email_1'])
    await makeOldIndexes(place.db)
    // Nothing of ours may start on it: it would take everybody's documents for the legacy client's.
    await expect(openPlace(bench, place)).rejects.toMatchObject({ code: 'ROLLED_BACK' })
    // Again, it finds nothing to do.
    expect(await migration.down({ park: false, restFile })).toMatchObject({ writtenBack: 0, made: [], dropped: [] })
    expect(await place.all()).toEqual(after)

    // And back: as if nothing had been.
    expect((await migration.verify()).map(({ code }) => code)).toEqual(
      expect.arrayContaining(['NOT_GIVEN_BACK', 'INDEX_MISSING', 'OLD_INDEX']),
    )
    expect(await migration.up()).toMatchObject({ taken: 0, left: 0, parked: 3 })
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    expect(await service.files(LEGACY)).toEqual(before.legacy)
    expect(await service.files(ACME)).toEqual(before.acme)
    expect(await readdir(folder)).toEqual([])
  })

  it('works before `up`, too: what Pebbles wrote goes back, and the rest stays as it was', async () => {
    await using place = await migrationPlace(bench)
    await plantOldData(place.db, { seed: SEED, count: 40, prototypes: false, secondOwnerEach: 20 })
    const planted = await place.all()
    const [first] = planted.filter(({ isCompleted }) => !isCompleted) as [Document]
    const owner = { filename: first['filename'], by: String(first['email']).split('@')[0] ?? '' }
    {
      await using service = await openPlace(bench, place)
      expect(await service.send(legacyUpdate({ ...owner, done: 7, errors: ['late'], id: 'k' }))).toEqual(['updated'])
    }
    await using migration = await place.migrate()
    expect(await migration.down({ park: false, restFile })).toMatchObject({ kind: 'done', writtenBack: 1 })
    const handed = await place.all()
    const [ours, others] = [handed.filter(({ down }) => down), handed.filter(({ down }) => !down)]
    expect(others).toEqual(planted.filter(({ _id }) => !_id.equals(first['_id'])))
    expect(ours).toHaveLength(1)
    expect(ours[0]?.['errors']).toEqual([...(first['errors'] ?? []), { line: 1, message: 'late' }])
    expect(
      await oldVersionUpdates(place.db.collection('progress'), { filename: owner.filename, email: first['email'] }),
    ).toBe('updated')
    expect(await migration.up()).toMatchObject({ givenBack: 1, taken: 1, set: others.length, left: 0 })
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    expect(await service.send(legacyUpdate({ ...owner, done: 7, errors: ['late'], id: 'k' }))).toEqual([
      'duplicate:present',
    ])
  })

  it('takes what the old version wrote meanwhile, once, and knows every id still', async () => {
    await using place = await migrationPlace(bench)
    const { old, before } = await writePlace(bench, place, SEED)
    await using migration = await place.migrate()
    await migration.down({ park: false, restFile })
    const progress = place.db.collection('progress')
    const [first, second] = old as [(typeof old)[0], (typeof old)[0]]
    const owner = (by: string) => `${by}@example.com`
    const untouched = (await place.all()).find(
      ({ down, isCompleted }) => down === undefined && !isCompleted,
    ) as Document
    const said = [
      await oldVersionUpdates(progress, {
        filename: first.filename,
        email: owner(first.by),
        done: 11,
        errors: [{ line: 3, message: 'old again' }, { message: 'late trouble 0' }],
      }),
      await oldVersionUpdates(progress, { filename: first.filename, email: owner(first.by), done: 1 }),
      await oldVersionUpdates(progress, { filename: second.filename, email: owner(second.by), done: 0, isLast: true }),
      await oldVersionUpdates(progress, { filename: 'acme.csv', email: owner('ada'), done: 10, total: 500 }),
      await oldVersionUpdates(progress, {
        filename: 'new.csv',
        email: owner('eve'),
        done: 9,
        errors: [{ line: 1, message: 'x' }],
      }),
      await oldVersionUpdates(progress, { filename: 'ended.csv', email: owner('ada') }),
      await oldVersionUpdates(progress, { filename: untouched['filename'], email: untouched['email'], done: 100 }),
    ]
    expect(said).toEqual(['updated', 'updated', 'updated', 'updated', 'created', 'refused', 'updated'])
    expect(await migration.up()).toMatchObject({ taken: 3, left: 0 })
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    const now = { legacy: await service.files(LEGACY), acme: await service.files(ACME) }
    type Seen = {
      counts: { done: number }
      errors: unknown[]
      version: number
      completion: unknown
      total: number | null
    }
    const seen = (files: Map<string, unknown>, filename: string) => files.get(filename) as Seen
    const was = seen(before.legacy, first.filename)
    expect(seen(now.legacy, first.filename)).toMatchObject({
      counts: { done: was.counts.done + 12 },
      errors: [...was.errors, [3, 'old again'], [null, 'late trouble 0']],
      version: was.version + 1,
    })
    expect(seen(now.legacy, second.filename)).toMatchObject({
      completion: { outcome: 'succeeded' },
      counts: seen(before.legacy, second.filename).counts,
    })
    expect(seen(now.acme, 'acme.csv')).toMatchObject({ counts: { done: 13 }, total: 500 })
    expect(seen(now.acme, 'ended.csv')).toEqual(before.acme.get('ended.csv'))
    expect(seen(now.legacy, 'new.csv')).toMatchObject({ counts: { done: 9 }, errors: [[1, 'x']] })
    const known = await service.send(
      legacyUpdate({ filename: first.filename, by: first.by, done: 7, errors: ['late trouble 0'], id: 'k0' }),
      anUpdate({ filename: 'acme.csv', done: 3, warnings: ['odd'], id: 'a1' }),
    )
    expect(known).toEqual(['duplicate:present', 'duplicate:present'])
    // Round and round: nothing is counted twice.
    await service.store.close()
    await migration.down({ park: false, restFile })
    await migration.up()
    await using again = await openPlace(bench, place)
    expect(await again.files(LEGACY)).toEqual(now.legacy)
    expect(await again.files(ACME)).toEqual(now.acme)
    expect(await again.send(legacyUpdate({ filename: first.filename, by: first.by, done: 1 }))).toEqual(['updated'])
  })

  it('refuses names of several clients and says them; with park the legacy client’s stay, and all come back', async () => {
    await using place = await migrationPlace(bench)
    await using migration = await place.migrate()
    await migration.up()
    await using service = await openPlace(bench, place)
    const other = client('other')
    await service.send(
      legacyUpdate({ filename: 'a.csv', done: 1 }),
      anUpdate({ filename: 'a.csv', done: 2, errors: ['e'] }),
    )
    await service.send(anUpdate({ filename: 'b.csv', done: 3 }))
    await service.send(anUpdate({ filename: 'b.csv', client: other, done: 4, by: 'eve' }))
    await service.send(anUpdate({ filename: 'c.csv', done: 5, id: 'c' }))
    const before = [await service.files(LEGACY), await service.files(ACME), await service.files(other)]
    await service.store.close()
    const documents = await place.all()
    expect(await migration.down({ park: false, restFile })).toEqual({
      kind: 'refused',
      count: 2,
      names: [
        { filename: 'a.csv', clients: [LEGACY, ACME] },
        { filename: 'b.csv', clients: [ACME, other] },
      ],
    })
    expect(await place.all()).toEqual(documents)
    expect(await migration.down({ park: true, restFile })).toMatchObject({ kind: 'done', setAside: 2, writtenBack: 3 })
    const parked = (await place.all('progress_parked')).sort((a, b) => a['filename'].localeCompare(b['filename']))
    expect(parked).toMatchObject([
      { filename: 'a.csv', clientKrn: ACME, parkedBy: 'down' },
      { filename: 'b.csv', clientKrn: other, parkedBy: 'down' },
    ])
    const progress = place.db.collection('progress')
    expect(await oldVersionUpdates(progress, { filename: 'a.csv', email: 'ada@example.com', done: 50 })).toBe('updated')
    expect(await migration.plan()).toMatchObject({ documents: { toGiveBack: 3, setAside: { byUp: 0, byDown: 2 } } })
    expect(await migration.up()).toMatchObject({ unparked: 2, givenBack: 3, taken: 1, left: 0 })
    expect(await place.all('progress_parked')).toEqual([])
    expect(await migration.verify()).toEqual([])
    await using back = await openPlace(bench, place)
    expect((await back.files(LEGACY)).get('a.csv')).toMatchObject({ counts: { done: 51 } })
    expect([await back.files(ACME), await back.files(other)]).toEqual(before.slice(1))
    expect(await back.send(anUpdate({ filename: 'c.csv', done: 5, id: 'c' }))).toEqual(['duplicate:present'])
  })

  it('writes what has no room in a document to a file, line by line, and the journal keeps all of it', async () => {
    await using place = await migrationPlace(bench)
    await using migration = await place.migrate()
    await migration.up()
    await using service = await openPlace(bench, place)
    const text = 'x'.repeat(60_000)
    const errors = Array.from({ length: 200 }, (_, n) => ({ line: n + 1, message: `${n} ${text}` }))
    await service.send(legacyUpdate({ filename: 'big.csv', errors: errors.slice(0, 100), warnings: ['small'] }))
    await service.send(legacyUpdate({ filename: 'big.csv', errors: errors.slice(100) }))
    await service.store.close()
    const report = await migration.down({ park: false, restFile })
    const document = (await place.all())[0] as Document
    const kept = document['errors'].length as number
    expect(kept * 60_000).toBeGreaterThan(7.9 * 1024 * 1024)
    expect(kept * 60_000).toBeLessThan(8 * 1024 * 1024)
    expect(document['errors']).toEqual(errors.slice(0, kept))
    expect(document['warnings']).toEqual([{ line: 1, message: 'small' }])
    expect(report).toMatchObject({ rest: { file: restFile, rows: 200 - kept } })
    const rows = (await readFile(restFile, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const place1 = { id: String(document['_id']), clientKrn: LEGACY, filename: 'big.csv', kind: 'error' }
    expect(rows).toEqual(errors.slice(kept).map((issue, n) => ({ ...place1, no: kept + n + 1, ...issue })))
    const progress = place.db.collection('progress')
    await oldVersionUpdates(progress, {
      filename: 'big.csv',
      email: 'ada@example.com',
      errors: [{ line: 9, message: 'more' }],
    })
    expect(await migration.up()).toMatchObject({ taken: 1 })
    await using back = await openPlace(bench, place)
    const { errors: all } = (await back.files(LEGACY)).get('big.csv') as { errors: unknown[] }
    expect(all).toEqual([...errors.map(({ line, message }) => [line, message]), [9, 'more']])
  })

  it('keeps every issue of a prototype’s file that has no room, and sets a second owner’s aside as it is', async () => {
    await using place = await migrationPlace(bench)
    const of = (email: string, createdAt: string): Document => ({
      ...{
        clientKrn: ACME,
        filename: 'big.csv',
        email,
        total: null,
        isCompleted: false,
        createdAt,
        updatedAt: createdAt,
      },
      errors: [{ pattern: 'x'.repeat(60_000), lines: Array.from({ length: 150 }, (_, n) => ({ line: n + 1 })) }],
    })
    // The younger one is met first.
    const [younger, older] = [
      of('eve@example.com', '2025-06-21T12:00:00Z'),
      of('ada@example.com', '2025-06-20T12:00:00Z'),
    ]
    await place.db.collection('progress').insertMany([younger, older])
    await using migration = await place.migrate()
    const file = join(folder, 'big.ndjson')
    const report = await migration.down({ park: false, restFile: file })
    const [document, ...others] = await place.all()
    expect(others).toEqual([])
    expect(document).toMatchObject({ email: 'ada@example.com', homeClient: ACME })
    expect(report).toMatchObject({ stillAside: 1, rest: { file, rows: 150 - document?.['errors'].length } })
    expect(await place.all('progress_parked')).toMatchObject([younger])
    expect(await migration.up()).toMatchObject({ left: 0, restFiles: [file] })
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    expect((await service.files(ACME)).get('big.csv')).toMatchObject({ issues: { error: { count: 150 } } })
    await rm(file)
  })
})
