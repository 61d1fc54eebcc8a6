import { anUpdate, client, createTestClock, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import type { Db, Document } from 'mongodb'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { migrationPlace } from '../../test/migration-place.ts'
import { makeOldIndexes, OLD_FIELDS, oldDocuments, plantOldData, publishedScript } from '../../test/old-version.ts'

// Indexes are made anew in each database, on a disk that may be busy.
vi.setConfig({ testTimeout: 240_000 })

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const place = () => migrationPlace(bench)

const SEED = 20_260_115
const PUBLISHED_FIELDS = [...OLD_FIELDS, 'clientKrn']
const publishedPart = (document: Document): Document =>
  Object.fromEntries(Object.entries(document).filter(([field]) => PUBLISHED_FIELDS.includes(field)))
const publishedIndexes = async (db: Db) =>
  (await db.collection('progress').listIndexes().toArray())
    .filter(({ name }) => !name.startsWith('pebbles_'))
    .map(({ name, key, unique }) => ({ name, key, unique }))
    .sort((a, b) => a.name.localeCompare(b.name))

describe.skipIf(bench === null)('migrate', () => {
  it('plans by reading alone, and says what there is', async () => {
    await using test = await place()
    await plantOldData(test.db, { seed: SEED, count: 500 })
    const before = await test.all()
    const commands = new Set<string>()
    await using migration = await test.migrate({ started: ({ commandName }) => commands.add(commandName) })
    const plan = await migration.plan()
    expect([...commands].sort()).toEqual(['aggregate', 'find', 'hello', 'listIndexes', 'shardingState'])
    const without = before.filter((document) => document['clientKrn'] === undefined).length
    expect(plan).toMatchObject({
      legacyClient: LEGACY,
      legacyClientKept: false,
      documents: { all: 510, withoutClient: without, written: 0, ofOtherClients: 510 - without },
      ownedTwice: { count: 10 },
      indexes: { published: [], own: [], old: expect.arrayContaining(['filename_1_email_1']) },
    })
    expect(plan.indexes.missing).toHaveLength(3)
    expect(plan.indexes.old).toHaveLength(2)
    expect(plan.steps).toHaveLength(6)
    expect(plan.estimateMs).toBeGreaterThan(0)
    expect(await test.all()).toEqual(before)
    expect((await test.db.listCollections().toArray()).map(({ name }) => name)).toEqual(['progress'])
  })

  it('leaves the published fields and indexes as the published script does, but for second owners', async () => {
    await using ours = await place()
    await using theirs = await place()
    const planted = [...oldDocuments({ seed: SEED, count: 800 })]
    for (const { db } of [ours, theirs]) {
      await db
        .collection('progress')
        .insertMany(structuredClone(planted).map((document, n) => ({ ...document, _id: planted[n]?.['_id'] })))
      await makeOldIndexes(db, 'progress_email_idx')
    }
    await publishedScript(theirs.db, LEGACY)
    await using migration = await ours.migrate()
    const report = await migration.up()
    expect(report).toMatchObject({ parked: 16, left: 0, refused: [], givenBack: 0 })
    expect(report.set).toBe(planted.filter(({ clientKrn }) => clientKrn === undefined).length)
    expect(await publishedIndexes(ours.db)).toEqual(await publishedIndexes(theirs.db))
    const both = [...(await ours.all()), ...(await ours.all('progress_parked'))].map(publishedPart)
    const expected = (await theirs.all()).map(publishedPart)
    const byId = (a: Document, b: Document) => String(a['_id']).localeCompare(String(b['_id']))
    expect(both.sort(byId)).toEqual(expected.sort(byId))
    expect(await migration.verify()).toEqual([])
    // Again, there is nothing left to do.
    expect((await migration.plan()).steps).toEqual([])
    const first = await ours.all()
    expect(await migration.up()).toMatchObject({ set: 0, parked: 0, made: [], dropped: [] })
    expect(await ours.all()).toEqual(first)
  })

  it('takes a database where the published script was run by hand', async () => {
    await using test = await place()
    await plantOldData(test.db, { seed: SEED, count: 300, secondOwnerEach: 100 })
    await publishedScript(test.db, LEGACY)
    await using migration = await test.migrate()
    expect(await migration.plan()).toMatchObject({ documents: { withoutClient: 0 }, indexes: { missing: [], old: [] } })
    expect((await migration.verify()).map(({ code }) => code)).toEqual(['OWNED_TWICE'])
    expect(await migration.up()).toMatchObject({ set: 0, parked: 3, left: 0 })
    expect(await migration.verify()).toEqual([])
  })

  it('lets the service write before, meanwhile and after, and keeps every sum', async () => {
    await using test = await place()
    const files = 20_000
    await plantOldData(test.db, { seed: SEED, count: files, prototypes: false, secondOwnerEach: 1_000 })
    const planted = new Map((await test.all()).map((document) => [String(document['_id']), document]))
    const store = await (bench as NonNullable<typeof bench>).open(test.uri)
    const { record, read } = useCases({ store, clock: createTestClock() })
    const names = [...planted.values()].filter(
      ({ isCompleted, email: owner }) => !isCompleted && owner.startsWith('owner'),
    )
    const added = new Map<string, number>()
    let stopped = false
    const codes = new Map<string, number>()
    const write = async (): Promise<void> => {
      for (let n = 0; !stopped; n += 1) {
        const old = names[(n * 7_919) % names.length] as Document
        const owner = /^[^@]+/.exec(old['email'])?.[0] ?? ''
        const updates = [
          anUpdate({
            client: LEGACY,
            filename: old['filename'],
            by: owner,
            done: 3,
            errors: n % 5 === 0 ? ['late'] : [],
          }),
          // The same name and owner at another client: refused only by the old index.
          anUpdate({ client: client(), filename: old['filename'], by: owner, done: 1 }),
        ]
        const [mine, other] = (await record(updates)).map(word)
        if (mine === 'updated') added.set(old['filename'], (added.get(old['filename']) ?? 0) + 3)
        else codes.set(`legacy ${mine}`, (codes.get(`legacy ${mine}`) ?? 0) + 1)
        codes.set(other ?? '', (codes.get(other ?? '') ?? 0) + 1)
      }
    }
    const writing = write()
    await using migration = await test.migrate()
    const report = await migration.up()
    const after = await record([anUpdate({ client: client(), filename: 'old-1.csv', by: 'owner1', done: 1 })])
    stopped = true
    await writing
    expect(report).toMatchObject({ parked: 20, left: 0, refused: [] })
    expect(['created', 'updated']).toContain(word(after[0]))
    expect([...codes.keys()].filter((code) => !['SCHEMA_CONFLICT', 'created', 'updated'].includes(code))).toEqual([])
    expect(codes.get('SCHEMA_CONFLICT') ?? 0).toBeGreaterThan(0)
    expect(added.size).toBeGreaterThan(10)
    for (const [filename, more] of added) {
      const old = names.find((document) => document['filename'] === filename) as Document
      const found = await read.get(LEGACY, filename as never)
      expect(found?.state.counts.done).toBe(Number(old['counts']?.['done'] ?? 0) + more)
    }
    expect(await migration.verify()).toEqual([])
    expect((await read.sums(LEGACY)).files).toBe(files)
    await store.close()
  })
})
