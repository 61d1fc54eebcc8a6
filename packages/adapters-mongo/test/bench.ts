import { createTestClock, newFileId, type Subject } from '@pebbles/core/testing'
import { type Mongo, readScaleGuide } from '@pebbles/services'
import { MongoClient } from 'mongodb'
import { type Collections, openCollections } from '../src/collections.ts'
import { type MongoStore, type MongoStoreOptions, openMongoStore } from '../src/index.ts'
import { type CommandGuard, createCommandGuard } from './command-guard.ts'
import { LEGACY } from './legacy-client.ts'

export interface BenchSubject extends Subject {
  readonly uri: string
  readonly store: MongoStore
  readonly raw: Collections
  readonly connect: (options?: Partial<MongoStoreOptions>) => Promise<MongoStore>
}

export interface Bench {
  readonly mongo: Mongo
  /** Sees what the stores ask for; whatever else a test opens is held to the same by it. */
  readonly guard: CommandGuard
  /** The URI of a fresh database; on a cluster its collections are sharded as the guide says. */
  readonly database: () => Promise<string>
  readonly open: (uri: string, options?: Partial<MongoStoreOptions>) => Promise<MongoStore>
  /** A fresh store in an emptied database, and its data as they lie there. */
  readonly subject: () => Promise<BenchSubject>
  /** Rejects when the stores that were opened here asked for anything that they must not ask for. */
  readonly stop: () => Promise<void>
}

let drawn = 0

/** What the tests of one server share. */
export const createBench = (mongo: Mongo): Bench => {
  const guard = createCommandGuard()
  let shared: Promise<{ readonly uri: string; readonly client: MongoClient; readonly raw: Collections }> | undefined
  const database = async (): Promise<string> => {
    drawn += 1
    const name = `t${process.pid}_${drawn}`
    const uri = await mongo.database(name)
    if (mongo.cluster !== null)
      for (const [collection, key] of readScaleGuide().shardKeys) await mongo.cluster.shard(name, collection, key)
    return uri
  }
  /** One database for all, emptied: to make one with its indexes takes longer than most tests. */
  const emptied = async () => {
    shared ??= (async () => {
      const uri = await database()
      const client = new MongoClient(uri)
      return { uri, client, raw: openCollections(client.db()) }
    })()
    const { uri, raw } = await shared
    const { db: _, ...collections } = raw
    await Promise.all(Object.values(collections).map((collection) => collection.deleteMany({})))
    return { uri, raw }
  }
  const open: Bench['open'] = (uri, options = {}) => {
    const { clock = createTestClock() } = options
    return openMongoStore({
      uri,
      clock,
      serverTime: async () => clock.now(),
      ids: { fileId: newFileId },
      legacyClient: LEGACY,
      sweepEveryMs: 0,
      watch: guard,
      ...options,
    })
  }
  return {
    mongo,
    guard,
    database,
    open,
    subject: async () => {
      const clock = createTestClock()
      const { uri, raw } = await emptied()
      const store = await open(uri, { clock })
      return {
        ...{ uri, store, clock, raw },
        connect: (options) => open(uri, { clock, ...options }),
        [Symbol.asyncDispose]: () => store.close(),
      }
    },
    stop: async () => {
      await (await shared)?.client.close()
      await mongo.stop()
      guard.check()
    },
  }
}
