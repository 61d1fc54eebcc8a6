import { once } from 'node:events'
import { createGzip } from 'node:zlib'
import { anUpdate } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import kafkajs, { type Producer } from 'kafkajs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'

const server = await orSkip(startKafka())
const patience = { timeout: 60_000, interval: 100 }
const values = (count: number, facts: object = {}) =>
  Array.from({ length: count }, () => ({ value: JSON.stringify(anUpdate(facts)) }))

const caughtUp = (bench: KafkaBench, topic: string): Promise<void> =>
  vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)

describe.skipIf(server === null)('the Kafka worker', () => {
  if (server === null) return
  afterAll(() => server.stop())

  const transactional = async (name: string): Promise<Producer> => {
    const kafka = new kafkajs.Kafka({ brokers: [server.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
    const producer = kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      transactionalId: `${name}-${process.pid}`,
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    return producer
  }

  it('applies what is committed of transactions and nothing else, and has nothing left behind their marks', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const [long, short] = [await transactional('long'), await transactional('short')]
    const first = bench.start(topic)
    const [aborted, inside] = [await long.transaction(), await short.transaction()]
    await aborted.send({ topic, messages: values(3, { filename: 'aborted.csv' }) })
    // A key like that of the mark of an abort.
    const key = Buffer.alloc(4)
    await inside.send({ topic, messages: [...values(1, { filename: 'aborted.csv' }).map((one) => ({ ...one, key }))] })
    await inside.send({ topic, messages: values(2, { filename: 'aborted.csv' }) })
    await inside.abort()
    await aborted.send({ topic, messages: values(2, { filename: 'aborted.csv' }) })
    await bench.send(topic, [anUpdate()])
    await aborted.abort()
    const committed = await long.transaction()
    await committed.send({ topic, messages: values(4) })
    await committed.commit()
    await vi.waitFor(async () => expect(await bench.done()).toBe(5), patience)
    await caughtUp(bench, topic)
    expect(await bench.done('aborted.csv')).toBeNull()
    // Marks and nothing but marks, and who comes next still knows the topic again.
    const empty = await short.transaction()
    await empty.send({ topic, messages: values(1, { filename: 'aborted.csv' }) })
    await empty.abort()
    await caughtUp(bench, topic)
    await first.stop()
    const second = bench.start(topic)
    await bench.send(topic, [anUpdate()])
    await vi.waitFor(async () => expect(await bench.done()).toBe(6), patience)
    await caughtUp(bench, topic)
    expect([await bench.done('aborted.csv'), await second.checks.topic()]).toEqual([null, { ok: true }])
    await Promise.all([long.disconnect(), short.disconnect()])
  })

  it('waits behind a transaction that is open, as lag, and goes on when it ends', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const producer = await transactional('hung')
    const worker = bench.start(topic)
    await bench.send(topic, [anUpdate()])
    await vi.waitFor(async () => expect(await bench.done()).toBe(1), patience)
    const open = await producer.transaction()
    await open.send({ topic, messages: values(1, { filename: 'aborted.csv' }) })
    await bench.send(topic, [anUpdate(), anUpdate()])
    await vi.waitFor(async () => expect(await bench.metric('pebbles_kafka_lag')).toBe('3'), patience)
    expect([await bench.done(), await worker.checks.consumer()]).toEqual([1, { ok: true }])
    await open.abort()
    await vi.waitFor(async () => expect(await bench.done()).toBe(3), patience)
    await caughtUp(bench, topic)
    expect(await bench.done('aborted.csv')).toBeNull()
    await producer.disconnect()
  })

  it('knows a topic again though the record that it read last was compacted', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 1, {
      'cleanup.policy': 'compact',
      'segment.ms': '1',
      'min.cleanable.dirty.ratio': '0.001',
      'min.compaction.lag.ms': '0',
    })
    await bench.send(topic, [anUpdate(), anUpdate(), anUpdate()], { key: 'k' })
    const first = bench.start(topic, { onReset: 'stop' })
    await caughtUp(bench, topic)
    await first.stop()
    // The newest segment is never compacted, and is closed when something is written after its time.
    await vi.waitFor(
      async () => {
        await bench.send(topic, [anUpdate({ filename: 'later.csv' })], { key: 'k' })
        expect(Number((await bench.read(topic, 1))[0]?.offset)).toBeGreaterThan(2)
      },
      { timeout: 90_000, interval: 1_000 },
    )
    const worker = bench.start(topic, { onReset: 'stop' })
    await caughtUp(bench, topic)
    expect([await worker.checks.topic(), await worker.checks.intake(), await bench.done()]).toEqual([
      { ok: true },
      { ok: true },
      3,
    ])
    expect(await bench.done('later.csv')).toBeGreaterThan(0)
  })

  it('puts aside what is hostile, message by message, and takes the largest', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`h${index}`, `${index}`]))
    const large = JSON.stringify(anUpdate({ filename: 'large.csv' }))
    bench.start(topic)
    await bench.send(topic, [anUpdate()], { headers })
    await bench.send(topic, [anUpdate()], {
      headers: { constructor: 'a', ['__proto__']: 'b', '': 'c', hasOwnProperty: '' },
    })
    await bench.send(topic, [Buffer.from([0xc3, 0x28, 0xff]), null, `{"clientKrn": "${'x'.repeat(500_000)}"}`], {
      headers,
    })
    await bench.send(topic, [large + ' '.repeat(1_000_000 - large.length), anUpdate()])
    await vi.waitFor(async () => expect(await bench.done('large.csv')).toBe(1), patience)
    await caughtUp(bench, topic)
    expect(await bench.done()).toBe(3)
    const kept = await bench.store.rejected.list(9, 0)
    expect(kept.map(({ code, headers: { length } }) => `${code} ${length}`)).toEqual([
      'INVALID_BODY 10000',
      'EMPTY_MESSAGE 10000',
      'INVALID_CLIENT_KRN 10000',
    ])
  })

  it('puts aside a record that is vast when it is unpacked, and goes on', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    await sendBomb(bench.producer, topic, 40 * MIB)
    await bench.send(topic, [anUpdate()])
    bench.start(topic, { deadLetterTopic: dead })
    await vi.waitFor(async () => expect(await bench.done()).toBe(1), patience)
    await caughtUp(bench, topic)
    const kept = await bench.store.rejected.list(9, 0)
    expect(kept.map(({ code, body, reason }) => [code, body, reason.split(':')[0]])).toEqual([
      ['INVALID_BODY', null, `its ${40 * MIB} bytes are only where it came from`],
    ])
  })

  it('has few of those that are vast in hand at once, and skips none', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    for (let sent = 0; sent < 8; sent += 1) {
      await sendBomb(bench.producer, topic, 20 * MIB)
      await bench.send(topic, [anUpdate()])
    }
    bench.start(topic)
    await vi.waitFor(async () => expect(await bench.done()).toBe(8), patience)
    await caughtUp(bench, topic)
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 8 })
    // All of them are one fetch on the wire.
    expect(Number(await bench.metric('pebbles_kafka_batches_total'))).toBeGreaterThanOrEqual(4)
  })

  it('stands before a batch that cannot be decoded, says so, and goes on with the other partitions', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 2)
    await bench.send(topic, [anUpdate(), anUpdate()], { partition: 0 })
    await sendBomb(bench.producer, topic, 136 * MIB)
    await bench.send(topic, [anUpdate()], { partition: 0 })
    const worker = bench.start(topic)
    await vi.waitFor(async () => expect((await worker.checks.topic()).ok).toBe(false), patience)
    await bench.send(topic, [anUpdate(), anUpdate({ filename: 'other.csv' })], { partition: 1 })
    await vi.waitFor(async () => expect(await bench.done('other.csv')).toBe(1), patience)
    expect([await worker.checks.topic(), await worker.checks.consumer(), await bench.done()]).toEqual([
      { ok: false, detail: 'partition 0 stands: its batch up to offset 2 cannot be decoded' },
      { ok: true },
      3,
    ])
    expect(await bench.metric('pebbles_kafka_undecodable{part="0"}')).toBe('1')
    // What was applied is committed a moment later.
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(2), patience)
    // What an operator can do: take it out, and let the group begin behind it.
    await worker.stop()
    await bench.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] })
    const next = bench.start(topic)
    await vi.waitFor(async () => expect(await bench.done()).toBe(4), patience)
    await caughtUp(bench, topic)
    expect(await next.checks.topic()).toMatchObject({ detail: '1 messages expired unread' })
  })
})

