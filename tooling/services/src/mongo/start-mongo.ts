import { MongoClient } from 'mongodb'
import { type Cluster, startCluster } from '../cluster/start-cluster.ts'
import { dockerAnswers } from '../provide/docker.ts'
import { fetchMongod } from '../provide/fetch-mongod.ts'
import { foreignServer, joinServers, type Server, ServiceError, startAll } from '../server.ts'
import { startMongoContainer } from './mongo-container.ts'
import { type MongodOptions, type MongoNode, startMongod } from './mongod.ts'
import { initiate, primaryOf, setElectionTimeout } from './replica-set.ts'

/** `replica-set` has one node, `replica-set-3` three, `sharded` two shards. */
export type MongoTopology = 'standalone' | 'replica-set' | 'replica-set-3' | 'sharded'

export interface MongoOptions {
  readonly topology: MongoTopology
  /** The caller will kill, pause or fail it, so a server of the environment will not do. */
  readonly faults?: boolean
  /**
   * Of `replica-set`: who asks must be a user, and the URI is that of one who may do everything. It may be made a shard.
   * Commands at its nodes are nobody's, and refused.
   */
  readonly accessControl?: boolean
  /** How long the members of `replica-set-3` miss a primary before they elect another: 2 s here, 10 s by MongoDB's default. */
  readonly electionMs?: number
  /** For a bench: one that has the machine to itself is measured as it comes. Of `sharded` it changes nothing. */
  readonly wholeCache?: boolean
}

export interface Mongo extends Server {
  readonly topology: MongoTopology
  /** Without a database. */
  readonly uri: string
  /** The URI of a database; on a sharded cluster the database is made first, on its first shard. */
  readonly database: (name: string) => Promise<string>
  readonly nodes: readonly MongoNode[]
  /** The node that takes writes. Waits for an election that is going on. */
  readonly primary: () => Promise<MongoNode>
  /** Only on `sharded`. */
  readonly cluster: Cluster | null
}

/** Starts a MongoDB, or takes the one of `PEBBLES_TEST_MONGO_URI` when its topology is the wanted one. */
export const startMongo = async ({
  topology,
  faults = false,
  accessControl = false,
  electionMs = 2_000,
  wholeCache = false,
}: MongoOptions): Promise<Mongo> => {
  const given = process.env['PEBBLES_TEST_MONGO_URI']
  if (given !== undefined && !faults && !accessControl && topology === (await topologyAt(given)))
    return describe(topology, given, [], foreignServer('MongoDB'), null)
  // Several containers would need names that lead to each from within and from outside: those topologies are native.
  if ((topology === 'standalone' || topology === 'replica-set') && !accessControl && (await dockerAnswers())) {
    const node = await startMongoContainer(topology)
    return describe(topology, uriOf([node], topology), [node], node, null)
  }
  const mongod = await fetchMongod()
  switch (topology) {
    case 'standalone': {
      const node = await startMongod({ mongod, wholeCache })
      return describe(topology, uriOf([node], topology), [node], node, null)
    }
    case 'replica-set':
      return accessControl
        ? startWithUsers(mongod, electionMs)
        : startReplicaSet({ mongod, wholeCache }, topology, 1, electionMs)
    case 'replica-set-3':
      return startReplicaSet({ mongod, wholeCache }, topology, 3, electionMs)
    case 'sharded': {
      const cluster = await startCluster(mongod)
      return describe(topology, cluster.uri, cluster.nodes, joinServers(cluster.nodes, cluster.close), cluster)
    }
  }
}

const startReplicaSet = async (
  options: MongodOptions,
  topology: MongoTopology,
  size: number,
  electionMs: number,
): Promise<Mongo> => {
  const nodes = await startAll(Array.from({ length: size }, () => startMongod({ ...options, replicaSet: 'rs' })))
  const all = joinServers(nodes)
  try {
    // The first election waits as long as any other, so it is held early.
    const settings = { electionTimeoutMillis: Math.min(1_000, electionMs), heartbeatIntervalMillis: HEARTBEAT_MS }
    await initiate('rs', nodes, { settings })
    if (size > 1) await setElectionTimeout(nodes, electionMs)
  } catch (error) {
    await all.stop()
    throw error
  }
  return describe(topology, uriOf(nodes, topology), nodes, all, null)
}

const startWithUsers = async (mongod: string, electionMs: number): Promise<Mongo> => {
  const options = { mongod, accessControl: true, args: ['--shardsvr'] }
  const set = await startReplicaSet(options, 'replica-set', 1, electionMs)
  try {
    // While there is no user, one who comes from this machine may make the first.
    const roles = [{ role: '__system', db: 'admin' }]
    await (await set.primary()).command({ createUser: 'root', pwd: 'secret', roles })
  } catch (error) {
    await set.stop()
    throw error
  }
  const uri = `${set.uri.replace('mongodb://', 'mongodb://root:secret@')}&authSource=admin`
  return describe('replica-set', uri, set.nodes, set, null)
}

/**
 * A secondary whose source was stopped waits 30 s, a constant, for it to take its report of how far it is. Until then
 * the new primary hears of it by heartbeats only: at their default of 2 s each majority write takes as long.
 */
const HEARTBEAT_MS = 500

const uriOf = (nodes: readonly MongoNode[], topology: MongoTopology): string => {
  const hosts = nodes.map((node) => `127.0.0.1:${node.port}`).join(',')
  return topology === 'standalone' ? `mongodb://${hosts}` : `mongodb://${hosts}/?replicaSet=rs`
}

const describe = (
  topology: MongoTopology,
  uri: string,
  nodes: readonly MongoNode[],
  server: Server,
  cluster: Cluster | null,
): Mongo => ({
  ...server,
  topology,
  uri,
  nodes,
  cluster,
  database: async (name) => {
    await cluster?.createDatabase(name)
    return withDatabase(uri, name)
  },
  primary: async () => {
    const [only] = nodes
    if (only === undefined) throw new ServiceError('SERVICE_NOT_OURS', 'the nodes of this MongoDB are not ours')
    return nodes.length === 1 ? only : primaryOf(nodes)
  },
})

/** Several hosts in one URI are nothing that URL can parse. */
const withDatabase = (uri: string, name: string): string => {
  const [, head = '', options = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri) ?? []
  return `${head}/${name}${options}`
}

const topologyAt = async (uri: string): Promise<MongoTopology> => {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 10_000 })
  try {
    const hello = await client.db('admin').command({ hello: 1 })
    if (hello['msg'] === 'isdbgrid') return 'sharded'
    if (hello['setName'] === undefined) return 'standalone'
    return hello['hosts'].length > 1 ? 'replica-set-3' : 'replica-set'
  } finally {
    await client.close()
  }
}
