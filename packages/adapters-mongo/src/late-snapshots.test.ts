import type { ClientKrn, FileId, FileName, FileState } from '@pebbles/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Collections } from './collections.ts'
import { createLateSnapshots } from './late-snapshots.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const NO_ISSUES = { count: 0, tableVersion: 0, top: [] }
const FILE = 'f'.repeat(24) as FileId
const stateAt = (version: number): FileState => ({
  fileId: FILE,
  client: 'krn:acme:client:late' as ClientKrn,
  filename: 'late.csv' as FileName,
  email: 'ada@example.com' as FileState['email'],
  version,
  counts: { done: version, warn: 0, failed: 0 },
  total: null,
  createdAt: 0,
  updatedAt: version,
  completion: null,
  pace: { lines: 0, ms: 0, interval: 0 },
  issues: { error: NO_ISSUES, warning: NO_ISSUES },
  former: [],
})
const stepTo = (version: number) => ({ before: stateAt(version - 1), after: stateAt(version) })

/** A store that answers as it is told, and what was asked of it. */
const setUp = ({ markStands = true, rolledBack = false } = {}) => {
  let now = 0
  let shared = false
  let answer: () => Promise<{ n: number }> = async () => ({ n: 1 })
  const written: number[] = []
  const marks = new Set<string>()
  const collections = {
    db: {
      command: async ({ updates }: { updates: { u: { $set: { version: number } } }[] }) => {
        const reply = await answer()
        if (reply.n === 0) return reply
        written.push(...updates.map(({ u }) => u.$set.version))
        return reply
      },
    },
    progress: { collectionName: 'progress' },
    settings: { findOne: async () => (rolledBack ? { _id: 'down' } : null) },
    behind: {
      updateOne: async ({ _id }: { _id: object }) => {
        if (!markStands) throw new Error('no answer')
        marks.add(String(_id))
      },
      bulkWrite: async (deletes: { deleteOne: { filter: { _id: object } } }[]) => {
        for (const { deleteOne } of deletes) marks.delete(String(deleteOne.filter._id))
      },
    },
  } as unknown as Collections
  const late = createLateSnapshots({ collections, clock: { monotonic: () => now }, isShared: () => shared })
  let version = 1
  return {
    late,
    written,
    marks,
    share: (is: boolean) => {
      shared = is
    },
    advance: (ms: number) => {
      now += ms
    },
    reply: (with_: typeof answer) => {
      answer = with_
    },
    /** As many files, each written again and again. */
    heatMany: async (files: number): Promise<void> => {
      for (let round = 1; round < 10; round += 1)
        for (let n = 0; n < files; n += 1) {
          const { before, after } = stepTo(round)
          late.take([{ before, after: { ...after, fileId: `${n}`.padStart(24, '0') as FileId } }]).end(true)
        }
      await Promise.resolve()
    },
    /** One commit, whose document is written when it is due: whether it was. */
    commit: async (): Promise<boolean> => {
      version += 1
      const due = late.take([stepTo(version)])
      due.end(true)
      await Promise.resolve()
      return due.steps.length > 0
    },
    version: () => version,
  }
}

const heat = async (test: ReturnType<typeof setUp>): Promise<void> => {
  for (let n = 0; n < 20; n += 1) if (!(await test.commit())) return
  throw new Error('every document was due')
}

it('lets a document wait only when its file is written again and again, and its mark stands', async () => {
  const slow = setUp()
  for (let n = 0; n < 20; n += 1) {
    expect(await slow.commit()).toBe(true)
    slow.advance(600)
  }
  expect(slow.marks.size).toBe(0)

  const unmarked = setUp({ markStands: false })
  for (let n = 0; n < 20; n += 1) expect(await unmarked.commit()).toBe(true)

  const hot = setUp()
  await heat(hot)
  expect(hot.marks.size).toBe(1)
  expect(await hot.commit()).toBe(false)
})

it('lets none wait that others write, too, and sets no mark for it', async () => {
  const test = setUp()
  test.share(true)
  for (let n = 0; n < 20; n += 1) expect(await test.commit()).toBe(true)
  expect(test.marks.size).toBe(0)
  test.share(false)
  await heat(test)
  test.share(true)
  expect(await test.commit()).toBe(true)
})

