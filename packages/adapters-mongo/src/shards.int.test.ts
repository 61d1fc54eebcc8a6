import { createRecorder } from '@pebbles/core'
import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, type ShardName, startMongo } from '@pebbles/services'
import { MinKey, ObjectId } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import { KEYS } from '../test/command-guard.ts'
import { LEGACY } from '../test/legacy-client.ts'
import type { ProgressDocument } from './documents.ts'
import { openMongoMigration } from './index.ts'

const mongo = await orSkip(startMongo({ topology: 'sharded' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

describe.skipIf(bench === null)('a cluster of two shards', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()
  const cluster = () =>
    (mongo as NonNullable<typeof mongo>).cluster as NonNullable<NonNullable<typeof mongo>['cluster']>
  const databaseOf = ({ uri }: BenchSubject): string => new URL(uri).pathname.slice(1)

  it('adds up exactly while chunks move under load and updates come twice at once', { timeout: 120_000 }, async () => {
    await using test = await subject()
    await using second = await test.connect()
    const recorders = [test.store, second].map((store) => createRecorder({ store, clock: test.clock }))
    const files = Array.from({ length: 12 }, (_, n) => ({ client: client(`c${n % 4}`), filename: `f${n}.csv` }))
    const updates = 360
    let next = 0
    let words: string[] = []
    const caller = async (index: number): Promise<void> => {
      for (let n = next++; n < updates; n = next++) {
        const file = files[n % files.length] as (typeof files)[number]
        const update = anUpdate({ ...file, id: `u${n}`, errors: n % 5 === 0 ? [`trouble ${n}`] : [] })
        const send = async (senders: typeof recorders): Promise<void> => {
          let outcomes: string[]
          do outcomes = (await Promise.all(senders.map(({ record }) => record([update])))).flat().map(word)
          while (outcomes.includes('unavailable'))
          words = [...words, ...outcomes]
        }
        if (n % 20 > 0) await send(recorders.slice(index % 2, (index % 2) + 1))
        else {
          // One in twenty is sent by both processes at once, of which the later may say what the first says, as it cannot
          // tell whether a try of its own was stored; and once more, when that is out of question.
          await send(recorders)
          await send(recorders.slice(0, 1))
        }
      }
    }
    let moves = 0
    const mover = (async () => {
      const shards: readonly ShardName[] = ['s1', 's0']
      while (next < updates) {
        const to = shards[moves % 2] as ShardName
        const of = client(`c${moves % 4}`)
        await cluster().move(databaseOf(test), 'progress', { clientKrn: of, filename: new MinKey() }, to)
        const [chunk] = await cluster().chunks(databaseOf(test), 'journal')
        if (chunk !== undefined) await cluster().move(databaseOf(test), 'journal', chunk.min, to)
        moves += 1
      }
    })()
    await Promise.all([...Array.from({ length: 12 }, (_, index) => caller(index)), mover])
    expect(moves).toBeGreaterThan(1)
    expect([...new Set(words)].sort()).toEqual(['created', 'duplicate:present', 'updated'])

    const { read } = useCases(test)
    let sum = 0
    for (const file of files) {
      const found = await read.get(file.client, fileName(file.filename))
      const rows = (await read.history(file.client, fileName(file.filename), 1_000, 0))?.rows ?? []
      expect(rows.map(({ version }) => version)).toEqual(rows.map((_, index) => index + 1))
      expect(rows.reduce((all, row) => all + row.counts.done, 0)).toBe(found?.state.counts.done)
      expect(found?.issues.error.length).toBe(found?.state.issues.error.count)
      sum += found?.state.counts.done ?? 0
    }
    expect(sum).toBe(updates)
    for (const name of ['c0', 'c1', 'c2', 'c3'])
      expect((await read.list({ client: client(name) }, 100, null)).files).toHaveLength(3)
    const listed = await read.clients()
    expect(listed.reduce((all, { files: count }) => all + count, 0)).toBe(files.length)
  })

  it('has one shard touched for the snapshot of a file, and one for its journal, by each use case', async () => {
    await using test = await subject()
    const { record, read, remove } = useCases(test)
    const database = databaseOf(test)
    await cluster().move(database, 'progress', { clientKrn: client('acme'), filename: new MinKey() }, 's1')
    const hits = async (collection: string, work: () => Promise<unknown>): Promise<number> =>
      (await cluster().shardsHit(database, collection, work)).length
    const file = { client: client(), filename: fileName() }
    const removed = (id: string) => remove({ ...file, by: anUpdate().email, admin: false, id: `inner:${id}` })
    const update = () => record([anUpdate({ errors: ['trouble'], id: 'k' })])
    const isAtMostOne = (shards: number): boolean => shards <= 1
    const many = Array.from({ length: 1_500 }, (_, n) => `trouble ${n}`)
    const several = () =>
      record(Array.from({ length: 30 }, (_, n) => anUpdate({ filename: `f${n}.csv`, errors: ['trouble'] })))
    let passing: Awaited<ReturnType<typeof test.connect>>
    const writeAndStop = async (): Promise<void> => {
      await useCases({ ...test, store: passing }).record([anUpdate({ filename: 'f1.csv', errors: ['more trouble'] })])
      await passing.close()
    }
    const every: [string, () => Promise<unknown>, Readonly<Record<string, number>>][] = [
      ['first', update, { progress: 1, journal: 1, patterns: 0 }],
      ['repeat', update, { journal: 1 }],
      ['update', () => record([anUpdate({ errors: ['more trouble'] })]), { progress: 1, journal: 1, patterns: 0 }],
      ['many issues', () => record([anUpdate({ errors: many })]), { progress: 1, journal: 1, journal_issues: 1 }],
      ['get', () => read.get(client(), fileName()), { progress: 1, patterns: 1 }],
      [
        'issues',
        () => read.issues(client(), fileName(), { kind: 'error', pattern: null, limit: 2_000, after: null }),
        { progress: 1, journal: 1, journal_issues: 1 },
      ],
      ['history', () => read.history(client(), fileName(), 10, 0), { progress: 1, journal: 1 }],
      ['remove', () => removed('r'), { progress: 1, progress_former: 1, journal: 1 }],
      // The files of one client lie together, and their journals apart.
      ['several files', several, { progress: 1, journal: 2 }],
      // What was gathered for tables is written when a process stops, if not before.
      ['stop', writeAndStop, { progress: 1, journal: 1, patterns: 1 }],
      ['list', () => read.list({ client: client() }, 100, null), { progress: 1 }],
      ['summary', () => read.sums(client()), { progress: 1 }],
    ]
    for (const collection of Object.keys(KEYS))
      for (const [title, work, exactly] of every) {
        if (title === 'first') {
          await removed(collection)
          await test.raw.former.deleteMany({ clientKrn: client(), filename: fileName() })
        }
        if (title === 'stop') passing = await test.connect()
        const hit = await hits(collection, work)
        // What may be asked for and need not be is on one shard, too: marks, tables that a reader may have to bring forward.
        expect([title, collection, hit]).toEqual([
          title,
          collection,
          exactly[collection] ?? expect.toSatisfy(isAtMostOne),
        ])
      }
  })

  it('has old documents that were given a client before it was sharded, and adopts them', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await cluster().move(databaseOf(test), 'progress', { clientKrn: client('acme'), filename: new MinKey() }, 's1')
    const old = {
      ...{ _id: new ObjectId(), clientKrn: client(), filename: 'orders.csv', email: anUpdate().email },
      ...{ counts: { done: 3, warn: 0, failed: 1 }, total: null, isCompleted: false },
      ...{
        createdAt: '2025-06-20T12:00:00Z',
        updatedAt: '2025-06-20T12:00:00Z',
        errors: [{ line: 3, message: 'bad' }],
      },
    }
    await test.raw.progress.insertOne(old as unknown as ProgressDocument)
    const issues = async () =>
      (await read.issues(client(), fileName(), { kind: 'error', pattern: null, limit: 10, after: null }))?.issues
    expect(await issues()).toMatchObject([{ line: 3, message: 'bad' }])
    expect((await read.history(client(), fileName(), 10, 0))?.rows).toMatchObject([{ counts: { done: 3 } }])
    expect((await record([anUpdate({ errors: ['worse'] })])).map(word)).toEqual(['updated'])
    expect(await issues()).toMatchObject([{ message: 'bad' }, { message: 'worse' }])
    expect((await read.get(client(), fileName()))?.state).toMatchObject({ counts: { done: 4 }, version: 2 })
  })

  it('is refused at start by one of its shards, and with documents that have no client', async () => {
    await using test = await subject()
    const shard = (mongo as NonNullable<typeof mongo>).nodes[1]
    const direct = `mongodb://127.0.0.1:${shard?.port}/${databaseOf(test)}?directConnection=true`
    await expect((bench as NonNullable<typeof bench>).open(direct)).rejects.toMatchObject({
      code: 'SHARD_ADDRESSED_DIRECTLY',
    })
    const old = { _id: new ObjectId(), filename: 'old.csv', email: 'ada@example.com' }
    for (const document of [old, { ...old, clientKrn: null }]) {
      await test.raw.progress.insertOne(document as unknown as ProgressDocument)
      await expect(test.connect()).rejects.toMatchObject({ code: 'NOT_MIGRATED' })
      await test.raw.progress.deleteMany({})
    }
    await using again = await test.connect({ legacyClient: LEGACY })
    expect(again.topology).toBe('sharded')
  })

  it('gets the published indexes by migrate up, is verified, and is never handed to the old version', async () => {
    await using test = await subject()
    await useCases(test).record([anUpdate()])
    const options = {
      uri: test.uri,
      clock: test.clock,
      legacyClient: LEGACY,
      watch: (bench as NonNullable<typeof bench>).guard,
    }
    await using migration = await openMongoMigration(options)
    expect((await migration.verify()).map(({ code }) => code)).toEqual(['INDEX_MISSING'])
    expect(await migration.up()).toMatchObject({ made: ['clientKrn_1_filename_1_email_1', 'clientKrn_1'], left: 0 })
    expect((await migration.plan()).steps).toEqual([])
    expect(await migration.verify()).toEqual([])
    await expect(migration.down({ park: true, restFile: '' })).rejects.toMatchObject({ code: 'SHARDED' })
  })
})
