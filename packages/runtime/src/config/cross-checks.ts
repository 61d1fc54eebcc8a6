import type { Values, VariableName } from './registry.ts'

/** What must hold between variables. It is asked only when each of them is valid by itself. */
export interface CrossCheck {
  readonly of: readonly VariableName[]
  readonly holds: (values: Values) => boolean
  readonly problem: string
}

export const CROSS_CHECKS: readonly CrossCheck[] = [
  {
    of: ['nodeEnv', 'jwtSecret', 'jwtJwksUrl', 'jwtPublicKey'],
    holds: ({ nodeEnv, jwtSecret, jwtJwksUrl, jwtPublicKey }) =>
      nodeEnv !== 'production' || jwtSecret !== null || jwtJwksUrl !== null || jwtPublicKey !== null,
    problem:
      'NODE_ENV=production needs a key that verifies tokens: set JWT_SECRET, JWT_JWKS_URL or JWT_PUBLIC_KEY; for example JWT_JWKS_URL=https://login.example.com/.well-known/jwks.json',
  },
  {
    of: ['legacyRoutes', 'legacyDeprecatedAt'],
    holds: ({ legacyRoutes, legacyDeprecatedAt }) => legacyRoutes !== 'deprecated' || legacyDeprecatedAt !== null,
    problem: 'LEGACY_ROUTES=deprecated needs LEGACY_DEPRECATED_AT; for example LEGACY_DEPRECATED_AT=2027-01-31',
  },
  {
    of: ['legacyDeprecatedAt', 'legacySunsetAt'],
    holds: ({ legacyDeprecatedAt, legacySunsetAt }) =>
      legacyDeprecatedAt === null || legacySunsetAt === null || legacyDeprecatedAt <= legacySunsetAt,
    problem:
      'LEGACY_SUNSET_AT is before LEGACY_DEPRECATED_AT; for example LEGACY_DEPRECATED_AT=2027-01-31 LEGACY_SUNSET_AT=2027-03-31',
  },
  {
    of: ['sqsEnabled', 'sqsQueueUrl'],
    holds: ({ sqsEnabled, sqsQueueUrl }) => !sqsEnabled || sqsQueueUrl !== null,
    problem:
      'SQS_ENABLED=true needs SQS_QUEUE_URL; for example SQS_QUEUE_URL=https://sqs.eu-central-1.amazonaws.com/1/progress',
  },
  {
    of: ['sqsQueueUrl', 'sqsDlqUrl', 'sqsEndpoint'],
    holds: ({ sqsQueueUrl, sqsDlqUrl, sqsEndpoint }) =>
      sqsQueueUrl === null ||
      sqsDlqUrl === null ||
      queueOf(sqsQueueUrl, sqsEndpoint) !== queueOf(sqsDlqUrl, sqsEndpoint),
    problem:
      'SQS_DLQ_URL is the queue itself: refused messages would come back for ever; for example SQS_DLQ_URL=https://sqs.eu-central-1.amazonaws.com/1/progress-dead',
  },
  {
    of: ['kafkaEnabled', 'kafkaBootstrapServers'],
    holds: ({ kafkaEnabled, kafkaBootstrapServers }) => !kafkaEnabled || kafkaBootstrapServers !== null,
    problem: 'KAFKA_ENABLED=true needs KAFKA_BOOTSTRAP_SERVERS; for example KAFKA_BOOTSTRAP_SERVERS=localhost:9092',
  },
  {
    of: ['kafkaTopicName', 'kafkaDlqTopic'],
    holds: ({ kafkaTopicName, kafkaDlqTopic }) => kafkaDlqTopic !== kafkaTopicName,
    problem:
      'KAFKA_DLQ_TOPIC is the topic itself: refused messages would come back for ever; for example KAFKA_DLQ_TOPIC=progress-dead',
  },
  {
    of: ['kafkaSaslMechanism', 'kafkaSaslUsername', 'kafkaSaslPassword'],
    holds: ({ kafkaSaslMechanism, kafkaSaslUsername, kafkaSaslPassword }) =>
      kafkaSaslMechanism === null || (kafkaSaslUsername !== null && kafkaSaslPassword !== null),
    problem:
      'KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD; for example KAFKA_SASL_USERNAME=pebbles',
  },
]

/** One queue may be written in several ways: AWS has several hosts for a region, and an endpoint stands for any host. */
const queueOf = (url: string, endpoint: string | null): string => {
  const { origin, hostname, pathname } = new URL(url)
  const path = pathname.replace(/\/+$/, '')
  if (endpoint !== null) return path
  if (!/\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.test(hostname)) return `${origin}${path}`
  return `${/[a-z]{2}(?:-[a-z]+)+-\d/.exec(hostname)?.[0] ?? 'us-east-1'}${path}`
}