it('sets one mark for a file, however often it is written until that is answered', async () => {
  const test = setUp()
  await test.heatMany(10)
  expect(test.marks.size).toBe(10)
})

it('has no more marks than a reader can look at, and others when those are taken away', async () => {
  const test = setUp()
  await test.heatMany(1_200)
  expect(test.marks.size).toBe(1_000)
  test.advance(1_100)
  await vi.advanceTimersByTimeAsync(250)
  expect(test.marks.size).toBe(0)
  await heat(test)
  expect(test.marks.size).toBe(1)
})

it('writes many as one, and takes the mark away when the file rests', async () => {
  const test = setUp()
  await heat(test)
  for (let n = 0; n < 5; n += 1) await test.commit()
  await vi.advanceTimersByTimeAsync(250)
  expect(test.written).toEqual([test.version()])
  expect(test.marks.size).toBe(1)
  test.advance(1_100)
  await vi.advanceTimersByTimeAsync(250)
  expect(test.marks.size).toBe(0)
  expect(await test.commit()).toBe(true)
})

it('does not rely on a mark that is old, and begins with another', async () => {
  const test = setUp()
  await heat(test)
  const [old] = test.marks
  test.advance(299_999)
  expect(await test.commit()).toBe(false)
  test.advance(1)
  expect(await test.commit()).toBe(true)
  await vi.advanceTimersByTimeAsync(250)
  expect([...test.marks]).not.toContain(old)
  await heat(test)
  expect(test.marks.size).toBe(1)
})

it('keeps what could not be written, and its mark, and tells whoever wants to read', async () => {
  const test = setUp()
  await heat(test)
  await test.commit()
  test.reply(async () => {
    throw new Error('away')
  })
  await expect(test.late.flush()).rejects.toThrow('away')
  test.advance(5_000)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(test.marks.size).toBe(1)
  test.reply(async () => ({ n: 1 }))
  await test.late.flush()
  expect(test.written).toEqual([test.version()])
})

it('lets a reader wait for a write that is under way, and for what came since', async () => {
  const test = setUp()
  await heat(test)
  await test.commit()
  const { promise, resolve } = Promise.withResolvers<{ n: number }>()
  test.reply(() => promise)
  const first = test.late.flush()
  await Promise.resolve()
  const second = test.late.flush()
  await test.commit()
  const third = test.late.flush()
  let seen = 0
  for (const flush of [second, third])
    void flush.then(() => {
      seen += 1
    })
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toBe(0)
  resolve({ n: 1 })
  await Promise.all([first, second, third])
  expect(test.written.at(-1)).toBe(test.version())
})

it('a document that is due does not make one needless that waits, before it is written', async () => {
  const test = setUp()
  await heat(test)
  await test.commit()
  const waits = test.version()
  const end = { ...stepTo(waits + 1), before: { ...stateAt(waits), total: 7 } }
  const failed = test.late.take([end])
  expect(failed.steps).toEqual([end])
  await test.late.flush()
  expect(test.written).toEqual([waits])
  failed.end(false)

  await test.commit()
  const written = test.late.take([{ ...stepTo(waits + 3), before: { ...stateAt(waits + 2), total: 7 } }])
  written.end(true)
  await test.late.flush()
  expect(test.written).toEqual([waits])
})

it('one that was held up for long does not take the place of those that came since', async () => {
  const test = setUp()
  await heat(test)
  await test.commit()
  const newest = test.version()
  test.late.take([stepTo(newest - 1)]).end(true)
  await test.late.flush()
  expect(test.written).toEqual([newest])
})

it.for([true, false])(
  'lets nothing wait any more when documents were handed to the old version: %s',
  async (rolledBack) => {
    const test = setUp({ rolledBack })
    await heat(test)
    await test.commit()
    test.reply(async () => ({ n: 0 }))
    await test.late.flush()
    expect(await test.commit()).toBe(rolledBack)
  },
)

it('stops with all that waits, once, and nothing waits any more', async () => {
  const test = setUp()
  await heat(test)
  await test.commit()
  await test.late.stop()
  expect(test.written).toEqual([test.version()])
  expect(test.marks.size).toBe(0)
  expect(await test.commit()).toBe(true)
})
