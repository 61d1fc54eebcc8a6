import { createLogThrottle, type Logger, systemClock } from '@pebbles/runtime'
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

/** A broker that is away is met by each try of each connection, some times in a second, for as long as it is away. */
const QUIET_MS = 30_000

/** The client for consumers, producers and administrators, which logs where everything else does. */
export const createClient = (
  { brokers, ssl, sasl }: BrokerSettings,
  log: Pick<Logger, 'debug' | 'warn'>,
  retry: NonNullable<KafkaConfig['retry']> = {},
): kafkajs.Kafka => {
  registerCodecs()
  const due = createLogThrottle(systemClock, QUIET_MS)
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
        if (isTrouble && due(`${message} ${error ?? ''}`) > 0) log.warn({ kafka: error, groupId }, message)
        else log.debug({ groupId }, message)
      },
    ...(sasl === null ? {} : { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
  }
  return new kafkajs.Kafka(config)
}
