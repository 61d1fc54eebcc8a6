import type { FileState, ListFilter } from '@pebbles/core'
import { client, createTestClock } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { ObjectId } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'
import { LEGACY } from '../test/legacy-client.ts'
import type { Collections } from './collections.ts'
import { listFiles, pickFiles, scanFiles } from './list-files.ts'
import { createOldNames } from './old-names.ts'

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

/** More than a server reads ahead while it chooses its plan. */
const OTHERS = 400
const MOVING = 1_000
const idOf = (n: number): ObjectId => new ObjectId(n.toString(16).padStart(24, '0'))

const old = (n: number, filename: string, more: object = {}) => ({
  ...{ _id: idOf(n), filename, email: 'ada@example.com', counts: { done: 1, warn: 0, failed: 0 }, total: null },
  ...{ isCompleted: false, createdAt: '2025-06-20T12:00:00Z', updatedAt: '2025-06-20T12:00:00Z', ...more },
})

/** The collection, in which something happens between two documents of a cursor. */
const interrupted = (progress: Collections['progress'], after: number, work: () => Promise<unknown>) => {
  let seen = 0
  async function* rows(cursor: AsyncIterable<unknown>) {
    for await (const row of cursor) {
      if (seen === after) await work()
      seen += 1
      yield row
    }
    if (seen <= after) await work()
  }
  return new Proxy(progress, {
    get: (target, name) => {
      if (name !== 'find') return Reflect.get(target, name).bind(target)
      return (...given: Parameters<typeof target.find>) => ({
        sort: (order: never) => rows(target.find(...given).sort(order)),
      })
    },
  })
}

describe.skipIf(bench === null)('lists, while documents get their client', () => {
  // Old documents are looked at one by one for a part of their name, so these are read in several batches.
  const filter: ListFilter = { client: LEGACY, stalledBefore: 0, q: 'want' }
  const kinds = {
    'an export': (deps: Parameters<typeof scanFiles>[0]) => scanFiles(deps, filter, 3, null),
    'a page': (deps: Parameters<typeof scanFiles>[0]) => listFiles(deps, filter, 3, null),
    'a list of ids': (deps: Parameters<typeof scanFiles>[0]) =>
      pickFiles(deps, filter, [1, MOVING, 3_000].map((n) => String(idOf(n))) as FileState['fileId'][]),
  }
  it.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s has each file once', async (kind) => {
    if (bench === null) return
    for (const after of [0, 1, 2, 5, OTHERS, OTHERS + 2]) {
      await using subject = await bench.subject()
      const { progress } = subject.raw
      // Those of another client make an index of it worth while.
      const others = Array.from({ length: OTHERS }, (_, n) => [
        old(n < 200 ? 800 + n : 801 + n, `other-${n}.csv`),
        old(100 + n, `foreign-${n}.csv`, { clientKrn: client() }),
      ]).flat()
      // One that is on its way to its client, and two that have it, on either side of all the others.
      const has = { clientKrn: LEGACY }
      const want = [old(MOVING, 'want.csv'), old(1, 'want-first.csv', has), old(3_000, 'want-last.csv', has)]
      await progress.insertMany([...others, ...want] as never)
      const adopt = () => progress.updateOne({ _id: idOf(MOVING) }, { $set: { clientKrn: LEGACY, homeClient: LEGACY } })
      const found = await kinds[kind]({
        ...{ clock: createTestClock(), newFileId: () => '' as never, legacyClient: LEGACY, sharded: false },
        ...{
          collections: { ...subject.raw, progress: interrupted(progress, after, adopt) },
          oldNames: createOldNames(),
        },
      } as never)
      expect(found.map(({ filename }) => filename).sort(), `after ${after}`).toEqual([
        ...['want-first.csv', 'want-last.csv', 'want.csv'],
      ])
    }
  })
})
