import { type FileState, type IssueKind, patternText } from '@pebbles/core'
import { anUpdate, client, email, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { Long, ObjectId } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import { LEGACY } from '../test/legacy-client.ts'
import type { ProgressDocument } from './documents.ts'
import { createOldNames } from './old-names.ts'
import { readHistory } from './read-history.ts'
import { readIssues } from './read-issues.ts'

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const old = (fields: Readonly<Record<string, unknown>> = {}): ProgressDocument =>
  ({
    _id: new ObjectId(),
    filename: 'orders.csv',
    email: email('ada'),
    counts: { done: 10, warn: 2, failed: 1 },
    total: 100,
    isCompleted: false,
    createdAt: '2025-06-20T12:00:00Z',
    updatedAt: '2025-06-20T12:30:00.123456789Z',
    errors: [
      { line: 3, message: 'bad amount 12.50' },
      { message: 'no header' },
      { line: 9, message: 'bad amount 1.00' },
    ],
    warnings: null,
    ...fields,
  }) as unknown as ProgressDocument

const legacy = (facts: Parameters<typeof anUpdate>[0] = {}) => anUpdate({ client: LEGACY, ...facts })

describe.skipIf(bench === null)('a document of the old version', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()
  const issuesOf = async (
    test: BenchSubject,
    kind: IssueKind,
  ): Promise<readonly (readonly [number | null, string])[]> => {
    const { read } = useCases(test)
    const page = await read.issues(LEGACY, fileName(), { kind, pattern: null, limit: 1_000, after: null })
    return (page?.issues ?? []).map(({ line, message }) => [line, message] as const)
  }

  it('is read as it is by every read, belongs to the legacy client, and reading changes nothing', async () => {
    await using test = await subject()
    const { read } = useCases(test)
    const document = old()
    await test.raw.progress.insertOne(document)
    const found = await read.get(LEGACY, fileName())
    const expected: Partial<FileState> = {
      client: LEGACY,
      email: email('ada'),
      counts: { done: 10, warn: 2, failed: 1 },
      total: 100,
      completion: null,
      createdAt: Date.UTC(2025, 5, 20, 12),
      updatedAt: Date.UTC(2025, 5, 20, 12, 30, 0, 123),
    }
    expect(found?.state).toMatchObject({ ...expected, fileId: String(document._id), issues: { error: { count: 3 } } })
    expect(found?.issues.error).toHaveLength(3)
    expect(found?.tables.error.reduce((sum, row) => sum + row.count, 0)).toBe(3)
    expect(await issuesOf(test, 'error')).toEqual([
      [3, 'bad amount 12.50'],
      [null, 'no header'],
      [9, 'bad amount 1.00'],
    ])
    const { files } = await read.list({ client: LEGACY }, 10, null)
    expect(files).toMatchObject([{ ...expected, issues: { error: { count: 3, top: [] }, warning: { count: 0 } } }])
    expect(await read.sums(LEGACY)).toMatchObject({ files: 1, stalled: 1, counts: { done: 10n, warn: 2n, failed: 1n } })
    expect(await read.clients()).toEqual([{ client: LEGACY, files: 1, lastUpdate: expected.updatedAt }])
    expect((await read.history(LEGACY, fileName(), 10, 0))?.rows).toMatchObject([{ version: 1, counts: { done: 10 } }])
    expect(await read.get(client(), fileName())).toBeNull()
    expect((await read.list({ client: client() }, 10, null)).files).toEqual([])
    expect(await test.raw.progress.find().toArray()).toEqual([document])
  })

  it('is adopted by its first update, keeps its id and every line, and reads as before but for what was added', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    const document = old()
    await test.raw.progress.insertOne(document)
    const before = await read.get(LEGACY, fileName())
    expect((await record([legacy({ done: 5, errors: ['new trouble'], id: 'k' })])).map(word)).toEqual(['updated'])
    const after = await read.get(LEGACY, fileName())
    expect(after?.state).toMatchObject({
      fileId: before?.state.fileId,
      version: 2,
      counts: { done: 15, warn: 2, failed: 1 },
      createdAt: before?.state.createdAt,
      issues: { error: { count: 4 } },
    })
    expect(after?.issues.error.slice(0, 3)).toEqual(before?.issues.error)
    expect(after?.tables.error.map(({ template }) => patternText(template))).toEqual(
      expect.arrayContaining(before?.tables.error.map(({ template }) => patternText(template)) ?? []),
    )
    const rows = (await read.history(LEGACY, fileName(), 10, 0))?.rows ?? []
    expect(rows.reduce((sum, row) => sum + row.counts.done, 0)).toBe(15)
    const stored = await test.raw.progress.findOne({ _id: document._id })
    expect(stored).toMatchObject({ clientKrn: LEGACY, filename: 'orders.csv', updatedAt: '2026-01-15T12:00:00.000Z' })
    expect(stored).not.toHaveProperty('errors')
    expect(stored).not.toHaveProperty('adopting')
    expect((await record([legacy({ done: 5, errors: ['new trouble'], id: 'k' })])).map(word)).toEqual([
      'duplicate:present',
    ])
    await expect(test.connect({ legacyClient: client() })).rejects.toMatchObject({ code: 'LEGACY_CLIENT_CHANGED' })
  })

  it.each([
    ['refuses another owner', { by: 'eve' }, {}, 'NOT_OWNER'],
    ['that was completed stays so', {}, { isCompleted: true }, 'PROGRESS_COMPLETED'],
  ] as const)('%s', async (_title, facts, fields, expected) => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await test.raw.progress.insertOne(old(fields))
    const before = await read.get(LEGACY, fileName())
    expect((await record([legacy(facts)])).map(word)).toEqual([expected])
    expect(await read.get(LEGACY, fileName())).toEqual({
      ...before,
      state: { ...before?.state, issues: expect.anything() },
    })
  })

  it('in adoption when a process died is still read, and finished by the next writer or the sweep', async () => {
    for (const who of ['writer', 'sweep']) {
      await using test = await subject()
      const { record, read } = useCases(test)
      const document = old()
      const marked = { ...document, clientKrn: LEGACY, fileId: String(document._id), version: 0, adopting: true }
      await test.raw.progress.insertOne(marked as unknown as ProgressDocument)
      expect((await read.get(LEGACY, fileName()))?.state).toMatchObject({ counts: { done: 10 } })
      expect((await read.list({ client: LEGACY }, 10, null)).files).toHaveLength(1)
      if (who === 'sweep') await test.store.sweep()
      else await record([legacy({ done: 0 })])
      expect((await read.get(LEGACY, fileName()))?.state).toMatchObject({ counts: { done: 10 } })
      expect(await issuesOf(test, 'error')).toHaveLength(3)
    }
  })

  it('has its issues counted and kept whatever their shape', async () => {
    await using test = await subject()
    const { read } = useCases(test)
    const shapes = {
      clientKrn: LEGACY,
      errors: [
        { pattern: 'bad amount {NUMBER} in {QUOTED}', lines: [{ line: 3, values: ['12.50', "'EUR'"] }, { line: 4 }] },
        { pattern: 'no such country', lines: [7, 8] },
      ],
      warnings: [{ pattern: 'odd', lines: [] }, 'nonsense', { line: -1, message: 'late' }],
    }
    await test.raw.progress.insertOne(old(shapes))
    const errors = [
      [3, "bad amount 12.50 in 'EUR'"],
      [4, 'bad amount {NUMBER} in {QUOTED}'],
      [7, 'no such country'],
      [8, 'no such country'],
    ]
    expect(await issuesOf(test, 'error')).toEqual(errors)
    expect(await issuesOf(test, 'warning')).toEqual([[null, 'late']])
    await useCases(test).record([legacy()])
    expect(await issuesOf(test, 'error')).toEqual(errors)
    expect((await read.get(LEGACY, fileName()))?.state.issues).toMatchObject({
      error: { count: 4 },
      warning: { count: 1 },
    })
  })

  it('has counts of every number type, or none', async () => {
    await using test = await subject()
    const { read } = useCases(test)
    const counts = [
      [{ done: Long.fromString('9007199254740991'), warn: 2 ** 40, failed: 3 }, [9007199254740991, 2 ** 40, 3]],
      [{ done: Long.fromString('9223372036854775807'), warn: -5, failed: 1.5 }, [9007199254740991, 0, 1]],
      [undefined, [0, 0, 0]],
      [{ done: 'many', warn: null }, [0, 0, 0]],
    ] as const
    for (const [index, [stored]] of counts.entries())
      await test.raw.progress.insertOne(old({ filename: `f${index}.csv`, counts: stored, total: Long.fromNumber(7) }))
    for (const [index, [, [done, warn, failed]]] of counts.entries()) {
      const state = (await read.get(LEGACY, fileName(`f${index}.csv`)))?.state
      expect(state).toMatchObject({ counts: { done, warn, failed }, total: 7 })
    }
    expect((await read.list({ client: LEGACY }, 10, null)).files).toHaveLength(4)
    expect((await read.sums(LEGACY)).files).toBe(4)
  })

  it('is the oldest of several owners’ of one name; the others show in lists, and no update reaches them', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    const first = old({ email: email('eve'), createdAt: '2025-06-20T11:59:59.9Z' })
    await test.raw.progress.insertMany([old(), first, old({ email: email('bob'), createdAt: '2025-06-21T00:00:00Z' })])
    expect((await read.get(LEGACY, fileName()))?.state.email).toBe(email('eve'))
    expect((await record([legacy({ by: 'ada' }), legacy({ by: 'eve' })])).map(word)).toEqual(['NOT_OWNER', 'updated'])
    expect((await read.get(LEGACY, fileName()))?.state).toMatchObject({ email: email('eve'), version: 2 })
    expect((await read.list({ client: LEGACY }, 10, null)).files).toHaveLength(3)
  })

  it('that is being parked is no file any more, though lists show it', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await test.raw.progress.insertOne(old({ parking: true, email: email('bob') }))
    expect(await read.get(LEGACY, fileName())).toBeNull()
    expect((await read.list({ client: LEGACY }, 10, null)).files).toHaveLength(1)
    expect((await record([legacy()])).map(word)).toEqual(['created'])
  })

  it('of any precision of time is listed once, page by page', async () => {
    await using test = await subject()
    const { read } = useCases(test)
    const times = ['00Z', '00.1Z', '00.12Z', '00.123Z', '00.123456Z', '00.123456789Z', '01Z', '00.000Z', '00.999Z']
    for (const [index, second] of times.entries())
      await test.raw.progress.insertOne(old({ filename: `f${index}.csv`, updatedAt: `2025-06-20T12:30:${second}` }))
    const seen: string[] = []
    for (let after: FileState | null = null; ; ) {
      const { files, more } = await read.list({ client: LEGACY }, 2, after)
      seen.push(...files.map(({ filename }) => filename))
      after = files.at(-1) ?? null
      if (!more) break
    }
    expect(seen.sort()).toEqual(times.map((_, index) => `f${index}.csv`))
    const since = { client: LEGACY, updatedSince: Date.UTC(2025, 5, 20, 12, 30, 0, 123) }
    expect((await read.list(since, 100, null)).files).toHaveLength(5)
  })

  it.each(['issues', 'history'] as const)('that is adopted between two looks for its %s shows them', async (what) => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await test.raw.progress.insertOne(old())
    const oldNames = createOldNames()
    const state = (await read.get(LEGACY, fileName()))?.state as FileState
    oldNames.remember(state)
    let looks = 0
    const adoptOnce = async (): Promise<void> => {
      looks += 1
      if (looks === 1) await record([legacy({ errors: ['new trouble'] })])
    }
    const journal = new Proxy(test.raw.journal, {
      get: (target, name) => {
        if (name !== 'find') return Reflect.get(target, name).bind(target)
        return (...given: Parameters<typeof target.find>) => ({
          sort: (order: never) => {
            const rows = target.find(...given).sort(order)
            const toArray = async () => {
              const all = await rows.toArray()
              await adoptOnce()
              return all
            }
            return {
              toArray,
              [Symbol.asyncIterator]: async function* () {
                yield* await toArray()
              },
            }
          },
        })
      },
    })
    const deps = { collections: { ...test.raw, journal }, clock: test.clock, newFileId: () => state.fileId }
    const reading = { ...deps, legacyClient: LEGACY, sharded: false, oldNames } as never
    if (what === 'issues')
      expect((await readIssues(reading, state, 'error', null, 10, null)).map(({ message }) => message)).toEqual([
        ...['bad amount 12.50', 'no header', 'bad amount 1.00'],
      ])
    else expect(await readHistory(reading, state, 10, 0)).toMatchObject([{ version: 1, counts: { done: 10 } }])
    expect(looks).toBe(2)
  })

  it('with a hundred thousand lines is adopted whole', async () => {
    await using test = await subject()
    const errors = Array.from({ length: 100_000 }, (_, n) => ({ line: n + 1, message: `bad amount ${n}.00` }))
    await test.raw.progress.insertOne(old({ errors }))
    await useCases(test).record([legacy({ errors: ['one more'] })])
    const tail = await test.store.issues(
      ((await useCases(test).read.get(LEGACY, fileName())) as NonNullable<unknown> & { state: FileState }).state,
      ...(['error', null, 10, { version: 1, index: 99_996 }] as const),
    )
    expect(tail.map(({ message }) => message)).toEqual([
      'bad amount 99997.00',
      'bad amount 99998.00',
      'bad amount 99999.00',
      'one more',
    ])
  })
})
