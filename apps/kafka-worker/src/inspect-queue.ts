import type { QueueFinding } from '@pebbles/intake'
import kafkajs from 'kafkajs'
import { hasErrorType } from './error-type.ts'
import { type BrokerSettings, createClient } from './kafka-client.ts'
import { SILENT } from './read-letters.ts'

export interface InspectQueueDeps {
  readonly broker: BrokerSettings
  readonly topic: string
  readonly deadLetterTopic: string | null
}

const DAY_MS = 86_400_000
/** So long the update ids of a file that was deleted are known. */
const KNOWN_FOR_DAYS = 15

/** Whether the topics are there, and whether messages may be older than what is known of them. Rejects without a broker. */
export const inspectQueue = async ({
  broker,
  topic,
  deadLetterTopic,
}: InspectQueueDeps): Promise<readonly QueueFinding[]> => {
  const admin = createClient(broker, SILENT, { retries: 1 }).admin()
  await admin.connect()
  try {
    const topics = new Set(await admin.listTopics())
    const found = topics.has(topic)
      ? await inspectTopic(admin, topic)
      : finding('fail', 'Kafka topic', `${topic} is not there, or this user may not describe it`, 'Create it')
    if (deadLetterTopic === null || topics.has(deadLetterTopic)) return [found]
    const message = `${deadLetterTopic} is not there, or this user may not describe it: dead letters go to the store`
    return [found, finding('warn', 'Kafka dead letters', message, 'Create it')]
  } finally {
    await admin.disconnect()
  }
}

const inspectTopic = async (admin: kafkajs.Admin, topic: string): Promise<QueueFinding> => {
  const keeps = await retentionOf(admin, topic)
  if (keeps === null) {
    const message = `${topic} is there; this user may not see how long it keeps messages`
    return finding('warn', 'Kafka topic', message, 'Allow DescribeConfigs on it, or look yourself')
  }
  const shown = keeps === Number.POSITIVE_INFINITY ? 'for ever' : `for ${Number((keeps / DAY_MS).toFixed(1))} days`
  if (keeps <= KNOWN_FOR_DAYS * DAY_MS) return finding('ok', 'Kafka topic', `${topic} keeps messages ${shown}`)
  return finding(
    'warn',
    'Kafka topic',
    `${topic} keeps messages ${shown}: read again, those of a file deleted more than ${KNOWN_FOR_DAYS} days ago count anew`,
    `Set its retention.ms to ${KNOWN_FOR_DAYS * DAY_MS} or less`,
  )
}

/** Null when this user may not see it. */
const retentionOf = async (admin: kafkajs.Admin, topic: string): Promise<number | null> => {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic,
          configNames: ['cleanup.policy', 'retention.ms'],
        },
      ],
    })
    const entries = resources.flatMap(({ configEntries }) => configEntries)
    const setting = (name: string): string => entries.find(({ configName }) => configName === name)?.configValue ?? ''
    const keeps = Number(setting('retention.ms'))
    return setting('cleanup.policy').includes('delete') && keeps >= 0 ? keeps : Number.POSITIVE_INFINITY
  } catch (error) {
    if (hasErrorType(error, FORBIDDEN)) return null
    throw error
  }
}

const FORBIDDEN = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'])

const finding = (
  status: QueueFinding['status'],
  check: string,
  message: string,
  cure: string | null = null,
): QueueFinding => ({ check, status, message, cure })
