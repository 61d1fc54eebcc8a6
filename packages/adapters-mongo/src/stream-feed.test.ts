import { setImmediate } from 'node:timers/promises'
import { createTestClock } from '@pebbles/core/testing'
import { Long, type MongoClient, ObjectId, Timestamp } from 'mongodb'
import { expect, it } from 'vitest'
import { createAccess } from './access.ts'
import type { Collections } from './collections.ts'
import { createStreamFeed } from './stream-feed.ts'

const STORE = '0123456789abcdef01234567'
const FILES = ['1', '2', '3'].map((n) => new ObjectId(n.repeat(24)))
const STEP_MS = 5
/** A feed that asks for so many looks at once does not end. */
const MOST_LOOKS = 2_000

/** A server that has one more change at each look, of a file after the other. */
const endlessChanges = () => {
  let time = 0
  let looks = 0
  let seconds = 1_000
  const token = () => {
    seconds += 1
    return { _data: `82${seconds.toString(16).toUpperCase().padStart(8, '0')}00` }
  }
  const command = async (sent: Readonly<Record<string, unknown>>) => {
    await setImmediate()
    time += STEP_MS
    looks += 1
    if (looks > MOST_LOOKS) throw new Error('it would go on for ever')
    const isFirst = 'aggregate' in sent
    const change = { _id: token(), ns: { coll: 'progress' }, documentKey: { _id: FILES[looks % FILES.length] } }
    return {
      cursor: {
        id: Long.fromNumber(7),
        ...(isFirst ? { firstBatch: [] } : { nextBatch: [change] }),
        postBatchResumeToken: isFirst ? token() : change._id,
      },
      operationTime: new Timestamp({ t: 2_000_000, i: 1 }),
    }
  }
  const find = (rows: (ids: readonly ObjectId[]) => readonly object[]) => (filter: { _id: { $in: ObjectId[] } }) => ({
    toArray: async () => {
      time += STEP_MS
      return rows(filter._id.$in)
    },
  })
  const progress = {
    collectionName: 'progress',
    find: find((ids) =>
      ids.map((_id) => ({ _id, clientKrn: 'krn:acme:client:1', filename: `${_id}`, fileId: `${_id}`, version: 1 })),
    ),
  }
  const former = { collectionName: 'progress_former', find: find(() => []) }
  return createStreamFeed({
    client: {
      db: () => ({ command }),
      startSession: () => ({ endSession: async () => undefined }),
    } as unknown as MongoClient,
    collections: { progress, former } as unknown as Collections,
    clock: { ...createTestClock(), monotonic: () => time },
    access: createAccess(),
    storeId: STORE,
    ...{ newFileId: () => '' as never, legacyClient: 'krn:acme:client:1' as never, sharded: false },
  })
}

it('tells what there is though changes come as fast as they are looked for, and goes on behind it', async () => {
  const feed = endlessChanges()
  const start = await feed.position()
  const first = await feed.changes(start, 500)
  expect(first?.events.length).toBeGreaterThan(0)
  const second = await feed.changes(first?.position ?? '', 500)
  expect(second?.events.length).toBeGreaterThan(0)
  expect(feed.covers(second?.events[0]?.position ?? '', first?.position ?? '')).toBe(false)
})
