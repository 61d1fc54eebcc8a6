import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { describeConfig, renderConfigReference } from './describe-config.ts'
import { ConfigError, type Environment, parseConfig } from './parse-config.ts'
import { readEnvironment } from './read-environment.ts'
import { VARIABLES, type Variable, type VariableName } from './registry.ts'

const SECRET = 'a-secret-of-more-than-32-bytes-0123456789'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const PUBLIC_PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const PRIVATE_PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const problemsOf = (environment: Environment): readonly string[] => {
  try {
    parseConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('parseConfig', () => {
  it('gives the standards for an empty environment, in development mode on this machine only', () => {
    const config = parseConfig({ PORT: '' })
    expect(config).toMatchObject({
      port: 8081,
      developmentMode: true,
      listenHost: '127.0.0.1',
      dataDir: './data',
      mongoUri: null,
      maxBodyBytes: 5 * 1024 * 1024,
      sseMax: 10_000,
      exportMax: 4,
      stalledAfterMs: 600_000,
      shutdownTimeoutMs: 10_000,
      workerPort: 0,
      corsOrigins: '*',
      rateLimit: null,
      readAuth: 'public',
      jwtEmailClaim: 'email',
      jwtClientsClaim: 'clients',
      jwtAdminClaim: 'pebbles_admin',
      legacyRoutes: 'dual',
      legacyClientKrn: 'krn:default:client:001',
      kafkaTopicName: 'progress-updates',
      kafkaGroupId: 'pebbles-consumer',
      kafkaOnReset: 'earliest',
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  it.for([
    { JWT_SECRET: SECRET },
    { JWT_JWKS_URL: 'https://login.example.com/jwks' },
    { JWT_PUBLIC_KEY: PUBLIC_PEM },
    { JWT_PUBLIC_KEY: PUBLIC_PEM.replaceAll('\n', '\\n') },
  ])('listens on all addresses, in production too, once there is a key: %o', (key: Environment) => {
    expect(parseConfig({ ...key, NODE_ENV: 'production' })).toMatchObject({
      developmentMode: false,
      listenHost: '0.0.0.0',
    })
    expect(parseConfig({ ...key, HOST: '::1' }).listenHost).toBe('::1')
  })

  it('parses what has a form', () => {
    const config = parseConfig({
      RATE_LIMIT: '600/60',
      CORS_ORIGINS: 'https://a.example.com, http://localhost:3000',
      PUBLIC_URL: 'https://pebbles.example.com/base/',
      KAFKA_BOOTSTRAP_SERVERS: 'kafka-1:9092, [::1]:9092',
      LEGACY_DEPRECATED_AT: '2027-01-31',
      LEGACY_SUNSET_AT: '2027-01-31T12:00:00+02:00',
      TRUST_PROXY: 'true',
    })
    expect(config).toMatchObject({
      rateLimit: { requests: 600, seconds: 60 },
      corsOrigins: ['https://a.example.com', 'http://localhost:3000'],
      publicUrl: 'https://pebbles.example.com/base',
      kafkaBootstrapServers: ['kafka-1:9092', '[::1]:9092'],
      legacyDeprecatedAt: Date.UTC(2027, 0, 31),
      legacySunsetAt: Date.UTC(2027, 0, 31, 10),
      trustProxy: true,
    })
  })

  it('anchors CLIENT_KRN_PATTERN, whatever its alternatives', () => {
    const { clientKrnPattern } = parseConfig({ CLIENT_KRN_PATTERN: 'krn:a:[a-z]+:1|krn:b:x:2' })
    expect(clientKrnPattern?.test('krn:a:abc:1')).toBe(true)
    expect(clientKrnPattern?.test('krn:b:x:2')).toBe(true)
    expect(clientKrnPattern?.test('krn:a:abc:12')).toBe(false)
    expect(clientKrnPattern?.test('xkrn:b:x:2')).toBe(false)
    expect(problemsOf({ CLIENT_KRN_PATTERN: 'krn:a)|(?:krn:.*' })).toEqual([
      expect.stringMatching(/^CLIENT_KRN_PATTERN=.* is not a regular expression; for example CLIENT_KRN_PATTERN=/),
    ])
  })

  const bad: readonly (readonly [string, string, string])[] = [
    ['PORT', '65536', 'is not between 0 and 65535'],
    ['PORT', '8081x', 'is not a whole number'],
    ['PORT', '-1', 'is not a whole number'],
    ['WORKER_PORT', '65536', 'is not between 0 and 65535'],
    ['MAX_BODY_BYTES', '12', 'is not between'],
    ['SQS_ENABLED', 'yes', 'is neither true nor false'],
    ['LOG_LEVEL', 'loud', 'is none of'],
    ['READ_AUTH', 'none', 'is none of'],
    ['LEGACY_ROUTES', 'off', 'is none of'],
    [
      'LEGACY_CLIENT_KRN',
      `krn:${'a'.repeat(64)}:${'b'.repeat(64)}:${'c'.repeat(64)}:${'d'.repeat(64)}`,
      'is not a KRN',
    ],
    ['LEGACY_CLIENT_KRN', 'krn:acme', 'is not a KRN'],
    ['LEGACY_DEPRECATED_AT', '2027-02-31', 'is not a date'],
    ['LEGACY_SUNSET_AT', '2027-01-31T12:00', 'is not a date'],
    ['LEGACY_SUNSET_AT', '2027-01-31 soon', 'is not a date'],
    ['CLIENT_KRN_PATTERN', '[', 'is not a regular expression'],
    ['CORS_ORIGINS', 'https://a.example.com/', 'is neither * nor a list of origins'],
    ['CORS_ORIGINS', 'a.example.com', 'is neither * nor a list of origins'],
    ['RATE_LIMIT', '0/60', 'is not requests/seconds'],
    ['RATE_LIMIT', '600', 'is not requests/seconds'],
    ['PUBLIC_URL', 'ftp://example.com', 'is not an http or https URL'],
    ['PUBLIC_URL', 'https://example.com/?a=b', 'has a query or a fragment'],
    ['JWT_JWKS_URL', 'login.example.com', 'is not an http or https URL'],
    ['SQS_QUEUE_URL', 'file:///etc/passwd', 'is not an http or https URL'],
    ['KAFKA_BOOTSTRAP_SERVERS', 'kafka-1:9092,,kafka-2:9092', 'is not a list of host:port'],
    ['KAFKA_BOOTSTRAP_SERVERS', 'kafka-1', 'is not a list of host:port'],
    ['KAFKA_TOPIC_NAME', 'imports,exports', 'is not the name of one topic'],
    ['KAFKA_TOPIC_NAME', '..', 'is not the name of one topic'],
    ['KAFKA_DLQ_TOPIC', 'x'.repeat(250), 'is not the name of one topic'],
    ['KAFKA_ON_RESET', 'latest', 'is none of'],
    ['KAFKA_SASL_MECHANISM', 'gssapi', 'is none of'],
    ['MONGO_URI', 'localhost:27017', 'is not a mongodb:// URI'],
    ['MONGO_URI', 'mongodb://', 'is not a mongodb:// URI'],
    ['JWT_SECRET', 'x'.repeat(31), 'is shorter than 32 bytes'],
  ]
  it.for(bad)('%s=%s is refused with its name, the fault and an example', ([env, value, fault]) => {
    const [problem = '', ...others] = problemsOf({ [env]: value })
    expect(others).toEqual([])
    expect(problem.startsWith(env)).toBe(true)
    expect(problem).toContain(fault)
    expect(problem).toContain(`; for example ${env}=`)
  })

  it('counts the bytes of the secret, not its characters', () => {
    expect(problemsOf({ JWT_SECRET: 'ä'.repeat(16) })).toEqual([])
  })

  it('names every bad variable at once, and what does not go together beside them', () => {
    const problems = problemsOf({ PORT: 'x', READ_AUTH: 'x', NODE_ENV: 'production', SQS_ENABLED: 'true' })
    expect(problems.map((problem) => problem.split(/[= ]/)[0])).toEqual([
      'PORT',
      'READ_AUTH',
      'NODE_ENV',
      'SQS_ENABLED',
    ])
  })

  it('does not ask for a variable that is there and wrong by itself', () => {
    const problems = problemsOf({
      NODE_ENV: 'production',
      JWT_SECRET: 'short',
      SQS_ENABLED: 'true',
      SQS_QUEUE_URL: 'x',
    })
    expect(problems).toHaveLength(2)
  })

  const apart: readonly (readonly [string, Environment, string])[] = [
    ['production without a key', { NODE_ENV: 'production' }, 'JWT_SECRET, JWT_JWKS_URL or JWT_PUBLIC_KEY'],
    ['deprecated since never', { LEGACY_ROUTES: 'deprecated' }, 'needs LEGACY_DEPRECATED_AT'],
    [
      'gone before it is deprecated',
      { LEGACY_DEPRECATED_AT: '2027-02-01', LEGACY_SUNSET_AT: '2027-01-31' },
      'LEGACY_SUNSET_AT is before',
    ],
    ['SQS without a queue', { SQS_ENABLED: 'true' }, 'needs SQS_QUEUE_URL'],
    [
      'a dead-letter queue that is the queue',
      { SQS_QUEUE_URL: 'https://sqs.example.com/1/a', SQS_DLQ_URL: 'https://SQS.example.com:443/1/a/' },
      'SQS_DLQ_URL is the queue itself',
    ],
    [
      'a dead-letter queue that is the queue by another host of AWS',
      {
        SQS_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/1/a',
        SQS_DLQ_URL: 'https://eu-central-1.queue.amazonaws.com/1/a',
      },
      'SQS_DLQ_URL is the queue itself',
    ],
    [
      'a dead-letter queue that is the queue at one endpoint',
      {
        SQS_ENDPOINT: 'http://localhost:9324',
        SQS_QUEUE_URL: 'http://localhost:9324/0/a',
        SQS_DLQ_URL: 'http://127.0.0.1:9324/0/a/',
      },
      'SQS_DLQ_URL is the queue itself',
    ],
    ['Kafka without brokers', { KAFKA_ENABLED: 'true' }, 'needs KAFKA_BOOTSTRAP_SERVERS'],
    ['a dead-letter topic that is the topic', { KAFKA_DLQ_TOPIC: 'progress-updates' }, 'KAFKA_DLQ_TOPIC is the topic'],
    ['a login without a password', { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'a' }, 'KAFKA_SASL_PASSWORD'],
  ]
  it.for(apart)('refuses %s', ([, environment, fault]) => {
    expect(problemsOf(environment)).toEqual([expect.stringContaining(fault)])
    expect(problemsOf(environment)[0]).toContain('; for example ')
  })

  it('takes queues of one name in two regions, and of two names', () => {
    const [queue, other] = ['https://sqs.eu-central-1.amazonaws.com/1/a', 'https://sqs.eu-west-1.amazonaws.com/1/a']
    expect(problemsOf({ SQS_QUEUE_URL: queue, SQS_DLQ_URL: other })).toEqual([])
    expect(problemsOf({ SQS_QUEUE_URL: queue, SQS_DLQ_URL: `${queue}-dead` })).toEqual([])
  })

  it('takes a key that signs for no key that verifies', () => {
    expect(problemsOf({ JWT_PUBLIC_KEY: PRIVATE_PEM })).toEqual([expect.stringContaining('is a private key')])
    expect(problemsOf({ JWT_PUBLIC_KEY: 'abc' })).toEqual([expect.stringContaining('is not a PEM public key')])
    expect(problemsOf({ JWT_PUBLIC_KEY: PUBLIC_PEM.replace('MFkw', 'AAAA') })).toEqual([
      expect.stringContaining('cannot be read'),
    ])
    for (const { publicKey: other } of [
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    ]) {
      const pem = other.export({ type: 'spki', format: 'pem' }).toString()
      expect(problemsOf({ JWT_PUBLIC_KEY: pem })).toEqual([expect.stringContaining('is no key for RS, PS or ES')])
    }
  })

  it('never tells a secret, nor credentials in an address, nor an endless value', () => {
    const told = problemsOf({
      JWT_SECRET: 'hush-hush',
      JWT_PUBLIC_KEY: PRIVATE_PEM,
      MONGO_URI: 'mongo://root:hush-hush@db/pebbles',
      KAFKA_SASL_PASSWORD: 'hush-hush',
      KAFKA_SASL_MECHANISM: 'hush',
      SQS_ENDPOINT: 'https://root:hush-hush@sqs.example.com',
      PUBLIC_URL: 'x'.repeat(5_000),
    })
    expect(told).toHaveLength(6)
    expect(told.join('\n')).not.toContain('hush-hush')
    for (const line of PRIVATE_PEM.split('\n').slice(1, 3)) expect(told.join('\n')).not.toContain(line)
    expect(Math.max(...told.map((problem) => problem.length))).toBeLessThan(400)
  })

  it('is an error with a code and an exit code', () => {
    expect(() => parseConfig({ PORT: 'x' })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        exitCode: 78,
        message: expect.stringContaining('\n  PORT="x"'),
      }),
    )
  })
})

describe('the registry', () => {
  const entries = Object.entries(VARIABLES) as [VariableName, Variable][]

  it('has each variable once, under its own name in camel case', () => {
    for (const [name, { env }] of entries)
      expect(name).toBe(env.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()))
  })

  it('has examples and standards that are valid by themselves', () => {
    for (const [, { env, schema, standard, example, secret }] of entries) {
      if (standard !== undefined) expect(schema.safeParse(standard).success, `${env}=${standard}`).toBe(true)
      if (secret !== true) expect(schema.safeParse(example).success, `${env}=${example}`).toBe(true)
      expect(example, env).not.toBe(standard)
    }
  })
})

describe('describeConfig', () => {
  it('shows each variable as it is written, and of secrets only that they are set', () => {
    const written = {
      JWT_SECRET: SECRET,
      JWT_PUBLIC_KEY: PUBLIC_PEM,
      MONGO_URI: 'mongodb://root:hush@db/pebbles',
      KAFKA_SASL_PASSWORD: 'hush',
      RATE_LIMIT: '600/60',
      CORS_ORIGINS: 'https://a.example.com,https://b.example.com',
      LEGACY_SUNSET_AT: '2027-01-31T00:00:00.000Z',
      CLIENT_KRN_PATTERN: 'krn:a:b:c',
      PORT: '8082',
    }
    const shown = describeConfig(parseConfig(written))
    expect(Object.keys(shown)).toHaveLength(Object.keys(VARIABLES).length)
    expect(shown).toMatchObject({
      ...written,
      JWT_SECRET: '(set)',
      JWT_PUBLIC_KEY: '(set)',
      MONGO_URI: '(set)',
      KAFKA_SASL_PASSWORD: '(set)',
      CLIENT_KRN_PATTERN: '^(?:krn:a:b:c)$',
      HOST: null,
      READ_AUTH: 'public',
    })
    expect(JSON.stringify(shown)).not.toContain('hush')
  })
})

it('has its page in the docs; vitest --update brings it up to date', async () => {
  await expect(renderConfigReference()).toMatchFileSnapshot('../../../../docs/reference/configuration.md')
})

describe('readEnvironment', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('lays the process over .env, where an empty variable unsets', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pebbles-env-'))
    writeFileSync(
      join(folder, '.env'),
      '\uFEFFPEBBLES_A=file\nPEBBLES_B="of file"\nPEBBLES_C=file # why\nexport PEBBLES_D=4\n',
    )
    vi.stubEnv('PEBBLES_A', 'process')
    vi.stubEnv('PEBBLES_C', '')
    expect(readEnvironment(folder)).toMatchObject({
      PEBBLES_A: 'process',
      PEBBLES_B: 'of file',
      PEBBLES_C: '',
      PEBBLES_D: '4',
    })
    expect(readEnvironment(join(folder, 'none'))).toMatchObject({ PEBBLES_A: 'process' })
  })
})
