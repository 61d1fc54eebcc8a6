import { Kafka, logLevel } from 'kafkajs'
import type { KafkaUsers } from './settings.ts'

/** Metadata with a controller that knows itself: then topics can be made. */
export const checkKafka = async (broker: string, users: KafkaUsers | null): Promise<void> => {
  const admin = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 0 },
    ...(users === null ? {} : { sasl: saslOf(users) }),
  }).admin()
  try {
    await admin.connect()
    const { controller, brokers } = await admin.describeCluster()
    if (controller === null || brokers.length === 0) throw new Error('Kafka has no controller yet')
  } finally {
    await admin.disconnect()
  }
}

const saslOf = ({ passwords, superUser }: KafkaUsers) => ({
  mechanism: 'plain' as const,
  username: superUser,
  password: passwords[superUser] ?? '',
})
