import type { Change, FileId, FileState, PatternRow } from '@pebbles/core'
import { MongoNetworkError } from 'mongodb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Collections } from './collections.ts'
import { createLateTables } from './late-tables.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const MOST_TRIES = 6
const FILE = 'f'.repeat(24) as FileId
const SHARED = 'a'.repeat(24)
const row = (no: number, count: number): PatternRow => ({ no, template: `p${no}`, count })

/** A commit that brings these rows of errors, and went on from a version of their table. */
const aChange = (from: number, to: number, rows: readonly PatternRow[], fileId = FILE): Change => {
  const tableAt = (version: number): Partial<FileState> => ({
    filename: fileId as string as FileState['filename'],
    issues: {
      error: { count: 0, tableVersion: version, top: [] },
      warning: { count: 0, tableVersion: 0, top: [] },
    },
  })
  return {
    kind: 'update',
    before: tableAt(from),
    after: tableAt(to),
    entry: { fileId, version: to, patterns: { error: rows, warning: [] } },
  } as unknown as Change
}

interface Written {
  readonly from: number
  readonly to: number
  readonly rows: Readonly<Record<string, number>>
  readonly upsert: boolean
}

/** A store that answers as it is told, and what was written to it, command by command. */
const setUp = () => {
  let now = 0
  let answer: () => Promise<object> = async () => ({ n: 1 })
  const written: Written[][] = []
  interface Statement {
    readonly q: { readonly version: { readonly $gte: number; readonly $lt: number } }
    readonly u: { readonly $set: Readonly<Record<string, { readonly c: number }>> & { readonly version: number } }
    readonly upsert?: boolean
  }
  const collections = {
    db: {
      command: async ({ updates }: { updates: readonly Statement[] }) => {
        const reply = await answer()
        written.push(
          updates.map(({ q, u: { $set }, upsert = false }) => {
            const { version, ...rows } = $set
            expect(version).toBe(q.version.$lt)
            const counts = Object.entries(rows).map(([name, { c }]) => [name, c] as const)
            return { from: q.version.$gte, to: version, rows: Object.fromEntries(counts), upsert }
          }),
        )
        return reply
      },
    },
    tables: { collectionName: 'patterns' },
  } as unknown as Collections
  const tables = createLateTables({
    collections,
    clock: { monotonic: () => now },
    isShared: ({ filename }) => filename === SHARED,
  })
  return {
    ...tables,
    written,
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 100) {
        now += 100
        await vi.advanceTimersByTimeAsync(100)
      }
    },
    reply: (with_: typeof answer) => {
      answer = with_
    },
  }
}

it('writes what many commits brought as one, each row as it was in the end, five seconds after the first', async () => {
  const test = setUp()
  await test.take([aChange(0, 1, [row(0, 1), row(1, 1)])])
  await test.take([aChange(1, 2, [row(1, 2)])])
  await test.pass(4_500)
  await test.take([aChange(2, 5, [row(2, 7)])])
  expect(test.written).toEqual([])
  await test.pass(1_500)
  expect(test.written).toEqual([[{ from: 0, to: 5, rows: { 'rows.0': 1, 'rows.1': 2, 'rows.2': 7 }, upsert: true }]])
  await test.take([aChange(5, 6, [row(2, 8)])])
  await test.pass(6_000)
  expect(test.written.slice(1)).toEqual([[{ from: 5, to: 6, rows: { 'rows.2': 8 }, upsert: false }]])
})

it('gathers nothing over a gap: what others wrote between is in neither part', async () => {
  const test = setUp()
  await test.take([aChange(0, 1, [row(0, 1)])])
  await test.take([aChange(3, 4, [row(1, 5)])])
  await test.pass(6_000)
  expect(test.written).toEqual([[{ from: 3, to: 4, rows: { 'rows.1': 5 }, upsert: false }]])
})

