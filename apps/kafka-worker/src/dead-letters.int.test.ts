import { anUpdate } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'
import { createTopic } from '../test/create-topic.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'
import { endsOf, readLetters } from './read-letters.ts'

const server = await orSkip(startKafka())
const DAY_MS = 86_400_000
const patience = { timeout: 60_000, interval: 100 }

const caughtUp = (bench: KafkaBench, topic: string): Promise<void> =>
  vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)

describe.skipIf(server === null)('dead letters of the Kafka worker', () => {
  if (server === null) return
  afterAll(() => server.stop())

  const depsOf = (bench: KafkaBench, topic: string, deadLetterTopic: string) => ({
    broker: { brokers: [server.bootstrap], ssl: false, sasl: null },
    ...{ topic, deadLetterTopic, groupId: `group-of-${topic}`, rejected: bench.store.rejected, now: Date.now },
  })
  /** As they are when their cause is gone. */
  const sendGood = async (bench: KafkaBench, dead: string, count: number): Promise<void> => {
    for (let partition = 0; partition < 2; partition += 1)
      for (let sent = 0; sent < count / 2; sent += 1)
        await bench.send(dead, [anUpdate()], {
          partition,
          headers: { 'pebbles-update-id': `derived:${partition}-${sent}`, 'pebbles-attempts': '1' },
        })
  }

  it('that are too large for their topic are kept in the store, and the others go there', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead', 1, { 'max.message.bytes': '2000' })]
    const large = `{"text": "${'x'.repeat(1_800)}"`
    await bench.send(topic, ['{', large, '[', anUpdate()])
    bench.start(topic, { deadLetterTopic: dead })
    await caughtUp(bench, topic)
    expect((await bench.read(dead, 2)).map(({ value }) => String(value))).toEqual(['{', '['])
    expect((await bench.store.rejected.list(9, 0)).map(({ body }) => String(Buffer.from(body ?? [])))).toEqual([large])
    expect(await bench.done()).toBe(1)
  })

  it('stay where they are while neither their topic nor the store takes them', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const dead = `${topic}-dead`
    await bench.send(topic, ['{', anUpdate()])
    const worker = bench.start(topic, { deadLetterTopic: dead, rejected: null })
    await vi.waitFor(async () => expect(await worker.checks.intake()).toMatchObject({ ok: false }), patience)
    expect(await bench.lag(topic)).toBe(2)
    await createTopic(bench.admin, { topic: dead, numPartitions: 1 })
    await caughtUp(bench, topic)
    expect(await bench.done()).toBe(1)
    expect(String((await bench.read(dead, 1))[0]?.value)).toBe('{')
  })

  it('keep headers of any name on their way there and back, and may be many and large', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    const headers = { constructor: 'a', ['__proto__']: 'b', toString: ['c', 'd'] }
    const large = `{"text": "${'x'.repeat(100_000)}"`
    const first = bench.start(topic)
    for (let sent = 0; sent < 3; sent += 1) await bench.send(topic, Array<string>(8).fill(large), { headers })
    await caughtUp(bench, topic)
    await first.stop()
    const deps = depsOf(bench, topic, `${dead}-nowhere`)
    expect((await listDeadLetters(deps, 100)).rows).toHaveLength(24)
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 24, left: 0 })
    bench.start(topic, { deadLetterTopic: dead })
    const letters = await bench.read(dead, 24)
    for (const { headers: found = {} } of letters) {
      const sender = Object.entries(found).filter(([name]) => !/^pebbles-|^__connect/.test(name))
      expect(sender.map(([name, value]) => `${name} ${[value].flat().join()}`).sort()).toEqual([
        '__proto__ b',
        'constructor a',
        'toString c,d',
      ])
    }
  })

  it('of an old message are new to the broker, which deletes by age, and know when it was sent all the same', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates', 1, { 'retention.ms': '-1' }), await bench.topic('dead')]
    const began = Date.now()
    const sentAt = String(began - 30 * DAY_MS)
    await bench.send(topic, ['{'], { timestamp: sentAt })
    bench.start(topic, { deadLetterTopic: dead })
    await caughtUp(bench, topic)
    expect(await replayDeadLetters(depsOf(bench, topic, dead))).toEqual({ replayed: 1, left: 0 })
    const letters = await bench.read(dead, 2)
    expect(letters.map(({ headers }) => String(headers?.['pebbles-attempts']))).toEqual(['1', '2'])
    for (const { timestamp, headers } of letters) {
      expect(String(headers?.['pebbles-sent-at'])).toBe(sentAt)
      expect(Number(timestamp)).toBeGreaterThanOrEqual(began)
    }
  })

  it('that are refused again come back once, for the next run and not for this one', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    const first = bench.start(topic)
    await bench.send(topic, ['{', '['])
    await caughtUp(bench, topic)
    await first.stop()
    bench.start(topic, { deadLetterTopic: dead })
    await bench.send(topic, ['(', anUpdate({ email: 7 })])
    await caughtUp(bench, topic)
    const deps = depsOf(bench, topic, dead)
    for (let run = 1; run <= 3; run += 1) {
      expect(await replayDeadLetters(deps)).toEqual({ replayed: 4, left: 0 })
      await caughtUp(bench, topic)
    }
    // Two are there from before, and four of each run.
    const ids = new Map<string, string[]>()
    for (const { headers } of await bench.read(dead, 14)) {
      const [id, attempts] = [String(headers?.['pebbles-update-id']), String(headers?.['pebbles-attempts'])]
      ids.set(id, [...(ids.get(id) ?? []), attempts])
    }
    expect([...ids.values()].map((attempts) => attempts.join()).sort()).toEqual([
      '1,2,3,4',
      '1,2,3,4',
      '2,3,4',
      '2,3,4',
    ])
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 0 })
  })

  it('that their topic does not take stay there, and hold up none behind them', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates', 1, { 'max.message.bytes': '2000' }), await bench.topic('dead')]
    const large = `{"text": "${'x'.repeat(3_000)}"`
    const letter = { headers: { 'pebbles-code': 'INVALID_BODY', 'pebbles-attempts': '1' } }
    const deps = depsOf(bench, topic, dead)
    await bench.send(dead, [anUpdate(), large, anUpdate()], letter)
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 2, left: 1 })
    const { total, rows } = await listDeadLetters(deps, 9)
    expect([total, rows.map(({ code, attempts }) => `${code} ${attempts}`)]).toEqual([1, ['INVALID_BODY 1']])
    await bench.send(dead, [anUpdate()], letter)
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 1, left: 1 })
    await bench.admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: topic, configEntries: [{ name: 'max.message.bytes', value: '9000' }] }],
    })
    await vi.waitFor(async () => expect(await replayDeadLetters(deps)).toEqual({ replayed: 1, left: 0 }), patience)
    expect((await bench.read(topic, 4)).map(({ value }) => String(value)).at(-1)).toBe(large)
  })

  it('stay there when the topic that they are to go to is not there, and it is not made for them', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const dead = await bench.topic('dead')
    const deps = depsOf(bench, `${dead}-mistyped`, dead)
    await bench.send(dead, [anUpdate()], { headers: { 'pebbles-code': 'NOT_OWNER' } })
    // A broker that has no groups yet has no place for them.
    await vi.waitFor(() => bench.admin.fetchOffsets({ groupId: `${deps.groupId}-replay`, topics: [dead] }), patience)
    await expect(replayDeadLetters(deps)).rejects.toThrow(`the topic ${deps.topic} is not there`)
    expect(await bench.admin.listTopics()).not.toContain(deps.topic)
    expect((await listDeadLetters(deps, 9)).total).toBe(1)
  })

  it('that were replayed are not read again to list those that were not', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    const deps = depsOf(bench, topic, dead)
    // More than is fetched at once.
    for (let sent = 0; sent < 4; sent += 1) await bench.send(dead, ['x'.repeat(700_000)])
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 4, left: 0 })
    await bench.send(dead, ['{'])
    const letters = { broker: deps.broker, topic: dead, replayGroup: `${deps.groupId}-replay` }
    const seen: string[][] = []
    const total = await readLetters(letters, await endsOf(letters), {
      groupId: `${dead}-list`,
      onRecords: async (records) => {
        seen.push(records.map(({ value }) => String(value)))
        return true
      },
    })
    expect([total, seen]).toEqual([1, [['{']]])
  })

  it('that expire while they are read are not waited for', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const dead = await bench.topic('dead')
    // More than is fetched at once.
    for (let sent = 0; sent < 4; sent += 1) await bench.send(dead, ['x'.repeat(700_000)])
    const broker = { brokers: [server.bootstrap], ssl: false, sasl: null }
    const letters = { broker, topic: dead, replayGroup: `${dead}-replay` }
    // A broker that has no groups yet has no place for them.
    await vi.waitFor(() => bench.admin.fetchOffsets({ groupId: letters.replayGroup, topics: [dead] }), patience)
    let seen = 0
    await readLetters(letters, await endsOf(letters), {
      groupId: `${dead}-list`,
      onRecords: async (records) => {
        if (seen === 0)
          await bench.admin.deleteTopicRecords({ topic: dead, partitions: [{ partition: 0, offset: '4' }] })
        seen += records.length
        return true
      },
    })
    expect(seen).toBeLessThan(4)
  })

  it('count once when two replay them at once, and again', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead', 2)]
    await sendGood(bench, dead, 200)
    bench.start(topic)
    const deps = depsOf(bench, topic, dead)
    const [one, other] = await Promise.all([replayDeadLetters(deps), replayDeadLetters(deps)])
    expect((one?.replayed ?? 0) + (other?.replayed ?? 0)).toBeGreaterThanOrEqual(200)
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 0, left: 0 })
    expect((await listDeadLetters(deps, 9)).total).toBe(0)
    await caughtUp(bench, topic)
    expect([await bench.done(), await bench.store.rejected.size()]).toMatchObject([200, { messages: 0 }])
  })
})
