import type { Clock, RecordUpdate } from '@pebbles/core'
import { anUpdate, client, email, fileName, useCases, word } from '@pebbles/core/testing'
import { ObjectId } from 'mongodb'
import { expect } from 'vitest'
import type { ProgressDocument } from '../src/documents.ts'
import type { MongoStore } from '../src/index.ts'
import { reservationOf } from '../src/snapshots.ts'
import type { BenchSubject } from './bench.ts'
import type { Whole } from './expect-whole.ts'
import { LEGACY } from './legacy-client.ts'

/** One thing that is asked of a store, and what it comes to, whatever failed meanwhile. */
export interface Scene {
  readonly title: string
  readonly prepare?: (test: BenchSubject) => Promise<void>
  /** What the same process did just before, of which nothing fails. */
  readonly warm?: (store: MongoStore, clock: Clock) => Promise<unknown>
  /** Asks for it, and again for the same: the answers, in a word each. Rejects when the store is away. */
  readonly ask: (store: MongoStore, clock: Clock) => Promise<readonly string[]>
  /** What is answered when it is asked for the first time, and when it was done before. */
  readonly first: string
  readonly again: string
  /** The file, once all of it is done; null when there is none. */
  readonly whole: Whole | null
  /** It decides nothing: whatever goes wrong comes to the same as an answer lost. */
  readonly reads?: true
  /** What else holds then. */
  readonly also?: (test: BenchSubject) => Promise<void>
}

const NAME = { clientKrn: client(), filename: fileName() }
const TO = client('zeta')
const MANY = Array.from({ length: 1_001 }, (_, n) => `value ${n} is bad`)

const records =
  (...updates: readonly (() => RecordUpdate)[]): Scene['ask'] =>
  async (store, clock) => {
    const { record } = useCases({ store, clock } as BenchSubject)
    const answers: string[] = []
    for (const update of updates) answers.push(...(await record([update()])).map(word))
    return answers
  }

const known = async (test: BenchSubject): Promise<void> => {
  await useCases(test).record([anUpdate({ id: 'k0', done: 1, errors: ['row 1 is bad'] })])
}

/** A file whose document is where a process left it that died after its last entry, with its mark or without. */
const leftBehind = async (test: BenchSubject, marked: boolean): Promise<void> => {
  await known(test)
  const before = (await test.raw.progress.findOne(NAME)) as ProgressDocument
  await useCases(test).record([anUpdate({ id: 'k1', done: 10, errors: ['row 2 is bad'] })])
  await test.raw.progress.replaceOne(NAME, before)
  if (marked)
    await test.raw.behind.insertOne({
      ...NAME,
      ...{ _id: new ObjectId(), owner: 'gone', fileId: before.fileId, at: new Date() },
    } as never)
}

const removal = { client: client(), filename: fileName(), by: email('ada'), admin: false, id: 'inner:end' as const }

/** Begun and left by processes that died: a removal, a bare reservation, an adoption. */
const leaveThree = async (test: BenchSubject): Promise<void> => {
  const gone = { clientKrn: client(), filename: fileName('gone.csv') }
  await useCases(test).record([anUpdate({ filename: 'gone.csv', id: 'g1' })])
  const before = (await test.raw.progress.findOne(gone)) as ProgressDocument
  await useCases(test).remove({ ...removal, filename: gone.filename, id: 'inner:other' })
  await test.raw.former.deleteMany(gone)
  const bare = {
    client: client(),
    filename: fileName('bare.csv'),
    email: email('eve'),
    fileId: 'b'.repeat(24) as never,
  }
  const adopting = { ...oldDocument(), clientKrn: LEGACY, version: 0, adopting: true }
  await test.raw.progress.insertMany([
    before,
    reservationOf(bare) as never,
    { ...adopting, fileId: String(adopting._id) } as never,
  ])
}

const oldDocument = () => ({
  ...{ _id: new ObjectId(), filename: 'orders.csv', email: email('ada'), total: 100, isCompleted: false },
  ...{ counts: { done: 10, warn: 2, failed: 1 }, createdAt: '2025-06-20T12:00:00Z', updatedAt: '2025-06-20T12:30:00Z' },
  errors: [{ line: 3, message: 'row 3 is bad' }, { message: 'no header' }],
  warnings: null,
})

const readsAll: Scene['ask'] = async (store, clock) => {
  const { read } = useCases({ store, clock } as BenchSubject)
  const page = { kind: 'error', pattern: null, limit: 10, after: null } as const
  const { files } = await read.list({ client: client() }, 10, null)
  const scanned: number[] = []
  for await (const part of read.scan({ client: client() })) scanned.push(...part.map(({ counts }) => counts.done))
  const seen = [
    (await read.get(client(), fileName()))?.state.counts.done,
    files.map(({ counts }) => counts.done).join(),
    scanned.join(),
    Number((await read.sums(client())).counts.done),
    (await read.issues(client(), fileName(), page))?.issues.map(({ message }) => message).join(),
    (await read.history(client(), fileName(), 10, 0))?.rows.map(({ counts }) => counts.done).join(),
    (await read.clients()).map(({ files: n }) => n).join(),
  ]
  return [seen.join(' · ')]
}