it('has another file wait no longer for one that goes on and on', async () => {
  const test = setUp()
  const other = 'e'.repeat(24) as FileId
  await test.take([aChange(0, 1, [row(0, 1)])])
  await test.pass(3_000)
  await test.take([aChange(0, 1, [row(0, 1)], other), aChange(1, 2, [row(0, 2)])])
  await test.pass(3_000)
  expect(test.written).toEqual([[{ from: 0, to: 2, rows: { 'rows.0': 2 }, upsert: true }]])
  await test.pass(3_000)
  expect(test.written.slice(1)).toEqual([[{ from: 0, to: 1, rows: { 'rows.0': 1 }, upsert: true }]])
})

it('writes that of a file at once that others write, too, and of no other', async () => {
  const test = setUp()
  await test.take([aChange(0, 1, [row(0, 1)]), aChange(0, 1, [row(0, 1)], SHARED as FileId)])
  await test.take([aChange(1, 2, [row(0, 2)], SHARED as FileId)])
  expect(test.written.map((command) => command.map(({ from, to }) => [from, to]))).toEqual([[[0, 1]], [[1, 2]]])
  await test.pass(6_000)
  expect(test.written.slice(2).map((command) => command.map(({ from, to }) => [from, to]))).toEqual([[[0, 1]]])
})

it('keeps what has no answer, with what comes after it', async () => {
  const test = setUp()
  await test.take([aChange(0, 1, [row(0, 1)])])
  const { promise: triedInVain, resolve } = Promise.withResolvers<void>()
  let tries = 0
  test.reply(async () => {
    tries += 1
    if (tries === MOST_TRIES) resolve()
    throw new MongoNetworkError('gone')
  })
  await test.pass(6_000)
  // The pauses between them are real.
  await triedInVain
  await test.take([aChange(1, 2, [row(1, 1)])])
  test.reply(async () => ({ n: 1 }))
  await test.pass(6_000)
  expect(test.written).toEqual([[{ from: 0, to: 2, rows: { 'rows.0': 1, 'rows.1': 1 }, upsert: true }]])
})

it('lets go of what a server refuses: who reads the table is told of it, and the rest goes on', async () => {
  const test = setUp()
  await test.take([aChange(0, 1, [row(0, 1)])])
  test.reply(async () => ({ n: 0, writeErrors: [{ index: 0, code: 2, errmsg: 'no' }] }))
  await test.pass(6_000)
  test.reply(async () => ({ n: 1 }))
  await test.take([aChange(1, 2, [row(0, 2)])])
  await test.pass(6_000)
  expect(test.written.at(-1)).toEqual([{ from: 1, to: 2, rows: { 'rows.0': 2 }, upsert: false }])
})

it('makes who commits wait while more rows wait than it will hold', async () => {
  const test = setUp()
  const { promise, resolve } = Promise.withResolvers<object>()
  test.reply(() => promise)
  const rows = Array.from({ length: 50_001 }, (_, no) => row(no, 1))
  let taken = false
  const taking = test.take([aChange(0, 1, rows)]).then(() => {
    taken = true
  })
  await test.pass(300)
  expect(taken).toBe(false)
  resolve({ n: 1 })
  await taking
  expect(test.written.map((command) => command.map(({ to }) => to))).toEqual([[1]])
})

it('lets go of what waits longest when it cannot be written, rather than hold more rows than it may', async () => {
  const test = setUp()
  const rows = Array.from({ length: 30_000 }, (_, no) => row(no, 1))
  const other = 'e'.repeat(24) as FileId
  test.reply(async () => {
    throw new MongoNetworkError('a shard is away')
  })
  await test.take([aChange(0, 1, rows)])
  await test.take([aChange(0, 2, rows, other)])
  test.reply(async () => ({ n: 1 }))
  await test.stop()
  expect(test.written.map((command) => command.map(({ to }) => to))).toEqual([[2]])
})

it('stops with all that waits, and what comes after that is written at once', async () => {
  const test = setUp()
  await test.take([aChange(0, 1, [row(0, 1)])])
  await test.stop()
  await test.take([aChange(1, 2, [row(0, 2)])])
  expect(test.written.map((command) => command.map(({ from, to }) => [from, to]))).toEqual([[[0, 1]], [[1, 2]]])
})
