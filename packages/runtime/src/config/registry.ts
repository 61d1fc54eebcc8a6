import { z } from 'zod'
import {
  address,
  base,
  bytes,
  flag,
  instant,
  krn,
  oneOf,
  origins,
  pattern,
  publicKey,
  rate,
  servers,
  text,
  topic,
  whole,
} from './value-schemas.ts'

/** One environment variable: what it means, what it may be, and what holds without it. */
export interface Variable<Value = unknown> {
  readonly env: string
  readonly doc: string
  readonly example: string
  readonly schema: z.ZodType<Value, string>
  /** What holds when it is unset, as the docs show it; undefined: nothing is set. */
  readonly standard?: string
  /** Never shown, nowhere. */
  readonly secret?: true
  readonly section: Section
}

export type Section = 'General' | 'HTTP' | 'Store' | 'Tokens' | 'Legacy routes' | 'SQS' | 'Kafka'

/** Every variable that Pebbles reads. The docs table is made of this list, and nothing else is read. */
export const VARIABLES = {
  nodeEnv: {
    env: 'NODE_ENV',
    section: 'General',
    doc: '`production` refuses to start without a key for tokens.',
    example: 'production',
    schema: text,
  },
  logLevel: {
    env: 'LOG_LEVEL',
    section: 'General',
    doc: 'The least level that is logged.',
    example: 'debug',
    standard: 'info',
    schema: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  },
  shutdownTimeoutMs: {
    env: 'SHUTDOWN_TIMEOUT_MS',
    section: 'General',
    doc: 'How long a stop may take (ms).',
    example: '30000',
    standard: '10000',
    schema: whole(100, 600_000),
  },
  stalledAfterMs: {
    env: 'STALLED_AFTER_MS',
    section: 'General',
    doc: 'A file without an update for so long (ms) is stalled.',
    example: '3600000',
    standard: '600000',
    schema: whole(1_000, 31_536_000_000),
  },
  clientKrnPattern: {
    env: 'CLIENT_KRN_PATTERN',
    section: 'General',
    doc: 'A regular expression that a whole client KRN must match, too. Narrows what is accepted.',
    example: 'krn:acme:client:[a-z0-9-]+',
    schema: pattern,
  },
  port: {
    env: 'PORT',
    section: 'HTTP',
    doc: 'Where the HTTP API listens; 0 takes any free port.',
    example: '8080',
    standard: '8081',
    schema: whole(0, 65_535),
  },
  host: {
    env: 'HOST',
    section: 'HTTP',
    doc: 'The address to listen on. Unset: 127.0.0.1 in development mode, else all addresses.',
    example: '0.0.0.0',
    schema: text,
  },
  publicUrl: {
    env: 'PUBLIC_URL',
    section: 'HTTP',
    doc: 'How callers reach this server; links are made with it. Unset: by the request.',
    example: 'https://pebbles.example.com',
    schema: base,
  },
  trustProxy: {
    env: 'TRUST_PROXY',
    section: 'HTTP',
    doc: 'Believe the X-Forwarded headers. Only behind a proxy that sets them.',
    example: 'true',
    standard: 'false',
    schema: flag,
  },
  corsOrigins: {
    env: 'CORS_ORIGINS',
    section: 'HTTP',
    doc: 'Origins of pages that may call the API, separated by commas, or `*`.',
    example: 'https://app.example.com',
    standard: '*',
    schema: origins,
  },
  rateLimit: {
    env: 'RATE_LIMIT',
    section: 'HTTP',
    doc: 'Requests/seconds for each token subject, else address, and process. Unset: no limit.',
    example: '600/60',
    schema: rate,
  },
  maxBodyBytes: {
    env: 'MAX_BODY_BYTES',
    section: 'HTTP',
    doc: 'The largest request body.',
    example: '10485760',
    standard: '5242880',
    schema: bytes,
  },
  exportMax: {
    env: 'EXPORT_MAX',
    section: 'HTTP',
    doc: 'CSV and NDJSON exports at once.',
    example: '8',
    standard: '4',
    schema: whole(1, 1_000),
  },
  sseMax: {
    env: 'SSE_MAX',
    section: 'HTTP',
    doc: 'Listeners to live events at once.',
    example: '50000',
    standard: '10000',
    schema: whole(1, 1_000_000),
  },
  readAuth: {
    env: 'READ_AUTH',
    section: 'Tokens',
    doc: '`public`: anybody who reaches the server may read. `jwt`: reads need a token that covers the client.',
    example: 'jwt',
    standard: 'public',
    schema: oneOf('public', 'jwt'),
  },
  jwtSecret: {
    env: 'JWT_SECRET',
    section: 'Tokens',
    doc: 'Verifies HS256, HS384 and HS512; at least 32 bytes.',
    example: '(48 random characters)',
    secret: true,
    schema: z.string().refine((value) => Buffer.byteLength(value) >= 32, 'is shorter than 32 bytes'),
  },
  jwtJwksUrl: {
    env: 'JWT_JWKS_URL',
    section: 'Tokens',
    doc: 'The key set of an identity provider; verifies RS, PS and ES algorithms.',
    example: 'https://login.example.com/.well-known/jwks.json',
    schema: address,
  },
  jwtPublicKey: {
    env: 'JWT_PUBLIC_KEY',
    section: 'Tokens',
    doc: 'One public key (PEM; `\\n` stands for a new line); verifies the algorithms of its kind.',
    example: '-----BEGIN PUBLIC KEY-----\\n…',
    // A key that was taken for this one must not be shown.
    secret: true,
    schema: publicKey,
  },
  jwtIssuer: {
    env: 'JWT_ISSUER',
    section: 'Tokens',
    doc: 'The `iss` that tokens must have. Unset: any.',
    example: 'https://login.example.com/',
    schema: text,
  },
  jwtAudience: {
    env: 'JWT_AUDIENCE',
    section: 'Tokens',
    doc: 'The `aud` that tokens must have. Unset: any.',
    example: 'pebbles',
    schema: text,
  },
  jwtEmailClaim: {
    env: 'JWT_EMAIL_CLAIM',
    section: 'Tokens',
    doc: 'The claim with the email.',
    example: 'https://example.com/email',
    standard: 'email',
    schema: text,
  },
  jwtClientsClaim: {
    env: 'JWT_CLIENTS_CLAIM',
    section: 'Tokens',
    doc: 'The claim with the clients a token covers.',
    example: 'tenants',
    standard: 'clients',
    schema: text,
  },
  jwtClientsRequired: {
    env: 'JWT_CLIENTS_REQUIRED',
    section: 'Tokens',
    doc: 'Tokens without the clients claim cover no client, instead of all.',
    example: 'true',
    standard: 'false',
    schema: flag,
  },
  jwtAdminClaim: {
    env: 'JWT_ADMIN_CLAIM',
    section: 'Tokens',
    doc: 'The claim that is `true` for administrators.',
    example: 'admin',
    standard: 'pebbles_admin',
    schema: text,
  },
  mongoUri: {
    env: 'MONGO_URI',
    section: 'Store',
    doc: 'MongoDB, with the name of the database. Unset: an SQLite file in DATA_DIR.',
    example: 'mongodb://localhost:27017/pebbles',
    secret: true,
    schema: z.string().regex(/^mongodb(\+srv)?:\/\/[^/?#]/, 'is not a mongodb:// URI'),
  },
  dataDir: {
    env: 'DATA_DIR',
    section: 'Store',
    doc: 'The folder of the SQLite file and of the development secret.',
    example: '/var/lib/pebbles',
    standard: './data',
    schema: text,
  },
  legacyClientKrn: {
    env: 'LEGACY_CLIENT_KRN',
    section: 'Legacy routes',
    doc: 'The client that the single-tenant routes mean.',
    example: 'krn:acme:client:001',
    standard: 'krn:default:client:001',
    schema: krn,
  },
  legacyRoutes: {
    env: 'LEGACY_ROUTES',
    section: 'Legacy routes',
    doc: 'The phase of the single-tenant routes.',
    example: 'deprecated',
    standard: 'dual',
    schema: oneOf('dual', 'deprecated', 'removed'),
  },
  legacyDeprecatedAt: {
    env: 'LEGACY_DEPRECATED_AT',
    section: 'Legacy routes',
    doc: 'Since when they are deprecated; the phase `deprecated` requires it.',
    example: '2027-01-31',
    schema: instant,
  },
  legacySunsetAt: {
    env: 'LEGACY_SUNSET_AT',
    section: 'Legacy routes',
    doc: 'When they will go.',
    example: '2027-03-31',
    schema: instant,
  },
  workerPort: {
    env: 'WORKER_PORT',
    section: 'General',
    doc: 'Where a worker serves /health, /ready and /metrics; 0: nowhere.',
    example: '9101',
    standard: '0',
    schema: whole(0, 65_535),
  },
  sqsEnabled: {
    env: 'SQS_ENABLED',
    section: 'SQS',
    doc: 'Start the SQS worker.',
    example: 'true',
    standard: 'false',
    schema: flag,
  },
  sqsQueueUrl: {
    env: 'SQS_QUEUE_URL',
    section: 'SQS',
    doc: 'The queue that updates come by.',
    example: 'https://sqs.eu-central-1.amazonaws.com/1/progress',
    schema: address,
  },
  sqsDlqUrl: {
    env: 'SQS_DLQ_URL',
    section: 'SQS',
    doc: 'Where refused messages go. Unset: kept in the store.',
    example: 'https://sqs.eu-central-1.amazonaws.com/1/progress-dead',
    schema: address,
  },
  sqsEndpoint: {
    env: 'SQS_ENDPOINT',
    section: 'SQS',
    doc: 'Another endpoint than that of AWS.',
    example: 'http://localhost:9324',
    schema: address,
  },
  awsRegion: {
    env: 'AWS_REGION',
    section: 'SQS',
    doc: 'The region of the queue.',
    example: 'eu-central-1',
    schema: text,
  },
  kafkaEnabled: {
    env: 'KAFKA_ENABLED',
    section: 'Kafka',
    doc: 'Start the Kafka worker.',
    example: 'true',
    standard: 'false',
    schema: flag,
  },
  kafkaBootstrapServers: {
    env: 'KAFKA_BOOTSTRAP_SERVERS',
    section: 'Kafka',
    doc: 'Brokers, separated by commas.',
    example: 'kafka-1:9092,kafka-2:9092',
    schema: servers,
  },
  kafkaTopicName: {
    env: 'KAFKA_TOPIC_NAME',
    section: 'Kafka',
    doc: 'The topic that updates come by.',
    example: 'imports',
    standard: 'progress-updates',
    schema: topic,
  },
  kafkaGroupId: {
    env: 'KAFKA_GROUP_ID',
    section: 'Kafka',
    doc: 'The consumer group.',
    example: 'pebbles',
    standard: 'pebbles-consumer',
    schema: text,
  },
  kafkaDlqTopic: {
    env: 'KAFKA_DLQ_TOPIC',
    section: 'Kafka',
    doc: 'Where refused messages go. Unset: kept in the store.',
    example: 'progress-dead',
    schema: topic,
  },
  kafkaOnReset: {
    env: 'KAFKA_ON_RESET',
    section: 'Kafka',
    doc: 'What to do when a topic was recreated or its messages expired unread.',
    example: 'stop',
    standard: 'earliest',
    schema: oneOf('stop', 'earliest'),
  },
  kafkaSsl: {
    env: 'KAFKA_SSL',
    section: 'Kafka',
    doc: 'Speak TLS to the brokers.',
    example: 'true',
    standard: 'false',
    schema: flag,
  },
  kafkaSaslMechanism: {
    env: 'KAFKA_SASL_MECHANISM',
    section: 'Kafka',
    doc: 'How to log in.',
    example: 'scram-sha-512',
    schema: oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
  },
  kafkaSaslUsername: {
    env: 'KAFKA_SASL_USERNAME',
    section: 'Kafka',
    doc: 'The user.',
    example: 'pebbles',
    schema: text,
  },
  kafkaSaslPassword: {
    env: 'KAFKA_SASL_PASSWORD',
    section: 'Kafka',
    doc: 'The password.',
    example: '(a password)',
    secret: true,
    schema: text,
  },
} as const satisfies Record<string, Variable>

export type Variables = typeof VARIABLES
export type VariableName = keyof Variables
/** The value of a variable: never absent where something holds without it. */
export type ValueOf<V> = V extends { readonly schema: z.ZodType<infer Value, string> }
  ? V extends { readonly standard: string }
    ? Value
    : Value | null
  : never
/** What the variables hold, each parsed; null: unset. */
export type Values = { readonly [Name in VariableName]: ValueOf<Variables[Name]> }
