import { freePort } from '../process/free-port.ts'
import { dockerAnswers } from '../provide/docker.ts'
import { foreignServer, joinServers, type Server, startAll } from '../server.ts'
import { newClusterId } from './cluster-id.ts'
import { fetchKafkaJars, type KafkaBroker, startKafkaBroker } from './kafka-broker.ts'
import { startKafkaContainer } from './kafka-container.ts'
import type { KafkaProxy, KafkaUsers } from './settings.ts'

export interface KafkaServer extends Server {
  /** `host:port`, several by comma: where they were when they were started. */
  readonly bootstrap: string
  /** One by one, those that are processes of this machine. */
  readonly brokers: readonly KafkaBroker[]
}

export interface KafkaOptions {
  /** The caller will kill or pause it, so a server of the environment will not do. */
  readonly faults?: boolean
  /** Of three any one may be away: each has all, and two are enough. */
  readonly brokers?: 1 | 3
  /** By SASL/PLAIN; none may do anything before the super user says so. Unset: everybody may do everything. */
  readonly users?: KafkaUsers
  /** Before the one broker. */
  readonly proxy?: KafkaProxy
}

/** Starts Kafka, or takes the broker of `PEBBLES_TEST_KAFKA_BOOTSTRAP` where one will do that has no passwords. */
export const startKafka = async (options: KafkaOptions = {}): Promise<KafkaServer> => {
  const { faults = false, brokers: size = 1, users = null, proxy = null } = options
  const isPlain = size === 1 && users === null && proxy === null
  const given = process.env['PEBBLES_TEST_KAFKA_BOOTSTRAP']
  if (given !== undefined && isPlain && !faults) return { ...foreignServer('Kafka'), bootstrap: given, brokers: [] }
  if (isPlain && (await dockerAnswers())) return { ...(await startKafkaContainer()), brokers: [] }
  const jars = await fetchKafkaJars()
  const clusterId = newClusterId()
  const ids = Array.from({ length: size }, (_, index) => index + 1)
  const controllers = size === 1 ? null : await Promise.all(ids.map(() => freePort()))
  const brokers = await startAll(ids.map((id) => startKafkaBroker({ jars, id, clusterId, controllers, users, proxy })))
  return { ...joinServers(brokers), bootstrap: brokers.map(({ address }) => address()).join(), brokers }
}
