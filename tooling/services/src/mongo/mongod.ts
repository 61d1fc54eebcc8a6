import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { spawnServer } from '../process/spawn-server.ts'
import type { Server } from '../server.ts'

export interface MongodOptions {
  readonly mongod: string
  readonly replicaSet?: string
  /** The cache that a mongod has by default, half of the machine's memory; else little, as others run beside it. */
  readonly wholeCache?: boolean
  /** Nobody may do anything but by a user; of a replica set. */
  readonly accessControl?: boolean
  readonly args?: readonly string[]
}

/** One mongod, that takes fail points. */
export interface MongoNode extends Server {
  readonly port: number
  /** Of its process; undefined while it does not run, and in a container. */
  readonly pid: () => number | undefined
  /** Runs a command on this very node, whatever role it has. */
  readonly command: (command: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>
}

/**
 * A secondary whose source was stopped asks it once more and waits, 18 s in all by the defaults, before it turns to the
 * new primary; until then no write has a majority, whoever is primary.
 */
const SYNC_ELSEWHERE = [
  ...['--setParameter', 'oplogNetworkTimeoutBufferSeconds=1'],
  ...['--setParameter', 'oplogFetcherSteadyStateMaxFetcherRestarts=0'],
]

export const startMongod = async ({
  mongod,
  replicaSet,
  wholeCache = false,
  accessControl = false,
  args = [],
}: MongodOptions): Promise<MongoNode> => {
  const server = await spawnServer({
    name: 'mongod',
    command: mongod,
    args: ({ folder, port }) => [
      ...['--dbpath', join(folder, 'data'), '--port', `${port}`, '--bind_ip', '127.0.0.1', '--nounixsocket'],
      ...(wholeCache ? [] : ['--wiredTigerCacheSizeGB', '0.25']),
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
      // For fail points: how tests make a command fail in a way of their choice.
      ...['--setParameter', 'enableTestCommands=1'],
      ...(replicaSet === undefined ? [] : ['--replSet', replicaSet, ...SYNC_ELSEWHERE]),
      ...(accessControl ? ['--keyFile', keyFileIn(folder)] : []),
      ...args,
    ],
    prepare: async ({ folder }) => {
      if (accessControl) await writeFile(keyFileIn(folder), 'pebbles', { mode: 0o600 })
      await mkdir(join(folder, 'data'), { recursive: true })
    },
    check: async ({ port }) => {
      await commandAt(port, { hello: 1 })
    },
  })
  return { ...server, command: (command) => commandAt(server.port, command) }
}

/** How members of a set know each other; without one a set with access control does not start. */
const keyFileIn = (folder: string): string => join(folder, 'key')

/** Runs a command on the mongod at a port of this machine. */
export const commandAt = async (
  port: number,
  command: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> => {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 2_000,
    connectTimeoutMS: 2_000,
    retryWrites: false,
    retryReads: false,
  })
  try {
    return await client.db('admin').command(command)
  } finally {
    await client.close()
  }
}
