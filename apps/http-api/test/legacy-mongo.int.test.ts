import { type MongoStore, openMongoStore } from '@pebbles/adapters-mongo'
import { createCommandGuard } from '@pebbles/adapters-mongo/testing'
import type { ClientKrn } from '@pebbles/core'
import { newFileId, type TestStore } from '@pebbles/core/testing'
import { systemClock } from '@pebbles/runtime'
import { orSkip, startMongo } from '@pebbles/services'
import { type Document, Double, Int32, Long, MongoClient, ObjectId } from 'mongodb'
import { parseItem } from 'structured-headers'
import { afterAll, describe, expect, it } from 'vitest'
import type { HttpSettings } from '../src/settings.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const LEGACY = 'krn:default:client:001' as ClientKrn
const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const guard = createCommandGuard()
afterAll(async () => {
  await mongo?.stop()
  if (mongo !== null) guard.check()
})

/** The shapes that the old version and its prototypes wrote, each with what it must look like in the old form. */
const SHAPES: Readonly<Record<string, { readonly stored: Document; readonly shown: object }>> = {
  'plain.csv': {
    stored: {
      counts: { done: new Int32(10), warn: Long.fromNumber(2), failed: new Int32(1) },
      total: Long.fromNumber(100),
      updatedAt: '2025-06-20T12:00:05Z',
      errors: [
        { line: 3, message: 'bad amount 12.50' },
        { message: 'no header' },
        { line: 1, message: 'bad amount 1' },
      ],
      warnings: [{ line: new Double(7), message: 'late' }],
    },
    shown: {
      counts: { done: 10, warn: 2, failed: 1 },
      total: 100,
      updatedAt: '2025-06-20T12:00:05.000Z',
      errors: [
        { line: 3, message: 'bad amount 12.50' },
        { message: 'no header' },
        { line: 1, message: 'bad amount 1' },
      ],
      warnings: [{ line: 7, message: 'late' }],
    },
  },
  'null-arrays.csv': {
    stored: { errors: null, warnings: null, total: null, updatedAt: '2025-06-20T12:00:04.123456789Z' },
    shown: { errors: [], warnings: [], total: null, updatedAt: '2025-06-20T12:00:04.123Z' },
  },
  'no-arrays.csv': {
    stored: { isCompleted: true, updatedAt: '2025-06-20T12:00:04.122999Z' },
    shown: { errors: [], warnings: [], isCompleted: true, updatedAt: '2025-06-20T12:00:04.122Z' },
  },
  'no-counts.csv': {
    stored: { counts: undefined, updatedAt: '2025-06-20T12:00:04Z' },
    shown: { counts: { done: 0, warn: 0, failed: 0 } },
  },
  'half-counts.csv': {
    stored: { counts: { warn: 4 }, updatedAt: '2025-06-20T12:00:03.500Z' },
    shown: { counts: { done: 0, warn: 4, failed: 0 } },
  },
  'grouped.csv': {
    stored: {
      clientKrn: LEGACY,
      updatedAt: '2025-06-20T12:00:02.250Z',
      errors: [
        {
          pattern: 'bad amount {AMOUNT}',
          lines: [
            { line: 3, values: ['12.50'] },
            { line: 9, values: ['1.00'] },
          ],
        },
        { pattern: 'no header', lines: [{ line: 1 }] },
      ],
      warnings: [{ pattern: 'late', lines: [4, 8] }],
    },
    shown: {
      errors: [
        { line: 3, message: 'bad amount 12.50' },
        { line: 9, message: 'bad amount 1.00' },
        { line: 1, message: 'no header' },
      ],
      warnings: [
        { line: 4, message: 'late' },
        { line: 8, message: 'late' },
      ],
    },
  },
}

const NEWEST_FIRST = [
  ...['plain.csv', 'null-arrays.csv', 'no-arrays.csv', 'no-counts.csv', 'half-counts.csv', 'grouped.csv'],
  'elsewhere.csv',
]

const old = (filename: string, stored: Document): Document => {
  const document: Document = {
    ...{ _id: new ObjectId(), filename, email: 'ada@example.com', counts: { done: 1, warn: 0, failed: 0 } },
    ...{ total: null, isCompleted: false, createdAt: '2025-06-20T11:00:00Z', updatedAt: '2025-06-20T12:00:00Z' },
    ...stored,
  }
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined))
}

interface OldDatabase extends AsyncDisposable {
  readonly start: (settings?: Partial<HttpSettings>) => Promise<TestApp>
  readonly progress: () => Promise<Document[]>
}

