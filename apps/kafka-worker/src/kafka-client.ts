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
        if (label === 'ERROR' || label === 'WARN') log.warn({ kafka: error, groupId }, message)
        else log.debug({ groupId }, message)
      },
    ...(sasl === null ? {} : { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
  }
  return new kafkajs.Kafka(config)
}
