import { fileURLToPath } from 'node:url'
import { startWorkerProcess } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createKafkaBench } from '../test/bench.ts'
import { inspectQueue } from './inspect-queue.ts'

const CLI = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const DAY_MS = 86_400_000
const server = await orSkip(startKafka())

describe.skipIf(server === null)('a look at the queue', () => {
  if (server === null) return
  afterAll(() => server.stop())
  const broker = { brokers: [server.bootstrap], ssl: false, sasl: null }

  it('warns of a topic that keeps messages longer than ids are known', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const look = async (settings: Record<string, string>): Promise<string> => {
      const topic = await bench.topic('updates', 1, settings)
      const [{ status, message } = { status: 'none', message: '' }] = await inspectQueue({
        ...{ broker, topic, deadLetterTopic: null },
      })
      return `${status} ${message.replace(topic, 'it').split(':')[0]}`
    }
    expect([
      await look({}),
      await look({ 'retention.ms': String(15 * DAY_MS) }),
      await look({ 'retention.ms': String(15.5 * DAY_MS) }),
      await look({ 'retention.ms': '-1' }),
      await look({ 'cleanup.policy': 'compact' }),
      await look({ 'cleanup.policy': 'compact,delete', 'retention.ms': String(DAY_MS) }),
    ]).toEqual([
      'ok it keeps messages for 7 days',
      'ok it keeps messages for 15 days',
      'warn it keeps messages for 15.5 days',
      'warn it keeps messages for ever',
      'warn it keeps messages for ever',
      'ok it keeps messages for 1 days',
    ])
  })

  it('tells of topics that are not there', async () => {
    const found = await inspectQueue({ broker, topic: 'nowhere', deadLetterTopic: 'nor-there' })
    expect(found.map(({ status, check }) => `${status} ${check}`)).toEqual([
      'fail Kafka topic',
      'warn Kafka dead letters',
    ])
  })

  it('is part of the doctor', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 1, { 'retention.ms': String(30 * DAY_MS) })
    const doctor = async (brokers: string): Promise<readonly unknown[]> => {
      const environment = { KAFKA_ENABLED: 'true', KAFKA_BOOTSTRAP_SERVERS: brokers, KAFKA_TOPIC_NAME: topic }
      await using asked = startWorkerProcess(CLI, bench.folder, environment, ['doctor', '--json'])
      await asked.ended
      return (JSON.parse(asked.said()) as { findings: readonly unknown[] }).findings
    }
    expect(await doctor(server.bootstrap)).toContainEqual({
      check: 'Kafka topic',
      status: 'warn',
      message: expect.stringContaining('30 days'),
      cure: 'Set its retention.ms to 1296000000 or less',
    })
    expect(await doctor('127.0.0.1:1')).toContainEqual(
      expect.objectContaining({
        check: 'kafka-worker',
        status: 'fail',
        message: expect.stringContaining('127.0.0.1:1'),
      }),
    )
  })
})
