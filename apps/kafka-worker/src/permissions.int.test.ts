import { anUpdate, SQLITE } from '@pebbles/intake/testing'
import { createLogger, type Logger } from '@pebbles/runtime'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'
import { grant, type Names, type Rule, revoke, rulesOf } from '../test/grant-rules.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'
import { inspectQueue } from './inspect-queue.ts'
import type { KafkaWorker } from './worker.ts'

const USER = 'pebbles'
const passwords = { admin: 'of-admin', [USER]: 'of-pebbles' }
const server = await orSkip(startKafka({ users: { passwords, superUser: 'admin' } }))
const patience = { timeout: 50_000, interval: 100 }
const saslOf = (username: keyof typeof passwords) => ({
  ...{ mechanism: 'plain' as const, username, password: passwords[username] ?? '' },
})

describe.skipIf(server === null)('on a Kafka with rules', { timeout: 180_000 }, () => {
  if (server === null) return
  afterAll(() => server.stop())
  const broker = { brokers: [server.bootstrap], ssl: false, sasl: saslOf(USER) }

  const open = async () => {
    const bench = await createKafkaBench(server.bootstrap, SQLITE, saslOf('admin'))
    const topic = await bench.topic('updates')
    const names: Names = { topic, dead: await bench.topic('dead'), group: `group-of-${topic}` }
    const heard: string[] = []
    const error = (facts: object, text: string) =>
      void heard.push(`${text} ${String((facts as { err?: unknown }).err)}`)
    const log = { ...createLogger({ name: 'test', level: 'silent' }), error } as Logger
    const may = (rules: readonly Rule[]) => grant(bench.admin, USER, names, rules)
    const deps = { broker, topic, groupId: names.group, deadLetterTopic: names.dead }
    return { bench, names, heard, may, deps, start: () => bench.start(topic, { ...deps, log }) }
  }
  const isReady = async ({ checks }: KafkaWorker): Promise<boolean> =>
    (await Promise.all(Object.values(checks).map((check) => check()))).every(({ ok }) => ok)
  const letters = async (bench: KafkaBench, { dead }: Names): Promise<number> =>
    (await bench.admin.fetchTopicOffsets(dead)).reduce((sum, { high }) => sum + Number(high), 0)

  it('a worker with the rights of the guide takes messages, and puts aside what is refused', async () => {
    const { bench, names, may, start } = await open()
    await using _ = bench
    await may(rulesOf('the worker').filter(({ operation }) => operation !== 'DescribeConfigs'))
    await bench.send(names.topic, [anUpdate(), '{', anUpdate()])
    const worker = start()
    await vi.waitFor(async () => expect(await bench.lag(names.topic)).toBe(0), patience)
    expect([await bench.done(), await letters(bench, names), await isReady(worker)]).toEqual([2, 1, true])
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 0 })
  })

  it('what is refused goes to the store while the worker may not write where it should go', async () => {
    const { bench, names, may, start } = await open()
    await using _ = bench
    const rules = rulesOf('the worker')
    await may(rules.filter(({ on }) => on !== 'dead'))
    await bench.send(names.topic, [anUpdate(), '{', anUpdate()])
    const worker = start()
    await vi.waitFor(async () => expect(await bench.lag(names.topic)).toBe(0), patience)
    expect([await bench.done(), await worker.checks.intake()]).toEqual([2, { ok: true }])
    expect(await worker.checks.deadLetters()).toMatchObject({ ok: false })
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 1 })
    await may(rules)
    await vi.waitFor(async () => {
      await bench.send(names.topic, ['['])
      await vi.waitFor(async () => expect(await bench.lag(names.topic)).toBe(0), patience)
      expect(await letters(bench, names)).toBeGreaterThan(0)
    }, patience)
    expect(await isReady(worker)).toBe(true)
  })

  it.each([
    ['the topic', 'topic', 'TOPIC_AUTHORIZATION_FAILED'],
    ['the group', 'group', 'GROUP_AUTHORIZATION_FAILED'],
  ] as const)('a worker that may not read %s says so, and goes on when it may', async (_name, on, code) => {
    const { bench, names, heard, may, start } = await open()
    await using _ = bench
    const rules = rulesOf('the worker')
    const missing = rules.filter((rule) => rule.on === on)
    await may(rules.filter((rule) => rule.on !== on))
    await bench.send(names.topic, [anUpdate()])
    const worker = start()
    const refused = async (): Promise<void> => {
      await vi.waitFor(() => expect(heard.join()).toMatch(/not authorized/i), patience)
      await vi.waitFor(async () => {
        expect(await worker.checks.consumer()).toEqual({ ok: false, detail: `no consumer: ${code}` })
      }, patience)
    }
    await refused()
    await may(missing)
    await vi.waitFor(async () => expect([await bench.done(), await isReady(worker)]).toEqual([1, true]), patience)
    heard.length = 0
    await revoke(bench.admin, USER, names, missing)
    await bench.send(names.topic, [anUpdate()])
    await refused()
    await may(missing)
    await vi.waitFor(async () => expect([await bench.done(), await isReady(worker)]).toEqual([2, true]), patience)
    expect(await bench.metric('pebbles_kafka_topic_resets_total')).toBe('0')
  })

  const jobs = {
    'dlq list': async (deps: Parameters<typeof listDeadLetters>[0], bench: KafkaBench): Promise<string> => {
      const { total } = await listDeadLetters(deps, 9)
      const { groups } = await bench.admin.listGroups()
      const left = groups.filter(({ groupId }) => groupId.startsWith(`${deps.groupId}-replay-list`))
      return `${total} listed, ${left.length} groups left`
    },
    'dlq replay': async (deps: Parameters<typeof replayDeadLetters>[0]): Promise<string> => {
      const { replayed, left } = await replayDeadLetters(deps)
      return `${replayed} replayed, ${left} left`
    },
    doctor: async (deps: Parameters<typeof inspectQueue>[0]): Promise<string> =>
      (await inspectQueue(deps)).map(({ status, check }) => `${status} ${check}`).join(),
  }
  const well = { 'dlq list': '2 listed, 0 groups left', 'dlq replay': '2 replayed, 0 left', doctor: 'ok Kafka topic' }

  it.each(Object.keys(jobs) as (keyof typeof jobs)[])(
    '%s needs the rights of the guide, and each of them',
    async (job) => {
      const rules = rulesOf(job)
      expect(rules.length).toBeGreaterThan(1)
      for (const missing of [...rules, null]) {
        const { bench, names, may, deps } = await open()
        await using _ = bench
        await bench.send(names.dead, [anUpdate(), anUpdate()])
        await may(rules.filter((rule) => rule !== missing))
        const facts = { ...deps, rejected: bench.store.rejected, now: () => Date.now() + 1_000 }
        const run = (): Promise<string> => jobs[job](facts, bench).catch((error: unknown) => String(error))
        // A broker takes a moment to hear of rules, and one that was refused has changed nothing.
        if (missing === null) await vi.waitFor(async () => expect(await run()).toBe(well[job]), patience)
        else expect(await run(), JSON.stringify(missing)).not.toBe(well[job])
      }
    },
  )
})
