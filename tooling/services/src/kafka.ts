import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { freePort } from './process/free-port.ts'
import { type Place, spawnServer } from './process/spawn-server.ts'
import { startContainer } from './provide/container.ts'
import { dockerAnswers } from './provide/docker.ts'
import { fetchJars } from './provide/fetch-jars.ts'
import { runTool } from './provide/run-tool.ts'
import { foreignServer, type Server } from './server.ts'

export interface KafkaServer extends Server {
  /** `host:port`, several by comma. */
  readonly bootstrap: string
}

export interface KafkaOptions {
  /** The caller will kill or pause it, so a server of the environment will not do. */
  readonly faults?: boolean
}

const CURE =
  'No Kafka for the tests. Any of these gives one: PEBBLES_TEST_KAFKA_BOOTSTRAP; a Docker API; java 17 or newer with mvn, which fetches Kafka 4.1.0 once (43 MB) into ~/.cache/pebbles.'
const IMAGE = process.env['PEBBLES_TEST_KAFKA_IMAGE'] ?? 'apache/kafka:4.1.0'

/** Starts a Kafka broker of one node, or takes the one of `PEBBLES_TEST_KAFKA_BOOTSTRAP`. */
export const startKafka = async ({ faults = false }: KafkaOptions = {}): Promise<KafkaServer> => {
  const given = process.env['PEBBLES_TEST_KAFKA_BOOTSTRAP']
  if (given !== undefined && !faults) return { ...foreignServer('Kafka'), bootstrap: given }
  if (await dockerAnswers()) return startKafkaContainer()
  const jars = await fetchKafkaJars()
  // The one that compiles less starts sooner, and a broker of a test does not live long.
  const java = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', jars]
  const server = await spawnServer({
    name: 'kafka',
    command: 'java',
    args: ({ folder }) => [...java, 'kafka.Kafka', join(folder, 'server.properties')],
    prepare: async (place) => {
      const file = join(place.folder, 'server.properties')
      await writeFile(file, properties(place))
      const cluster = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
      await runTool(
        'java',
        [...java, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file],
        place.folder,
        CURE,
      )
    },
    check: ({ port }) => checkKafka(`127.0.0.1:${port}`),
  })
  return { ...server, bootstrap: `127.0.0.1:${server.port}` }
}

/** A class path with Kafka and its Java client. */
export const fetchKafkaJars = (): Promise<string> =>
  fetchJars({
    name: 'kafka-4.1.0',
    sha256: 'eed3c002f3397ac4b605a8d5d5a62bfb671b5f9fa7f6972f5f5f234fc702dcad',
    artifacts: ['org.apache.kafka:kafka_2.13:4.1.0', 'org.slf4j:slf4j-nop:1.7.36'],
    cure: CURE,
  })

const settings = (data: string): Record<string, string> => ({
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'log.dirs': data,
  'num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // A group of a test need not wait for more members.
  'group.initial.rebalance.delay.ms': '0',
  'log.cleaner.dedupe.buffer.size': '2097152',
  'log.cleaner.backoff.ms': '500',
})

const properties = ({ folder, port, innerPort }: Place): string =>
  Object.entries({
    ...settings(join(folder, 'data')),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${innerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.quorum.voters': `1@127.0.0.1:${innerPort}`,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

const startKafkaContainer = async (): Promise<KafkaServer> => {
  const port = await freePort()
  const environment = Object.entries({
    ...settings('/tmp/kafka-logs'),
    listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.quorum.voters': '1@localhost:9093',
  }).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value])
  const server = await startContainer({
    image: IMAGE,
    environment: Object.fromEntries(environment),
    ports: [{ container: 9092, host: port }],
    check: () => checkKafka(`127.0.0.1:${port}`),
  })
  return { ...server, bootstrap: `127.0.0.1:${port}` }
}

/** Metadata with a controller that knows itself: then topics can be made. */
const checkKafka = async (broker: string): Promise<void> => {
  const admin = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  }).admin()
  try {
    await admin.connect()
    const { controller, brokers } = await admin.describeCluster()
    if (controller === null || brokers.length === 0) throw new Error('Kafka has no controller yet')
  } finally {
    await admin.disconnect()
  }
}
