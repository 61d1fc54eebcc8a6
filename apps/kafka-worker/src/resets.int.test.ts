import { anUpdate } from '@pebbles/intake/testing'
import { createLogger, type Logger } from '@pebbles/runtime'
import { orSkip, startKafka } from '@pebbles/services'
import kafkajs from 'kafkajs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'
import { createTopic } from '../test/create-topic.ts'
import type { KafkaWorker } from './worker.ts'

const server = await orSkip(startKafka())
const patience = { timeout: 50_000, interval: 100 }
const long = { timeout: 100_000, interval: 50 }
const many = (count: number, facts: object = {}) => Array.from({ length: count }, () => anUpdate(facts))

/** Five are read, and of five more those before this offset expire while nobody reads. */
const readThenLose = async (bench: KafkaBench, topic: string, offset: string): Promise<void> => {
  await bench.send(topic, many(5))
  const first = bench.start(topic)
  await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
  await first.stop()
  await bench.send(topic, many(5))
  await bench.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] })
}

/** One that is told to stop at a gap, once it has. */
const startAndHalt = async (bench: KafkaBench, topic: string): Promise<KafkaWorker> => {
  const heard: string[] = []
  const warn = (_: object, text: string) => void heard.push(text)
  const log = { ...createLogger({ name: 'test', level: 'silent' }), warn } as Logger
  const worker = bench.start(topic, { onReset: 'stop', log })
  await vi.waitFor(async () => expect(await worker.checks.intake()).toMatchObject({ ok: false }), patience)
  // The client meets the gap by itself, too.
  await vi.waitFor(() => expect(heard.join()).toContain('Offset out of range'), patience)
  return worker
}

describe.skipIf(server === null)('a topic that lost what was not read, or was made anew', () => {
  if (server === null) return
  afterAll(() => server.stop())

  it('says that messages expired unread, and goes on with those that are there', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    await readThenLose(bench, topic, '8')
    const worker = bench.start(topic)
    await vi.waitFor(async () => expect(await bench.done()).toBe(7), patience)
    expect(await worker.checks.topic()).toMatchObject({ ok: false, detail: '3 messages expired unread' })
    expect(await bench.metric('pebbles_kafka_expired_messages_total')).toBe('3')
  })

  it('says so once when nothing came after them', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    await readThenLose(bench, topic, '10')
    const second = bench.start(topic)
    await vi.waitFor(async () => expect((await second.checks.topic()).ok).toBe(false), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await second.stop()
    const third = bench.start(topic)
    await bench.send(topic, many(1))
    await vi.waitFor(async () => expect(await bench.done()).toBe(6), patience)
    expect(await third.checks.topic()).toEqual({ ok: true })
  })

  it('stops there instead, when it is told to, and again when it is started again', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    await readThenLose(bench, topic, '8')
    for (let starts = 0; starts < 2; starts += 1) {
      const worker = await startAndHalt(bench, topic)
      await worker.stop()
    }
    expect(await bench.done()).toBe(5)
    expect(await bench.lag(topic)).toBe(5)
    bench.start(topic)
    await vi.waitFor(async () => expect(await bench.done()).toBe(7), patience)
  })

  it('stays there though nothing but the mark of a transaction is left of what expired', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 2)
    const kafka = new kafkajs.Kafka({ brokers: [server.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
    const settings = { transactionalId: topic, maxInFlightRequests: 1, idempotent: true }
    const producer = kafka.producer({ ...settings, createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    /** Three and a mark. */
    const sendTogether = async (partition: number, end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await producer.transaction()
      const messages = many(3).map((update) => ({ partition, value: JSON.stringify(update) }))
      await transaction.send({ topic, messages })
      await transaction[end]()
    }
    const first = bench.start(topic)
    await bench.send(topic, many(5), { partition: 0 })
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await first.stop()
    await sendTogether(0, 'commit')
    await bench.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '8' }] })
    for (let starts = 1; starts <= 2; starts += 1) {
      const worker = await startAndHalt(bench, topic)
      // What is fetched after that has both: of the other partition nothing is in question.
      await sendTogether(1, 'abort')
      await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(4), patience)
      await worker.stop()
    }
    expect(await bench.lag(topic)).toBe(4)
    bench.start(topic)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect(await bench.metric('pebbles_kafka_expired_messages_total')).toBe('3')
    await producer.disconnect()
  })

  it('reads another topic under the old name from its start, though it is longer than what was read', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const groupId = `group-of-${topic}`
    await bench.send(topic, many(5))
    const first = bench.start(topic)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await first.stop()
    const [committed] = await bench.admin.fetchOffsets({ groupId, topics: [topic] })
    const [partition] = committed?.partitions ?? []
    // As on another cluster whose topic has the same name: the group's offsets came along, the records did not.
    await bench.admin.deleteTopics({ topics: [topic] })
    await vi.waitFor(async () => expect(await bench.admin.listTopics()).not.toContain(topic), patience)
    await vi.waitFor(
      () => bench.admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }),
      patience,
    )
    await vi.waitFor(() => bench.send(topic, many(9)), patience)
    if (partition === undefined) throw new Error('the group had committed')
    const { offset, metadata } = partition
    await commit(server.bootstrap, groupId, topic, offset, metadata)
    const worker = bench.start(topic)
    await vi.waitFor(async () => expect(await bench.done()).toBe(14), patience)
    expect(await worker.checks.topic()).toMatchObject({ ok: false, detail: 'the topic was recreated' })
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
  })

  it('says that a topic was made anew, though it was away for so long that the consumer was replaced', {
    timeout: 120_000,
  }, async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const heard: string[] = []
    const error = (_: object, text: string) => void heard.push(text)
    const log = { ...createLogger({ name: 'test', level: 'silent' }), error } as Logger
    const worker = bench.start(topic, { log, onReset: 'stop' })
    await bench.send(topic, many(5))
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await bench.admin.deleteTopics({ topics: [topic] })
    await vi.waitFor(() => expect(heard.join()).toContain('another takes its place'), long)
    await createTopic(bench.admin, { topic, numPartitions: 1 })
    await vi.waitFor(() => bench.send(topic, many(9)), patience)
    await vi.waitFor(async () => expect(await worker.checks.intake()).toMatchObject({ ok: false }), long)
    expect(await worker.checks.topic()).toMatchObject({ ok: false, detail: 'the topic was recreated' })
    expect([await bench.metric('pebbles_kafka_topic_resets_total'), await bench.done()]).toEqual(['1', 5])
    await worker.stop()
    for (let starts = 1; starts <= 2; starts += 1) {
      const next = bench.start(topic, { onReset: 'stop' })
      await vi.waitFor(async () => expect(await next.checks.intake()).toMatchObject({ ok: false }), patience)
      await next.stop()
    }
    expect(await bench.done()).toBe(5)
    const last = bench.start(topic)
    await vi.waitFor(async () => expect(await bench.done()).toBe(14), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await last.stop()
    // Decided once, it is not asked again.
    const again = bench.start(topic, { onReset: 'stop' })
    await bench.send(topic, many(1))
    await vi.waitFor(async () => expect(await bench.done()).toBe(15), patience)
    expect(await again.checks.topic()).toEqual({ ok: true })
  })
})

/** Moves a group that nobody is in. */
const commit = async (bootstrap: string, groupId: string, topic: string, offset: string, metadata: string | null) => {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic })
  const joined = new Promise<void>((resolve) => {
    consumer.on('consumer.group_join', () => resolve())
  })
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined })
  await joined
  await consumer.commitOffsets([{ topic, partition: 0, offset, metadata }])
  await consumer.disconnect()
}
