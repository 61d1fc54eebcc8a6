import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceError } from '../server.ts'
import type { MongoNode } from './mongod.ts'

/** Makes a replica set of nodes that were started for it, and waits until it takes writes. */
export const initiate = async (
  name: string,
  nodes: readonly MongoNode[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const [first] = nodes
  if (first === undefined) throw new Error('a replica set without nodes')
  const members = nodes.map((node, index) => ({ _id: index, host: `127.0.0.1:${node.port}` }))
  await first.command({ replSetInitiate: { _id: name, members, ...more } })
  await primaryOf(nodes)
}

export const setElectionTimeout = async (nodes: readonly MongoNode[], ms: number): Promise<void> => {
  const primary = await primaryOf(nodes)
  const { config } = (await primary.command({ replSetGetConfig: 1 })) as { config: Config }
  const settings = { ...config.settings, electionTimeoutMillis: ms }
  await primary.command({ replSetReconfig: { ...config, version: config.version + 1, settings } })
}

interface Config {
  readonly version: number
  readonly settings: Readonly<Record<string, unknown>>
}

const ELECTION_MS = 60_000

/** The node that takes writes, once there is one. A node that is dead or stopped is passed over. */
export const primaryOf = async (nodes: readonly MongoNode[]): Promise<MongoNode> => {
  const deadline = performance.now() + ELECTION_MS
  while (performance.now() < deadline) {
    const found = await Promise.all(nodes.map(isPrimary))
    const primary = nodes[found.indexOf(true)]
    if (primary !== undefined) return primary
    await sleep(50)
  }
  throw new ServiceError('SERVICE_FAILED', 'the replica set elected no primary within a minute')
}

const isPrimary = (node: MongoNode): Promise<boolean> =>
  node.command({ hello: 1 }).then(
    (hello) => hello['isWritablePrimary'] === true,
    () => false,
  )