let drawn = 0
const oldDatabase = async (documents: readonly Document[]): Promise<OldDatabase> => {
  if (mongo === null) throw new Error('no MongoDB')
  drawn += 1
  const uri = await mongo.database(`legacy_${process.pid}_${drawn}`)
  const client = await MongoClient.connect(uri)
  const progress = client.db().collection('progress')
  await progress.insertMany([...documents])
  await progress.createIndexes([{ key: { filename: 1, email: 1 }, unique: true }, { key: { email: 1 } }])
  return {
    start: async (settings = {}) => {
      const store: MongoStore = await openMongoStore({
        ...{ uri, clock: systemClock, ids: { fileId: newFileId }, legacyClient: LEGACY, sweepEveryMs: 0, watch: guard },
      })
      const test: TestStore = { ...store, [Symbol.asyncDispose]: () => store.close() }
      return startApp({ store: test, settings })
    },
    progress: () => progress.find().toArray(),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

const everyShape = (): Promise<OldDatabase> =>
  oldDatabase([
    ...Object.entries(SHAPES).map(([filename, { stored }]) => old(filename, stored)),
    // A race of two first writers left two documents of one name.
    old('elsewhere.csv', { email: 'eve@example.com', updatedAt: '2025-06-20T12:00:01Z' }),
    old('foreign.csv', { clientKrn: 'krn:acme:client:1', updatedAt: '2025-06-20T12:00:09Z' }),
  ])

const post = async (app: TestApp, body: object, claims: Record<string, unknown> = {}): Promise<Response> =>
  app.request('/progress', {
    method: 'POST',
    token: await aToken(claims),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

describe.skipIf(mongo === null)('a database of the old version', () => {
  it.each(['dual', 'deprecated'] as const)('is served in the old forms while the routes are %s', async (phase) => {
    await using database = await everyShape()
    await using app = await database.start({ legacyRoutes: phase, legacyDeprecatedAt: Date.UTC(2027, 0, 31) })
    for (const [filename, { shown }] of Object.entries(SHAPES)) {
      const one = await app.request(`/progress?filename=${filename}`)
      expect(one.status).toBe(200)
      if (phase === 'deprecated')
        expect(parseItem(one.headers.get('deprecation') ?? '')[0]).toEqual(new Date(Date.UTC(2027, 0, 31)))
      expect(await jsonOf(one)).toMatchObject({ filename, email: 'ada@example.com', clientKrn: LEGACY, ...shown })
    }
    const rows = await jsonOf(app.request('/progress'))
    expect(rows.map(({ filename }: { filename: string }) => filename)).toEqual(NEWEST_FIRST)
    for (const row of rows) expect(row).toMatchObject(SHAPES[row.filename]?.shown ?? { email: 'eve@example.com' })
    const ofEve = await jsonOf(app.request('/progress?email=eve@example.com'))
    expect(ofEve).toMatchObject([{ filename: 'elsewhere.csv' }])
    const page = await jsonOf(app.request('/progress?limit=3'))
    expect(page).toHaveLength(3)
    for (const row of page) expect(row).toMatchObject(SHAPES[row.filename]?.shown ?? {})
    expect((await database.progress()).every(({ fileId }) => fileId === undefined)).toBe(true)
  })

  it.each(Object.keys(SHAPES))('%s takes an update by the old route, and keeps what it had', async (filename) => {
    const { shown } = SHAPES[filename] as { shown: { errors?: object[]; warnings?: object[]; isCompleted?: boolean } }
    await using database = await everyShape()
    await using app = await database.start()
    const before = await jsonOf(app.request(`/progress?filename=${filename}`))
    const update = {
      filename,
      counts: { done: 5, warn: 0, failed: 1 },
      total: 77,
      errors: [{ line: 50, message: 'new' }],
    }
    const foreign = await post(app, update, { email: 'eve@example.com' })
    expect((await jsonOf(foreign)).code).toBe('NOT_OWNER')
    const answer = await post(app, update)
    if (before.isCompleted) {
      expect([answer.status, (await jsonOf(answer)).code]).toEqual([400, 'PROGRESS_COMPLETED'])
      return
    }
    expect(answer.status).toBe(200)
    const after = {
      counts: { done: before.counts.done + 5, warn: before.counts.warn, failed: before.counts.failed + 1 },
      total: before.total ?? 77,
      errors: [...(shown.errors ?? []), { line: 50, message: 'new' }],
      warnings: shown.warnings ?? [],
    }
    expect(await jsonOf(answer)).toMatchObject({ result: 'updated', filename, isCompleted: false, ...after })
    expect(await jsonOf(app.request(`/progress?filename=${filename}`))).toMatchObject({ id: before.id, ...after })
    const rows = await jsonOf(app.request('/progress'))
    expect(rows[0]).toMatchObject({ filename, ...after })
    expect(rows).toHaveLength(NEWEST_FIRST.length)
  })

  it('shows both documents of a name that two wrote first; the oldest is the file', async () => {
    await using database = await oldDatabase([
      old('twice.csv', { email: 'eve@example.com', createdAt: '2025-06-20T11:00:00.500Z' }),
      old('twice.csv', { createdAt: '2025-06-20T11:00:00Z', errors: [{ message: 'mine' }] }),
    ])
    await using app = await database.start()
    const emails = (rows: { email: string }[]): string[] => rows.map(({ email }) => email).sort()
    expect(emails(await jsonOf(app.request('/progress')))).toEqual(['ada@example.com', 'eve@example.com'])
    expect(await jsonOf(app.request('/progress?filename=twice.csv'))).toMatchObject({ email: 'ada@example.com' })
    expect((await post(app, { filename: 'twice.csv', counts: { done: 1, warn: 0, failed: 0 } })).status).toBe(200)
    expect(emails(await jsonOf(app.request('/progress')))).toEqual(['ada@example.com', 'eve@example.com'])
  })

  it('is untouched by removed routes', async () => {
    await using database = await everyShape()
    await using app = await database.start({ legacyRoutes: 'removed' })
    for (const answer of [await app.request('/progress'), await post(app, { filename: 'plain.csv' })])
      expect([answer.status, (await jsonOf(answer)).code]).toEqual([410, 'LEGACY_REMOVED'])
    expect((await app.request(`/clients/${LEGACY}/progress?filename=plain.csv`)).status).toBe(200)
  })
})
