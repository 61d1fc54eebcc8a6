import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { anUpdate, SQLITE, startWorkerProcess } from '@pebbles/intake/testing'
import { fetchKafkaJars, orSkip, startElasticMq, startKafka } from '@pebbles/services'
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
const python = await installPython('queue-producers')
const [sqs, kafka] = [await orSkip(startElasticMq()), await orSkip(startKafka())]
afterAll(async () => {
  await sqs?.stop()
  await kafka?.stop()
})

/** The commands of the page that do not say that they need what is not here. */
const commands = [...guide.matchAll(/(?:^<!-- (?<note>[^\n]*) -->\n)?^```sh\n(?<text>[\s\S]*?)^```$/gm)]
  .filter(({ groups }) => !groups?.['note']?.startsWith('not run here: '))
  .map(({ groups }) => groups?.['text'] ?? '')

describe.skipIf(sqs === null)('docs/guides/queues.md, for SQS', () => {
  if (sqs === null) return

  it('has commands that work, from top to bottom', async () => {
    await using bench = await SQLITE.open()
    const ask = async <Answer>(action: string, input: object): Promise<Answer> => {
      const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` }
      const answer = await fetch(sqs.endpoint, { method: 'POST', headers, body: JSON.stringify(input) })
      return (await answer.json()) as Answer
    }
    const { QueueUrl } = await ask<{ QueueUrl: string }>('CreateQueue', { QueueName: 'guide' })
    const counts = {
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }
    const left = async (): Promise<readonly string[]> =>
      Object.values((await ask<{ Attributes: Record<string, string> }>('GetQueueAttributes', counts)).Attributes)
    const environment = { ...KEYS, SQS_ENDPOINT: sqs.endpoint, SQS_QUEUE_URL: QueueUrl, DATA_DIR: bench.folder }
    await using worker = startWorkerProcess(mainOf('sqs-worker'), bench.folder, { ...environment, SQS_ENABLED: 'true' })
    await worker.logged('taking messages')
    expect(commands.length).toBeGreaterThan(1)
    const { stdout } = await run('bash', ['-c', ['set -euo pipefail', ...commands].join('\n')], {
      cwd: root,
      env: { ...process.env, ...environment },
    })
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
})

describe.skipIf(kafka === null)('docs/guides/queues.md, for Kafka', () => {
  if (kafka === null) return

  it('has producers in Java and Python whose update counts once, however often they run', async () => {
    await using bench = await SQLITE.open()
    const topic = 'guide'
    const client = new kafkajs.Kafka({ brokers: [kafka.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
    const [admin, producer] = [client.admin(), client.producer()]
    await Promise.all([admin.connect(), producer.connect()])
    await admin.createTopics({ topics: [{ topic }], waitForLeaders: true })
    const environment = { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap, KAFKA_TOPIC_NAME: topic }
    const env = { ...process.env, ...environment }
    const java = ['-cp', await fetchKafkaJars(), exampleOf('SendUpdate.java')]
    for (let times = 0; times < 2; times += 1) await run('java', java, { env })
    if (python !== null) await run(python, [exampleOf('send_update.py')], { env })
    // Behind the others: when it has arrived, they have.
    await producer.send({
      topic,
      messages: [
        { value: JSON.stringify(anUpdate({ ...LAST, filename: 'orders.csv', email: 'loader@acme.example' })) },
      ],
    })
    await Promise.all([admin.disconnect(), producer.disconnect()])
    await using worker = startWorkerProcess(mainOf('kafka-worker'), bench.folder, {
      ...environment,
      KAFKA_ENABLED: 'true',
    })
    await worker.logged('taking messages')
    await vi.waitFor(async () => expect(await bench.state('orders.csv')).toMatchObject(LAST), patience)
    expect(await bench.done('orders.csv')).toBe(501)
  })
})
