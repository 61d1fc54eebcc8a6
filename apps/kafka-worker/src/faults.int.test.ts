import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { anUpdate } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import kafkajs from 'kafkajs'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench } from '../test/bench.ts'

const server = await orSkip(startKafka({ faults: true }))
const LZ4_HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73])
const patience = { timeout: 50_000, interval: 100 }
const long = { timeout: 100_000, interval: 50 }
const many = (count: number, facts: object = {}) => Array.from({ length: count }, () => anUpdate(facts))

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
