import type { ClientKrn } from '@pebbles/core'
import {
  type CommandFailedEvent,
  type CommandStartedEvent,
  type CommandSucceededEvent,
  MongoClient,
  ObjectId,
} from 'mongodb'
import { START } from './across-clients.ts'
import { BOUNDED, type Collections, isRolledBack, openCollections } from './collections.ts'
import { createIndexes } from './indexes.ts'
import { NO_CLIENT } from './names.ts'
import { MongoSetupError, mayNotBeAsked, otherLegacyClient } from './store-errors.ts'

/** Sees each command as it is sent, and each answer: how tests prove what the store asks for. */
export interface CommandWatch {
  readonly started?: (event: CommandStartedEvent) => void
  readonly succeeded?: (event: CommandSucceededEvent) => void
  readonly failed?: (event: CommandFailedEvent) => void
}

export interface ConnectOptions {
  readonly uri: string
  readonly legacyClient: ClientKrn
  readonly watch?: CommandWatch
  /** Hears that this user may not ask whether the server is a shard: one that is could not be refused. */
  readonly onShardUnknown?: (error: unknown) => void
}

/** A server that was looked at, and nothing written. */
export interface Database {
  readonly client: MongoClient
  readonly collections: Collections
  readonly topology: 'standalone' | 'replica-set' | 'sharded'
}

export interface Connection extends Database {
  /** Tells this database from every other. */
  readonly storeId: string
}

/**
 * A driver on its defaults hangs for 20 to 35 s on a primary that was stopped; so it is back soon after the set has
 * elected another. Each can be set otherwise in the URI.
 */
export const TIMEOUTS = {
  connectTimeoutMS: 2_000,
  heartbeatFrequencyMS: 2_000,
  serverSelectionTimeoutMS: 5_000,
  waitQueueTimeoutMS: 2_000,
  // Behind every bound of ours, for a server that was stopped between two heartbeats.
  socketTimeoutMS: 20_000,
  maxPoolSize: 20,
}

/** Connects, looks at what is there, and makes the indexes. */
export const connect = async (options: ConnectOptions): Promise<Connection> => {
  const database = await openDatabase(options, TIMEOUTS)
  const { client, collections } = database
  try {
    await refuseRolledBack(collections)
    await createIndexes(collections)
    return { ...database, storeId: await identify(collections) }
  } catch (error) {
    await client.close()
    throw error
  }
}

/** Connects and looks at what is there: whether it may be used with this configuration. Writes nothing. */
export const openDatabase = async (
  { uri, legacyClient, watch, onShardUnknown }: ConnectOptions,
  timeouts: Readonly<Record<string, number>>,
): Promise<Database> => {
  const client = createClient(uri, watch, timeouts)
  try {
    await client.connect()
    const db = client.db()
    const hello = await db.command({ hello: 1 })
    const topology =
      hello['msg'] === 'isdbgrid' ? 'sharded' : hello['setName'] === undefined ? 'standalone' : 'replica-set'
    const collections = openCollections(db)
    if (topology !== 'sharded') await refuseShard(client, onShardUnknown)
    if (topology === 'sharded') await refuseOldDocuments(collections)
    await refuseOtherLegacyClient(collections, legacyClient)
    return { client, collections, topology }
  } catch (error) {
    await client.close()
    throw error
  }
}

const createClient = (
  uri: string,
  watch: CommandWatch | undefined,
  timeouts: Readonly<Record<string, number>>,
): MongoClient => {
  const given = new Set([...new URLSearchParams(uri.split('?')[1] ?? '').keys()].map((name) => name.toLowerCase()))
  const missing = Object.entries(timeouts).filter(([name]) => !given.has(name.toLowerCase()))
  let client: MongoClient
  try {
    client = new MongoClient(uri, {
      ...Object.fromEntries(missing),
      ...(given.has('appname') ? {} : { appName: 'pebbles' }),
      monitorCommands: watch !== undefined,
    })
  } catch (error) {
    throw new MongoSetupError('URI_INVALID', `MONGO_URI cannot be read: ${(error as Error).message}`, { cause: error })
  }
  if (client.options.writeConcern?.w === 0)
    throw new MongoSetupError(
      'URI_UNACKNOWLEDGED',
      'MONGO_URI asks for w=0: writes without an answer. Leave w away, Pebbles writes with majority.',
    )
  if (watch?.started !== undefined) client.on('commandStarted', watch.started)
  if (watch?.succeeded !== undefined) client.on('commandSucceeded', watch.succeeded)
  if (watch?.failed !== undefined) client.on('commandFailed', watch.failed)
  return client
}

/** What is written to one shard behind the router's back is not where the router looks for it. */
const refuseShard = async (client: MongoClient, onUnknown: ConnectOptions['onShardUnknown']): Promise<void> => {
  const state = await client
    .db('admin')
    .command({ shardingState: 1 })
    .catch((error: unknown) => {
      if (!mayNotBeAsked(error)) throw error
      // The role readWrite does not have it, and serves all the same.
      onUnknown?.(error)
      return null
    })
  if (state?.['enabled'] === true)
    throw new MongoSetupError(
      'SHARD_ADDRESSED_DIRECTLY',
      'MONGO_URI leads to a shard of a cluster. Name the cluster’s mongos instead.',
    )
}

/** On a sharded cluster nobody could adopt them: a document’s shard key would have to be made up. */
const refuseOldDocuments = async ({ progress }: Collections): Promise<void> => {
  const old = await progress.findOne(
    // Finds those with a null, too.
    { clientKrn: NO_CLIENT },
    { ...BOUNDED, projection: { _id: 1 }, comment: START },
  )
  if (old !== null)
    throw new MongoSetupError(
      'NOT_MIGRATED',
      'There are documents without clientKrn on a sharded cluster. Run `pebbles migrate up` before sharding.',
    )
}

const refuseOtherLegacyClient = async ({ settings }: Collections, legacyClient: ClientKrn): Promise<void> => {
  const known = await settings.findOne({ _id: 'legacy' }, BOUNDED)
  if (known?.clientKrn !== undefined && known.clientKrn !== legacyClient)
    throw new MongoSetupError('LEGACY_CLIENT_CHANGED', otherLegacyClient(legacyClient, known.clientKrn))
}

/** Until they are given back, the documents of every client are without one, and would all be the legacy client's. */
const refuseRolledBack = async (collections: Collections): Promise<void> => {
  if (await isRolledBack(collections))
    throw new MongoSetupError(
      'ROLLED_BACK',
      '`pebbles migrate down` was run on this database. Stop the old version and run `pebbles migrate up` first.',
    )
}

const identify = async ({ settings }: Pick<Collections, 'settings'>): Promise<string> => {
  const known = await settings.findOne({ _id: 'store' }, BOUNDED)
  if (known?.id !== undefined) return known.id
  const drawn = { $setOnInsert: { id: new ObjectId().toHexString() } }
  await settings.updateOne({ _id: 'store' }, drawn, { ...BOUNDED, upsert: true })
  return identify({ settings })
}
