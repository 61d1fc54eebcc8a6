import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeConfig, parseConfig } from '@pebbles/runtime'
import { Ajv, type AnySchemaObject } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Service {
  readonly build?: string
  readonly command?: string | readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly configs?: readonly { readonly source: string }[]
  readonly healthcheck?: { readonly test: unknown }
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
  readonly configs: Readonly<Record<string, { readonly content: string }>>
}
const OURS = Object.entries(compose.services).filter(([, { build }]) => build !== undefined)
/** What the image sets. */
const IMAGE = { NODE_ENV: 'production', DATA_DIR: '/data', HOST: '0.0.0.0' }
/** Read by the AWS client, not by us. */
const OF_AWS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']

/** As a user starts it, with the one variable set that it asks for. */
const environmentOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      String(value).replace(/\$\{JWT_SECRET:\?[^}]+\}/, 'a secret of at least 32 characters'),
    ]),
  )

/** The schema of the Compose Specification, as its linter brings it. */
const specification = (): AnySchemaObject => {
  const require = createRequire(import.meta.url)
  const path = join(dirname(require.resolve('dclint/package.json')), 'schemas', 'compose.schema.json')
  const { $schema: _, ...schema } = JSON.parse(readFileSync(path, 'utf8')) as AnySchemaObject
  return schema
}

describe('docker-compose.yml', () => {
  it('is as the Compose Specification says', () => {
    const validate = new Ajv({ strict: false, allErrors: true }).compile(specification())
    expect([validate(compose), validate.errors]).toEqual([true, null])
    const [name, service] = OURS[0] ?? []
    for (const wrong of [{ restarts: 'always' }, { ports: 8081 }, { healthcheck: { interval: [5] } }])
      expect([wrong, validate({ services: { [String(name)]: { ...service, ...wrong } } })]).toEqual([wrong, false])
  })

  it('starts the three processes of Pebbles, when what they need is well', () => {
    expect(OURS.map(([name]) => name)).toEqual(['api', 'sqs-worker', 'kafka-worker'])
    for (const needed of ['mongo', 'kafka', 'elasticmq'])
      expect(compose.services[needed]?.healthcheck?.test).toBeTruthy()
  })

  it('is of an image that runs as nobody in particular, and is asked whether it is well', () => {
    const stages = readFileSync(join(root, 'Dockerfile'), 'utf8').split(/^FROM /m)
    const last = stages.at(-1)?.split('\n') ?? []
    expect(last.filter((line) => line.startsWith('USER'))).toEqual(['USER node'])
    expect(last.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true)
    expect(stages).toHaveLength(3)
  })

  it.for(OURS)('gives %s a configuration that it starts with, and no variable that nobody reads', ([, service]) => {
    const environment = environmentOf(service)
    const config = parseConfig({ ...IMAGE, ...environment })
    const known = Object.keys(describeConfig(config))
    expect(Object.keys(environment).filter((name) => !known.includes(name) && !OF_AWS.includes(name))).toEqual([])
    expect(Object.values(environment).filter((value) => value.includes('${'))).toEqual([])
  })

  it('enables in each worker its own queue', () => {
    const enabled = OURS.map(([name, service]) => {
      const { sqsEnabled, kafkaEnabled } = parseConfig({ ...IMAGE, ...environmentOf(service) })
      return [name, sqsEnabled, kafkaEnabled]
    })
    expect(enabled).toEqual([
      ['api', false, false],
      ['sqs-worker', true, false],
      ['kafka-worker', false, true],
    ])
  })

  it.for(Object.entries(compose.services))('names in %s only what is there', ([, service]) => {
    expect(Object.keys(service.depends_on ?? {}).filter((name) => !(name in compose.services))).toEqual([])
    expect((service.configs ?? []).filter(({ source }) => !(source in compose.configs))).toEqual([])
    const programs = [service.command ?? []].flat().filter((word) => word.endsWith('.ts'))
    expect(programs.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('makes the queues and the topics that the workers are told of', () => {
    const service = (name: string): Service => compose.services[name] ?? {}
    const sqs = parseConfig({ ...IMAGE, ...environmentOf(service('sqs-worker')) })
    const kafka = parseConfig({ ...IMAGE, ...environmentOf(service('kafka-worker')) })
    const queues = [...(compose.configs['elasticmq']?.content ?? '').matchAll(/^ {2}([\w-]+) \{/gm)].map(
      ([, name]) => name,
    )
    const making = [service('topics').command ?? []].flat().join('\n')
    const made = [...making.matchAll(/\$\$create --topic ([\w-]+)/g)].map(([, topic]) => topic)
    expect(queues).toEqual([sqs.sqsQueueUrl, sqs.sqsDlqUrl].map((url) => url?.split('/').at(-1)))
    expect(made).toEqual([kafka.kafkaTopicName, kafka.kafkaDlqTopic])
  })
})
