import { Long, type MongoClient, Timestamp } from 'mongodb'

export type Command = Record<string, unknown> & { readonly $db: string }
type Answer = Record<string, unknown>

export interface Chunk {
  readonly shard: string
  readonly min: Record<string, unknown>
  readonly lastmod: Timestamp
}

interface ShardedCollection {
  readonly uuid: unknown
  readonly timestamp: unknown
  readonly lastmodEpoch: unknown
}

/** What the config server knows of collections and chunks, and the commands of indexes and collections made from it. */
export interface Catalogue {
  readonly chunks: (namespace: string) => Promise<Chunk[]>
  readonly databaseVersion: (name: string) => Promise<unknown>
  /** Answers by the command's name; a name that is missing is the shard's own business. */
  readonly commands: ReadonlyMap<string, (command: Command) => Promise<Answer>>
}

export const MAJORITY = { writeConcern: { w: 'majority', wtimeout: 60_000 } }

export const createCatalogue = (config: MongoClient, shards: ReadonlyMap<string, MongoClient>): Catalogue => {
  const primaryShard = shards.get('s0') as MongoClient
  const collection = (namespace: string): Promise<ShardedCollection | null> =>
    config.db('config').collection<ShardedCollection & { _id: string }>('collections').findOne({ _id: namespace })
  const chunksOf = async ({ uuid }: ShardedCollection): Promise<Chunk[]> =>
    config.db('config').collection<Chunk & { uuid: unknown }>('chunks').find({ uuid }).sort({ min: 1 }).toArray()
  const databaseVersion = async (name: string): Promise<unknown> =>
    (await config.db('config').collection<{ _id: string; version: unknown }>('databases').findOne({ _id: name }))
      ?.version

  const onPrimary = async (command: Command): Promise<Answer> => {
    const { $clusterTime, operationTime, ...answer } = await primaryShard.db(command.$db).command(plain(command))
    const cursor = answer['cursor'] as object | undefined
    return cursor === undefined ? answer : { ...answer, cursor: { ...cursor, id: Long.ZERO } }
  }

  /** On every shard that owns a chunk, and always on the primary shard. */
  const createIndexes = async (command: Command): Promise<Answer> => {
    const known = await collection(`${command.$db}.${command['createIndexes']}`)
    const chunks = known === null ? [] : await chunksOf(known)
    let answer: Answer = {}
    for (const name of new Set(['s0', ...chunks.map((chunk) => chunk.shard)])) {
      const versions = chunks.filter((chunk) => chunk.shard === name).map((chunk) => chunk.lastmod)
      const newest = versions.sort((a, b) => a.compare(b)).at(-1) ?? new Timestamp({ t: 0, i: 0 })
      const version = known === null ? {} : { shardVersion: { t: known.timestamp, e: known.lastmodEpoch, v: newest } }
      answer =
        (await shards
          .get(name)
          ?.db(command.$db)
          .command({ ...plain(command), ...version })) ?? answer
    }
    return { numIndexesBefore: answer['numIndexesBefore'], numIndexesAfter: answer['numIndexesAfter'] }
  }

  const dropIndexes = async (command: Command): Promise<Answer> => {
    if ((await collection(`${command.$db}.${command['dropIndexes']}`)) === null) return onPrimary(command)
    return primaryShard.db(command.$db).command({
      _shardsvrDropIndexes: command['dropIndexes'],
      index: command['index'],
      databaseVersion: await databaseVersion(command.$db),
      ...MAJORITY,
    })
  }

  const killCursors = async (command: Command): Promise<Answer> => ({
    cursorsKilled: command['cursors'],
    cursorsNotFound: [],
    cursorsAlive: [],
    cursorsUnknown: [],
  })

  return {
    chunks: async (namespace) => {
      const known = await collection(namespace)
      return known === null ? [] : chunksOf(known)
    },
    databaseVersion,
    commands: new Map([
      ['createIndexes', createIndexes],
      ['dropIndexes', dropIndexes],
      ['listIndexes', onPrimary],
      ['listCollections', onPrimary],
      ['create', onPrimary],
      ['killCursors', killCursors],
    ]),
  }
}

/** Without what a driver adds for the one session and connection it was sent on. */
const plain = ({ $db, lsid, $clusterTime, txnNumber, $readPreference, ...command }: Command): Record<string, unknown> =>
  command
