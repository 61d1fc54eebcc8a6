import { freePort } from '../process/free-port.ts'
import { startContainer } from '../provide/container.ts'
import type { Server } from '../server.ts'
import { checkKafka } from './check-kafka.ts'
import { settingsOf } from './settings.ts'

const IMAGE = process.env['PEBBLES_TEST_KAFKA_IMAGE'] ?? 'apache/kafka:4.1.0'

/** One broker, that lets everybody do everything. */
export const startKafkaContainer = async (): Promise<Server & { readonly bootstrap: string }> => {
  const port = await freePort()
  const bootstrap = `127.0.0.1:${port}`
  const settings = settingsOf({
    data: '/tmp/kafka-logs',
    id: 1,
    size: 1,
    voters: '1@localhost:9093',
    listeners: { clients: ':9092', advertised: bootstrap, controller: ':9093', proxied: null },
    users: null,
  })
  const server = await startContainer({
    image: IMAGE,
    environment: Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]),
    ),
    ports: [{ container: 9092, host: port }],
    check: () => checkKafka(bootstrap, null),
  })
  return { ...server, bootstrap }
}
