import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { anUpdate } from '@pebbles/intake/testing'
import { createLogger, type Logger } from '@pebbles/runtime'
import { orSkip, startKafka } from '@pebbles/services'
import kafkajs from 'kafkajs'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'

const server = await orSkip(startKafka({ faults: true }))
const LZ4_HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73])
const patience = { timeout: 50_000, interval: 100 }
const STORM_MS = 25_000
const WINDOW = { timeout: 30_000, interval: 50 }
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

describe.skipIf(server === null)('the Kafka worker', () => {
  if (server === null) return
  afterAll(() => server.stop())

  it('reads every codec', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    bench.start(topic)
    const packers = {
      // Kafka takes blocks that stand alone, and a header that says so; this packer makes one block and another header.
      LZ4: async (data: Buffer) => Buffer.concat([LZ4_HEADER, lz4.compress(data).subarray(LZ4_HEADER.length)]),
      Snappy: async (data: Buffer) => snappy.compress(data),
      ZSTD: promisify(zstdCompress),
    } as const
    for (const [name, pack] of Object.entries(packers)) {
      const type = kafkajs.CompressionTypes[name as keyof typeof packers]
      const codec = kafkajs.CompressionCodecs[type] as unknown as () => object
      const compress = async (encoder: { buffer: Buffer }) => Buffer.from(await pack(encoder.buffer))
      kafkajs.CompressionCodecs[type] = () => ({ ...codec(), compress })
      const messages = many(20).map((update) => ({ value: JSON.stringify(update) }))
      await bench.producer.send({ topic, compression: type, messages })
      kafkajs.CompressionCodecs[type] = codec
    }
    await vi.waitFor(async () => expect(await bench.done()).toBe(60), patience)
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 0 })
  })

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
      const heard: string[] = []
      const warn = (_: object, text: string) => void heard.push(text)
      const log = { ...createLogger({ name: 'test', level: 'silent' }), warn } as Logger
      const worker = bench.start(topic, { onReset: 'stop', log })
      await vi.waitFor(async () => expect(await worker.checks.intake()).toMatchObject({ ok: false }), patience)
      // The client meets the gap by itself, too.
      await vi.waitFor(() => expect(heard.join()).toContain('Offset out of range'), patience)
      await worker.stop()
    }
    expect(await bench.done()).toBe(5)
    expect(await bench.lag(topic)).toBe(5)
    bench.start(topic)
    await vi.waitFor(async () => expect(await bench.done()).toBe(7), patience)
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
    await bench.admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
    await vi.waitFor(() => bench.send(topic, many(9)), patience)
    await vi.waitFor(async () => expect(await worker.checks.intake()).toMatchObject({ ok: false }), long)
    expect(await worker.checks.topic()).toMatchObject({ ok: false, detail: 'the topic was recreated' })
    expect([await bench.metric('pebbles_kafka_topic_resets_total'), await bench.done()]).toEqual(['1', 5])
  })

  it('outlives a broker that hangs, and one that is killed and comes back, under load, and says so', {
    timeout: 240_000,
  }, async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 2)
    const worker = bench.start(topic)
    const isReady = async (): Promise<boolean> => (await worker.checks.consumer()).ok
    await using load = bench.load(topic)
    const goesOn = async (): Promise<void> => {
      const before = (await bench.done()) ?? 0
      await vi.waitFor(async () => expect(await isReady()).toBe(true), long)
      await vi.waitFor(async () => expect(await bench.done()).toBeGreaterThan(before), long)
    }
    const outage = async (begin: () => Promise<void>, end: () => Promise<void>): Promise<void> => {
      await goesOn()
      await begin()
      await vi.waitFor(async () => expect(await isReady()).toBe(false), long)
      await end()
    }
    await outage(server.pause, server.resume)
    await outage(server.kill, server.restart)
    await goesOn()
    expect(Number(await bench.metric('pebbles_kafka_stalled_rebuilds_total'))).toBeLessThanOrEqual(1)
    await load.stop()
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), long)
    expect(await bench.done()).toBe(load.sent())
  })

  it('reads partitions that are added, and a topic that is made anew, shorter and longer, while it runs', {
    timeout: 200_000,
  }, async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const worker = bench.start(topic)
    await bench.send(topic, many(20))
    await vi.waitFor(async () => expect(await bench.done()).toBe(20), patience)
    await bench.admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    // One that has looked at the topic before sends nothing to a partition that is new.
    await using later = await createKafkaBench(server.bootstrap)
    await later.send(topic, many(1), { partition: 2 })
    await vi.waitFor(async () => expect(await bench.done()).toBe(21), patience)
    expect(await worker.checks.topic()).toEqual({ ok: true })
    for (const count of [2, 40]) {
      await bench.admin.deleteTopics({ topics: [topic] })
      await vi.waitFor(
        () => bench.admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }),
        patience,
      )
      await vi.waitFor(() => bench.send(topic, many(count, { filename: `${count}.csv` })), patience)
      await vi.waitFor(async () => expect(await bench.done(`${count}.csv`)).toBe(count), patience)
      await vi.waitFor(async () => expect((await worker.checks.topic()).ok).toBe(false), patience)
      await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    }
  })

  it('goes on while others join and leave all the time, and counts exactly', { timeout: 200_000 }, async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 4)
    await using load = bench.load(topic)
    for (let staying = 0; staying < 2; staying += 1) bench.start(topic)
    const until = performance.now() + STORM_MS
    const storm = async (): Promise<void> => {
      for (let round = 0; performance.now() < until; round += 1) {
        const passing = bench.start(topic)
        await delay(1_000 + 250 * (round % 5))
        await passing.stop()
      }
    }
    const storming = storm()
    while (performance.now() < until) {
      const before = (await bench.done()) ?? 0
      await vi.waitFor(async () => expect(await bench.done()).toBeGreaterThan(before), WINDOW)
    }
    await storming
    await load.stop()
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), long)
    expect(await bench.done()).toBe(load.sent())
  })

  it('takes what it reads again, as the group was set back by hand, for duplicates', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    await bench.send(topic, [...many(5), '{'])
    const first = bench.start(topic)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await first.stop()
    await bench.admin.resetOffsets({ groupId: `group-of-${topic}`, topic, earliest: true })
    const worker = bench.start(topic)
    await bench.send(topic, many(1))
    await vi.waitFor(async () => expect(await bench.done()).toBe(6), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect(await bench.metric('pebbles_updates_total{channel="kafka",outcome="duplicate"}')).toBe('5')
    expect(await worker.checks.topic()).toEqual({ ok: true })
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