const MIB = 1024 * 1024

/** One record that is small until it is unpacked. */
const sendBomb = async (producer: Producer, topic: string, bytes: number): Promise<void> => {
  const codecs = kafkajs.CompressionCodecs
  const honest = codecs[kafkajs.CompressionTypes.GZIP]
  codecs[kafkajs.CompressionTypes.GZIP] = () => ({
    compress: () => bomb(bytes),
    decompress: async (packed: Buffer) => packed,
  })
  await producer.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages: [{ value: '', partition: 0 }] })
  codecs[kafkajs.CompressionTypes.GZIP] = honest
}

const bomb = async (bytes: number): Promise<Buffer> => {
  const gzip = createGzip()
  const packed: Buffer[] = []
  gzip.on('data', (bytes: Buffer) => packed.push(bytes))
  const none = varint(-1)
  const length = varint(bytes)
  // Attributes, the distance to the time and the offset of the batch, key, value, headers.
  const head = Buffer.concat([Buffer.from([0, 0, 0]), none, length])
  gzip.write(Buffer.concat([varint(head.length + bytes + 1), head]))
  const zeros = Buffer.alloc(MIB)
  for (let sent = 0; sent < bytes; sent += zeros.length) if (!gzip.write(zeros)) await once(gzip, 'drain')
  gzip.end(varint(0))
  await once(gzip, 'end')
  return Buffer.concat(packed)
}

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let left = value < 0 ? -2 * value - 1 : 2 * value
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  return Buffer.from([...bytes, left])
}
