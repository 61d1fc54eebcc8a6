import { readFileSync } from 'node:fs'
import { runWorker } from '@pebbles/intake'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'
import { inspectQueue } from './inspect-queue.ts'
import { openStore } from './open-store.ts'
import { type KafkaQueue, startKafkaWorker } from './worker.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

await runWorker<KafkaQueue>({
  channel: 'kafka',
  version,
  openStore,
  isEnabled: ({ kafkaEnabled }) => kafkaEnabled,
  queueVariable: 'KAFKA_BOOTSTRAP_SERVERS',
  queueOf: (config) => {
    const { kafkaBootstrapServers: brokers, kafkaSsl: ssl, kafkaSaslMechanism: mechanism } = config
    if (brokers === null) return null
    const [username, password] = [config.kafkaSaslUsername ?? '', config.kafkaSaslPassword ?? '']
    return {
      broker: { brokers, ssl, sasl: mechanism === null ? null : { mechanism, username, password } },
      topic: config.kafkaTopicName,
      groupId: config.kafkaGroupId,
      deadLetterTopic: config.kafkaDlqTopic,
      onReset: config.kafkaOnReset,
    }
  },
  startIntake: (queue, deps) => startKafkaWorker({ ...queue, ...deps }),
  deadLetters: (queue, rejected) => {
    const deps = { ...queue, rejected, now: Date.now }
    return { list: (limit) => listDeadLetters(deps, limit), replay: () => replayDeadLetters(deps) }
  },
  inspect: inspectQueue,
})
