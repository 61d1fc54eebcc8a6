import type { Logger } from '@pebbles/runtime'
import kafkajs, { type KafkaConfig } from 'kafkajs'
import { registerCodecs } from './codecs.ts'

/** Where the brokers are, and who asks. */
export interface BrokerSettings {
  readonly brokers: readonly string[]
  readonly ssl: boolean
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  } | null
}

/** The client for consumers, producers and administrators, which logs where everything else does. */
export const createClient = (
  { brokers, ssl, sasl }: BrokerSettings,
  log: Pick<Logger, 'debug' | 'warn'>,
  retry: NonNullable<KafkaConfig['retry']> = {},
): kafkajs.Kafka => {
  registerCodecs()
  const isNews = createIsNews()
  const config: KafkaConfig = {
    clientId: 'pebbles',
    brokers: [...brokers],
    ssl,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    enforceRequestTimeout: true,
    retry,
    logCreator:
      () =>
      ({ label, log: { message, error, groupId } }) => {
        const isTrouble = label === 'ERROR' || label === 'WARN'
        if (isTrouble && isNews(`${message} ${error ?? ''}`)) log.warn({ kafka: error, groupId }, message)
        else log.debug({ groupId }, message)
      },
    ...(sasl === null ? {} : { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
  }
  return new kafkajs.Kafka(config)
}

/** A broker that is away is met by each try of each connection, some times in a second, for as long as it is away. */
const SAY_AGAIN_AFTER_MS = 30_000
const MOST_REMEMBERED = 200

/** Whether something was not said for a while. */
const createIsNews = (): ((said: string) => boolean) => {
  const saidAt = new Map<string, number>()
  return (said) => {
    const now = performance.now()
    if (now - (saidAt.get(said) ?? Number.NEGATIVE_INFINITY) < SAY_AGAIN_AFTER_MS) return false
    if (saidAt.size >= MOST_REMEMBERED) saidAt.clear()
    saidAt.set(said, now)
    return true
  }
}
