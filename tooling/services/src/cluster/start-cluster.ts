import { MongoClient } from 'mongodb'
import { type MongoNode, startMongod } from '../mongo/mongod.ts'
import { initiate } from '../mongo/replica-set.ts'
import { startAll } from '../server.ts'
import { type Chunk, createCatalogue, MAJORITY } from './catalogue.ts'
import { startRouter } from './router.ts'

type Key = Readonly<Record<string, unknown>>
export type ShardName = 's0' | 's1'

/**
 * A sharded cluster of two shards from nothing but mongod 6.0: a config server, two replica sets of one, and a router
 * of our own in place of mongos, which no package registry has. Shows truly: routing by the shard key, what is refused,
 * chunks that move under load, orphans, unique indexes per shard. Cannot: retryable writes, transactions, change streams
 * through the router, `findAndModify`, `count`, `distinct`, the balancer, failover.
 */
export interface Cluster {
  /** Of the router. */
  readonly uri: string
  readonly nodes: readonly MongoNode[]
  readonly shards: Readonly<Record<ShardName, MongoClient>>
  readonly createDatabase: (name: string) => Promise<void>
  /** As sh.shardCollection. A hashed key on an empty collection is spread over both shards at once, a ranged one by `move`. */
  readonly shard: (database: string, collection: string, key: Key) => Promise<void>
  /** Moves the chunk that begins, or is split, at `min`. */
  readonly move: (database: string, collection: string, min: Key, to: ShardName) => Promise<void>
  readonly chunks: (database: string, collection: string) => Promise<Chunk[]>
  /** Runs the work and says which shards saw an operation on the collection meanwhile. */
  readonly shardsHit: (database: string, collection: string, work: () => Promise<unknown>) => Promise<ShardName[]>
  /** Closes the router; the nodes are stopped as servers. */
  readonly close: () => Promise<void>
}

const SHARDS: readonly ShardName[] = ['s0', 's1']

export const startCluster = async (mongod: string): Promise<Cluster> => {
  const start = async (name: string, args: readonly string[], more: Key = {}): Promise<MongoNode> => {
    const node = await startMongod({ mongod, replicaSet: name, args })
    await initiate(name, [node], more)
    return node
  }
  // Orphans go at once: a test that waits for them would wait for a quarter of an hour.
  const shardArgs = ['--shardsvr', '--setParameter', 'orphanCleanupDelaySecs=0']
  const [configNode, node0, node1] = (await startAll([
    start('config', ['--configsvr'], { configsvr: true }),
    start('s0', shardArgs),
    start('s1', shardArgs),
  ])) as [MongoNode, MongoNode, MongoNode]
  const direct = ({ port }: MongoNode): MongoClient =>
    new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
      serverSelectionTimeoutMS: 20_000,
      retryWrites: false,
    })
  const config = direct(configNode)
  const shards = { s0: direct(node0), s1: direct(node1) }
  const admin = config.db('admin')
  for (const [name, node] of [
    ['s0', node0],
    ['s1', node1],
  ] as const)
    await admin.command({ _configsvrAddShard: `${name}/127.0.0.1:${node.port}`, name, ...MAJORITY })
  const catalogue = createCatalogue(config, new Map(Object.entries(shards)))
  const router = await startRouter(node0.port, catalogue)

  return {
    uri: `mongodb://127.0.0.1:${router.port}`,
    nodes: [configNode, node0, node1],
    shards,
    createDatabase: async (name) => {
      await admin.command({ _configsvrCreateDatabase: name, primaryShardId: 's0', ...MAJORITY })
    },
    shard: async (database, collection, key) => {
      const databaseVersion = await catalogue.databaseVersion(database)
      const create = { _shardsvrCreateCollection: collection, shardKey: key, databaseVersion }
      await shards.s0.db(database).command({ ...create, ...MAJORITY })
    },
    move: async (database, collection, min, to) => {
      await admin.command({ _configsvrMoveRange: `${database}.${collection}`, min, toShard: to, ...MAJORITY })
    },
    chunks: (database, collection) => catalogue.chunks(`${database}.${collection}`),
    shardsHit: async (database, collection, work) => {
      const hit: ShardName[] = []
      for (const name of SHARDS) await profile(shards[name], database, 2)
      try {
        await work()
      } finally {
        for (const name of SHARDS) await shards[name].db(database).command({ profile: 0 })
      }
      for (const name of SHARDS) {
        const seen = shards[name].db(database).collection('system.profile')
        // A write of the migration of chunks, and a look by the config server, are nobody's operation.
        const asked = {
          $or: [{ 'command.shardVersion': { $exists: true } }, { op: { $in: ['update', 'remove', 'insert'] } }],
        }
        if ((await seen.countDocuments({ ns: `${database}.${collection}`, ...asked })) > 0) hit.push(name)
      }
      return hit
    },
    close: async () => {
      router.close()
      await Promise.allSettled([config, shards.s0, shards.s1].map((client) => client.close(true)))
    },
  }
}

const profile = async (shard: MongoClient, database: string, level: number): Promise<void> => {
  const db = shard.db(database)
  await db.command({ profile: 0 })
  await db
    .collection('system.profile')
    .drop()
    .catch(() => {})
  await db.command({ profile: level })
}
