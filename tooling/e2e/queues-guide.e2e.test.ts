import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { anUpdate, SQLITE, startWorkerProcess, type TestStore } from '@pebbles/intake/testing'
import { type ElasticMq, fetchKafkaJars, orSkip, startElasticMq, startKafka } from '@pebbles/services'
import kafkajs from 'kafkajs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { installPython } from './install-python.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const guide = readFileSync(new URL('../../docs/guides/queues.md', import.meta.url), 'utf8')
const mainOf = (name: string): string => fileURLToPath(new URL(`../../apps/${name}/src/main.ts`, import.meta.url))
const patience = { timeout: 90_000, interval: 100 }
const LAST = { total: 2_001 }
const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-central-1' }

const exampleOf = (name: string): string => join(root, 'docs/examples/queues', name)
const [python, awsCli] = [await installPython('queue-producers'), await installPython('aws-cli')]
const hasKcat = spawnSync('kcat', ['-V']).status === 0
if (!hasKcat) console.warn('no kcat here: apt-get install kcat')
// On CI one that is missing fails the run.
const withAws = it.skipIf(awsCli === null)
const withKcat = it.skipIf(!hasKcat && process.env['CI'] === undefined)
const [sqs, kafka] = [await orSkip(startElasticMq()), await orSkip(startKafka())]
afterAll(async () => {
  await sqs?.stop()
  await kafka?.stop()
})

/** The commands of the page, from top to bottom, less those that call one of these tools. */
const commandsWithout = (...tools: readonly string[]): readonly string[] =>
  [...guide.matchAll(/^```sh\n(?<text>[\s\S]*?)^```$/gm)]
    .map(({ groups }) => groups?.['text'] ?? '')
    .filter((text) => !tools.some((tool) => new RegExp(`^ *${tool} `, 'm').test(text)))

const runInShell = (commands: readonly string[], environment: Readonly<Record<string, string>>) =>
  run('bash', ['-c', ['set -euo pipefail', ...commands].join('\n')], {
    cwd: root,
    env: { ...process.env, ...environment },
  })

describe.skipIf(sqs === null)('docs/guides/queues.md, for SQS', () => {
  if (sqs === null) return

  it('has commands and a producer in Python that work', async () => {
    await using bench = await SQLITE.open()
    const { environment, left, worker } = await openQueue(sqs, bench, 'guide')
    await using _ = worker
    await worker.logged('taking messages')
    const commands = commandsWithout('aws', 'kcat')
    expect(commands.length).toBeGreaterThan(1)
    const { stdout } = await runInShell(commands, environment)
    expect(stdout).toMatch(/"MessageId"/)
    expect(stdout).toMatch(/sent again/)
    await vi.waitFor(async () => expect(await bench.done('orders.csv')).toBe(1), patience)
    // The same update id each time: it counts once more, whatever the language and the times.
    if (python !== null) {
      for (let times = 0; times < 2; times += 1)
        await run(python, [exampleOf('send_update.py')], { env: { ...process.env, ...environment } })
      await vi.waitFor(async () => expect(await left()).toEqual(['0', '0']), patience)
      expect(await bench.done('orders.csv')).toBe(501)
    }
  })

  withAws('has commands of the AWS command line that work', async () => {
    await using bench = await SQLITE.open()
    const { environment, worker } = await openQueue(sqs, bench, 'guide-aws')
    await using _ = worker
    await worker.logged('taking messages')
    const commands = commandsWithout('curl', 'kcat', 'npm')
    expect(commands).toHaveLength(1)
    const { stdout } = await runInShell([`aws() { '${awsCli}' -m awscli "$@"; }`, ...commands], environment)
    expect(stdout).toMatch(/"MessageId"/)
    await vi.waitFor(async () => expect(await bench.done('orders.csv')).toBe(500), patience)
  })
})

/** A new queue, a worker on it, and what waits there. */
const openQueue = async (sqs: ElasticMq, bench: TestStore, name: string) => {
  const ask = async <Answer>(action: string, input: object): Promise<Answer> => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` }
    const answer = await fetch(sqs.endpoint, { method: 'POST', headers, body: JSON.stringify(input) })
    return (await answer.json()) as Answer
  }
  const { QueueUrl } = await ask<{ QueueUrl: string }>('CreateQueue', { QueueName: name })
  const counts = { QueueUrl, AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] }
  const left = async (): Promise<readonly string[]> =>
    Object.values((await ask<{ Attributes: Record<string, string> }>('GetQueueAttributes', counts)).Attributes)
  const environment = { ...KEYS, SQS_ENDPOINT: sqs.endpoint, SQS_QUEUE_URL: QueueUrl, DATA_DIR: bench.folder }
  const worker = startWorkerProcess(mainOf('sqs-worker'), bench.folder, { ...environment, SQS_ENABLED: 'true' })
  return { environment, left, worker }
}

describe.skipIf(kafka === null)('docs/guides/queues.md, for Kafka', () => {
  if (kafka === null) return

  it('has producers in Java and Python whose update counts once, however often they run', async () => {
    await using bench = await SQLITE.open()
    await using topic = await openTopic(kafka.bootstrap, 'guide')
    const env = { ...process.env, ...topic.environment }
    const java = ['-cp', await fetchKafkaJars(), exampleOf('SendUpdate.java')]
    for (let times = 0; times < 2; times += 1) await run('java', java, { env })
    if (python !== null) await run(python, [exampleOf('send_update.py')], { env })
    await topic.sendLast()
    await using worker = startWorkerProcess(mainOf('kafka-worker'), bench.folder, {
      ...topic.environment,
      KAFKA_ENABLED: 'true',
    })
    await worker.logged('taking messages')
    await vi.waitFor(async () => expect(await bench.state('orders.csv')).toMatchObject(LAST), patience)
    expect(await bench.done('orders.csv')).toBe(501)
  })

  withKcat('has commands that work, with kcat', async () => {
    await using bench = await SQLITE.open()
    await using topic = await openTopic(kafka.bootstrap, 'guide-kcat')
    const environment = { ...topic.environment, DATA_DIR: bench.folder }
    const commands = commandsWithout('aws', 'curl')
    expect(commands.length).toBeGreaterThan(1)
    expect((await runInShell(commands, environment)).stdout).toMatch(/sent again/)
    await topic.sendLast()
    await using worker = startWorkerProcess(mainOf('kafka-worker'), bench.folder, {
      ...environment,
      KAFKA_ENABLED: 'true',
    })
    await worker.logged('taking messages')
    await vi.waitFor(async () => expect(await bench.state('orders.csv')).toMatchObject(LAST), patience)
    expect(await bench.done('orders.csv')).toBe(1 + 1)
  })
})

/** A new topic, and one update behind all others: when it has arrived, they have. */
const openTopic = async (bootstrap: string, topic: string) => {
  const client = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING })
  const [admin, producer] = [client.admin(), client.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
  const last = anUpdate({ ...LAST, filename: 'orders.csv', email: 'loader@acme.example' })
  return {
    environment: { KAFKA_BOOTSTRAP_SERVERS: bootstrap, KAFKA_TOPIC_NAME: topic },
    sendLast: () => producer.send({ topic, messages: [{ value: JSON.stringify(last) }] }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([admin.disconnect(), producer.disconnect()])
    },
  }
}
