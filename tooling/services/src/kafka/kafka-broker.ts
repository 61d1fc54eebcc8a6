import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../process/free-port.ts'
import { type Place, spawnServer } from '../process/spawn-server.ts'
import { fetchJars } from '../provide/fetch-jars.ts'
import { runTool } from '../provide/run-tool.ts'
import type { Server } from '../server.ts'
import { checkKafka } from './check-kafka.ts'
import { type KafkaProxy, type KafkaUsers, settingsOf } from './settings.ts'

/** One broker among those of its cluster. */
export interface KafkaBroker extends Server {
  readonly id: number
  /** `host:port`, now. */
  readonly address: () => string
  /** Kills it and starts it on its data, but at another address. */
  readonly move: () => Promise<void>
}

export interface BrokerOptions {
  readonly jars: string
  readonly id: number
  readonly clusterId: string
  /** The ports of the controllers of all its cluster, in the order of their ids, which begin with 1. Null: it is alone. */
  readonly controllers: readonly number[] | null
  readonly users: KafkaUsers | null
  readonly proxy: KafkaProxy | null
}

const CURE =
  'No Kafka for the tests. Any of these gives one: PEBBLES_TEST_KAFKA_BOOTSTRAP or a Docker API, where one broker without passwords will do; java 17 or newer with mvn, which fetches Kafka 4.1.0 once (43 MB) into ~/.cache/pebbles.'
const HOST = '127.0.0.1'
// A broker that does not start says why by its log alone.
const WARNINGS = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'

export const startKafkaBroker = async (options: BrokerOptions): Promise<KafkaBroker> => {
  const { jars, id, clusterId, controllers, users, proxy } = options
  const size = controllers?.length ?? 1
  // The one that compiles less starts sooner, and a broker of a test does not live long.
  const heap = size === 1 ? '-Xmx512m' : '-Xmx256m'
  const java = [heap, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', WARNINGS, '-cp', jars]
  const fileIn = (folder: string): string => join(folder, 'server.properties')
  let place: Place | null = null
  let address = ''
  const settle = async ({ folder, innerPort }: Place, port: number): Promise<void> => {
    address = `${HOST}:${port}`
    const inner = controllers ?? [innerPort]
    const settings = settingsOf({
      data: join(folder, 'data'),
      ...{ id, size, users },
      voters: inner.map((controller, index) => `${index + 1}@${HOST}:${controller}`).join(),
      listeners: {
        ...{ clients: address, advertised: address, controller: `${HOST}:${inner[id - 1]}` },
        proxied: proxy && { clients: `${HOST}:${proxy.target}`, advertised: `${HOST}:${proxy.port}` },
      },
    })
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
    await writeFile(fileIn(folder), lines.join(''))
  }
  const server = await spawnServer({
    name: 'kafka',
    command: 'java',
    args: ({ folder }) => [...java, 'kafka.Kafka', fileIn(folder)],
    prepare: async (found) => {
      place = found
      await settle(found, found.port)
      const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', fileIn(found.folder)]
      await runTool('java', [...java, ...format], found.folder, CURE)
    },
    check: () => checkKafka(address, users),
  })
  return {
    ...server,
    id,
    address: () => address,
    move: async () => {
      await server.kill()
      if (place !== null) await settle(place, await freePort())
      await server.restart()
    },
  }
}

/** A class path with Kafka and its Java client. */
export const fetchKafkaJars = (): Promise<string> =>
  fetchJars({
    name: 'kafka-4.1.0',
    sha256: '55f270f3e939df6bf3de320c43425cf1456a55dea613b79959efa5b38faab2e8',
    artifacts: ['org.apache.kafka:kafka_2.13:4.1.0', 'org.slf4j:slf4j-simple:1.7.36'],
    cure: CURE,
  })
