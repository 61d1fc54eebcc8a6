import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createWorkerMetrics } from '@pebbles/intake'
import { anUpdate } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench } from '../test/bench.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'

const server = await orSkip(startKafka())
const patience = { timeout: 30_000, interval: 100 }

describe.skipIf(server === null)('the Kafka worker', () => {
  if (server === null) return
  afterAll(() => server.stop())

  it('applies each update once, however often it is sent, and is done with the topic', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 3)
    const updates = Array.from({ length: 60 }, (_, index) =>
      anUpdate({ filename: `f${index % 3}.csv`, updateId: `u${index}` }),
    )
    await bench.send(topic, [...updates, ...updates.slice(0, 20)])
    const worker = bench.start(topic)
    await vi.waitFor(async () => {
      const found = await Promise.all([0, 1, 2].map((index) => bench.done(`f${index}.csv`)))
      expect(found).toEqual([20, 20, 20])
    }, patience)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect(await worker.checks.consumer()).toEqual({ ok: true })
    // Whoever comes after has nothing to do again.
    await worker.stop()
    const applied = (await bench.state('f0.csv'))?.version
    bench.start(topic)
    await bench.send(topic, [anUpdate({ filename: 'last.csv' })])
    await vi.waitFor(async () => expect(await bench.done('last.csv')).toBe(1), patience)
    expect((await bench.state('f0.csv'))?.version).toBe(applied)
  })

  it('sends what is refused to the dead letters as it came, with the reason beside it', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    const bytes = Buffer.from([0xff, 0x00, 0x7b])
    await bench.send(topic, [bytes], { key: 'k', headers: { trace: ['a', 'b'], 'pebbles-code': 'OLD' } })
    await bench.send(topic, [null, anUpdate({ email: 7 }), anUpdate()], { key: 'k' })
    bench.start(topic, { deadLetterTopic: dead })
    const letters = await bench.read(dead, 3)
    expect(letters.map(({ headers }) => String(headers?.['pebbles-code']))).toEqual([
      'INVALID_BODY',
      'EMPTY_MESSAGE',
      'NO_EMAIL',
    ])
    const [first] = letters
    expect(first?.value).toEqual(bytes)
    expect(String(first?.key)).toBe('k')
    expect(first?.headers?.['trace']).toEqual([Buffer.from('a'), Buffer.from('b')])
    expect(String(first?.headers?.['__connect.errors.offset'])).toBe('0')
    expect(String(first?.headers?.['pebbles-update-id'])).toMatch(/^derived:kafka:/)
    await vi.waitFor(async () => expect(await bench.done()).toBe(1), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
  })

  it('keeps what is refused in the store while the dead-letter topic is not there', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    await bench.send(topic, ['not json', anUpdate()], { key: 'k' })
    bench.start(topic, { deadLetterTopic: `${topic}-nowhere` })
    await vi.waitFor(async () => expect(await bench.store.rejected.size()).toMatchObject({ messages: 1 }), patience)
    const [kept] = await bench.store.rejected.list(1, 0)
    expect(kept).toMatchObject({ channel: 'kafka', code: 'INVALID_BODY', attempts: 1 })
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect(await bench.done()).toBe(1)
  })

  it('waits while the store is away, commits nothing, and goes on by itself', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    await bench.send(
      topic,
      Array.from({ length: 30 }, () => anUpdate()),
    )
    let away = true
    let asked = 0
    const worker = bench.start(topic, {
      record: async (commands) =>
        away
          ? commands.map(() => ({ kind: 'unavailable' as const, cause: new Error('away') }))
          : bench.record(commands),
      ping: async () => {
        asked += 1
        if (away) throw new Error('away')
      },
    })
    await vi.waitFor(() => expect(asked).toBeGreaterThan(2), patience)
    expect(await worker.checks.intake()).toMatchObject({ ok: false })
    expect(await bench.lag(topic)).toBe(30)
    away = false
    await vi.waitFor(async () => expect(await bench.done()).toBe(30), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
  })

  it('counts what was sent before the completing update, and refuses what was sent after it', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const noon = Date.UTC(2026, 0, 15, 12)
    await bench.send(topic, [anUpdate({ isLast: true })], { timestamp: String(noon) })
    await bench.send(topic, [anUpdate()], { timestamp: String(noon - 1) })
    await bench.send(topic, [anUpdate()], { timestamp: String(noon + 1) })
    bench.start(topic)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect(await bench.done()).toBe(2)
    expect((await bench.store.rejected.list(9, 0)).map(({ code }) => code)).toEqual(['PROGRESS_COMPLETED'])
  })

  it('shares its group with the worker of another topic, and all of both is read', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topics = [await bench.topic('updates', 2), await bench.topic('others', 2)]
    const workers = topics.map((topic) => bench.start(topic, { groupId: 'group-of-both' }))
    for (const worker of workers)
      await vi.waitFor(async () => expect(await worker.checks.consumer()).toEqual({ ok: true }), patience)
    for (const topic of topics)
      for (const partition of [0, 1]) await bench.send(topic, [anUpdate({ filename: topic })], { partition })
    for (const topic of topics) await vi.waitFor(async () => expect(await bench.done(topic)).toBe(2), patience)
    // Whoever is left has its own to itself.
    await workers[0]?.stop()
    const [, other = ''] = topics
    for (const partition of [0, 1]) await bench.send(other, [anUpdate({ filename: other })], { partition })
    await vi.waitFor(async () => expect(await bench.done(other)).toBe(4), patience)
  })

  it('tells how many messages wait in its partitions, and not in those that went to another', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 2)
    const metrics = createWorkerMetrics({ version: 'test', process: 'kafka-worker', channel: 'kafka' })
    const told = async () => (await metrics.render()).body.match(/^pebbles_kafka_lag\{part="\d"\}/gm)?.length
    for (const partition of [0, 1]) await bench.send(topic, [anUpdate()], { partition })
    bench.start(topic, { metrics })
    await vi.waitFor(async () => expect(await told()).toBe(2), patience)
    bench.start(topic)
    await vi.waitFor(async () => expect(await told()).toBe(1), patience)
    await metrics.stop()
  })

  it('takes what the example of the guide sends, once', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    bench.start(topic)
    const example = fileURLToPath(new URL('../test/send-update.mjs', import.meta.url))
    const env = { ...process.env, ...{ KAFKA_BOOTSTRAP_SERVERS: server.bootstrap, KAFKA_TOPIC_NAME: topic } }
    for (let times = 0; times < 2; times += 1) await promisify(execFile)(process.execPath, [example], { env })
    await vi.waitFor(async () => expect(await bench.done('orders.csv')).toBe(500), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect(await bench.done('orders.csv')).toBe(500)
  })

  it('lists dead letters and leaves them, and replays each once, from the topic and from the store', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    const first = bench.start(topic, { deadLetterTopic: dead })
    await bench.send(topic, ['{', anUpdate({ email: 7 })])
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await first.stop()
    const second = bench.start(topic)
    await bench.send(topic, ['['])
    await vi.waitFor(async () => expect(await bench.store.rejected.size()).toMatchObject({ messages: 1 }), patience)
    await second.stop()
    const deps = {
      broker: { brokers: server.bootstrap.split(','), ssl: false, sasl: null },
      topic,
      groupId: `group-of-${topic}`,
      deadLetterTopic: dead,
      rejected: bench.store.rejected,
      now: Date.now,
    }
    const listed = await listDeadLetters(deps, 100)
    expect([listed.total, listed.rows.map(({ place, code }) => `${place} ${code}`)]).toEqual([
      3,
      ['store INVALID_BODY', 'kafka INVALID_BODY', 'kafka NO_EMAIL'],
    ])
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 3, left: 0 })
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 0 })
    // Refused again, each comes back once, with the id it had.
    bench.start(topic, { deadLetterTopic: dead })
    const letters = await bench.read(dead, 5)
    const facts = letters.map(({ headers }) => [
      String(headers?.['pebbles-update-id']),
      String(headers?.['pebbles-attempts']),
    ])
    const replayed = facts.filter(([, attempts]) => attempts === '2')
    expect(replayed).toHaveLength(3)
    expect(facts.filter(([id]) => id === facts[0]?.[0]).map(([, attempts]) => attempts)).toEqual(['1', '2'])
    expect((await listDeadLetters(deps, 100)).total).toBe(3)
  })
})