const ALL_READ = '11 · 11 · 11 · 11 · row 1 is bad,row 2 is bad · 1,10 · 1'

const hot = (n: number) => () => anUpdate({ id: `h${n}`, done: 10 ** n })

export const SCENES: readonly Scene[] = [
  {
    title: 'the first update of a file',
    ask: records(() => anUpdate({ id: 'k1', done: 10, errors: ['row 2 is bad'] })),
    ...{ first: 'created', again: 'duplicate:present', whole: { done: 10, errors: ['row 2 is bad'] } },
  },
  {
    title: 'an update of a known file',
    prepare: known,
    ask: records(() => anUpdate({ id: 'k1', done: 10, errors: ['row 2 is bad'] })),
    ...{ first: 'updated', again: 'duplicate:present', whole: { done: 11, errors: ['row 1 is bad', 'row 2 is bad'] } },
  },
  {
    title: 'an update with more issues than an entry holds',
    prepare: known,
    ask: records(() => anUpdate({ id: 'k1', done: 10, errors: MANY })),
    ...{ first: 'updated', again: 'duplicate:present', whole: { done: 11, errors: ['row 1 is bad', ...MANY] } },
  },
  {
    title: 'the update that ends a file',
    prepare: known,
    ask: records(() => anUpdate({ id: 'k1', done: 10, end: 'succeeded' })),
    first: 'updated',
    again: 'duplicate:present',
    whole: { done: 11, errors: ['row 1 is bad'], completed: true },
  },
  {
    title: 'a repeat of an update',
    prepare: known,
    ask: records(() => anUpdate({ id: 'k0', done: 1, errors: ['row 1 is bad'] })),
    ...{ first: 'duplicate:present', again: 'duplicate:present', whole: { done: 1, errors: ['row 1 is bad'] } },
  },
  {
    title: 'updates of a file whose document follows its journal',
    prepare: known,
    warm: records(...[1, 2, 3].map(hot)),
    ask: records(...[4, 5].map(hot)),
    ...{ first: 'updated', again: 'duplicate:present', whole: { done: 111_111, errors: ['row 1 is bad'] } },
  },
  {
    title: 'a removal',
    prepare: known,
    ask: async (store, clock) => [(await useCases({ store, clock } as BenchSubject).remove(removal)).kind],
    ...{ first: 'removed', again: 'removed', whole: null },
    also: async (test) => {
      const late = anUpdate({ id: 'k0', done: 1, errors: ['row 1 is bad'] })
      expect((await useCases(test).record([late])).map(word)).toEqual(['duplicate:deleted'])
    },
  },
  {
    title: 'the first update of an old document, which is adopted',
    prepare: async (test) => void (await test.raw.progress.insertOne(oldDocument() as never)),
    ask: records(() => anUpdate({ client: LEGACY, id: 'k1', done: 5, errors: ['row 9 is bad'] })),
    ...{ first: 'updated', again: 'duplicate:present' },
    whole: { of: LEGACY, done: 15, errors: ['row 3 is bad', 'no header', 'row 9 is bad'] },
  },
  {
    title: 'a move to another client',
    prepare: known,
    ask: async (store) => [
      (await store.moves.move({ from: client(), to: TO, filename: fileName(), at: 1, id: 'inner:move' })).kind,
    ],
    ...{ first: 'moved', again: 'moved', whole: { of: TO, done: 1, errors: ['row 1 is bad'] } },
    also: async (test) => {
      expect(await useCases(test).read.get(client(), fileName())).toBeNull()
      expect((await useCases(test).record([anUpdate({ id: 'k9' })])).map(word)).toEqual(['FILE_MOVED'])
      expect(await test.raw.journal.countDocuments({ kind: 'moved' })).toBe(1)
    },
  },
  {
    title: 'every read of a file that was left behind',
    prepare: (test) => leftBehind(test, true),
    ask: readsAll,
    reads: true,
    ...{ first: ALL_READ, again: ALL_READ, whole: { done: 11, errors: ['row 1 is bad', 'row 2 is bad'] } },
  },
  {
    title: 'a sweep of what was left half done',
    prepare: async (test) => {
      await leftBehind(test, false)
      await leaveThree(test)
    },
    ask: async (store) => {
      await store.sweep()
      return ['swept']
    },
    ...{ first: 'swept', again: 'swept', whole: { done: 11, errors: ['row 1 is bad', 'row 2 is bad'] } },
    also: async (test) => {
      expect(await test.raw.progress.countDocuments({ clientKrn: client() })).toBe(1)
      expect((await useCases(test).read.get(LEGACY, fileName()))?.state).toMatchObject({ counts: { done: 10 } })
      expect(await test.raw.progress.countDocuments({ version: 0 })).toBe(0)
      const late = anUpdate({ filename: 'gone.csv', id: 'g1' })
      expect((await useCases(test).record([late])).map(word)).toEqual(['duplicate:deleted'])
    },
  },
]
