import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { anUpdate, startStoreKinds, startWorkerProcess, type WorkerProcess } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const FILES = 5
/** More than is in hand at a time. */
const WAITING = 16_000
const server = await orSkip(startKafka())
const stores = await startStoreKinds()
const patience = { timeout: 60_000, interval: 50 }

const start = (
  bench: KafkaBench,
  topic: string,
  bootstrap: string,
  more: Record<string, string> = {},
  args: readonly string[] = [],
) =>
  startWorkerProcess(
    MAIN,
    bench.folder,
    {
      ...bench.environment,
      KAFKA_ENABLED: 'true',
      KAFKA_BOOTSTRAP_SERVERS: bootstrap,
      KAFKA_TOPIC_NAME: topic,
      KAFKA_GROUP_ID: `group-of-${topic}`,
      ...more,
    },
    args,
  )

const sums = async (bench: KafkaBench): Promise<number> => {
  const found = await Promise.all(Array.from({ length: FILES }, (_, index) => bench.done(`f${index}.csv`)))
  return found.reduce<number>((sum, done) => sum + (done ?? 0), 0)
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

const manyUpdates = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => anUpdate({ filename: `f${index % FILES}.csv` }))

/** How often it joined with so many partitions. */
const joins = (worker: WorkerProcess, partitions: number): number =>
  worker
    .said()
    .split('\n')
    .filter((line) => line.includes('"msg":"joined the group"'))
    .filter((line) => (JSON.parse(line) as { partitions: number[] }).partitions.length === partitions).length

/** Looks at what the group has committed; at the end it answers what became less. */
const watchOffsets = (bench: KafkaBench, topic: string): (() => Promise<readonly string[]>) => {
  const [newest, wentBack] = [new Map<number, number>(), [] as string[]]
  let stopping = false
  const watch = async (): Promise<void> => {
    while (!stopping) {
      const [found] = await bench.admin.fetchOffsets({ groupId: `group-of-${topic}`, topics: [topic] })
      for (const { partition, offset } of found?.partitions ?? []) {
        if (Number(offset) < (newest.get(partition) ?? 0)) wentBack.push(`${partition}: ${offset}`)
        newest.set(partition, Number(offset))
      }
      await delay(20)
    }
  }
  const watching = watch()
  return async () => {
    stopping = true
    await watching
    return wentBack
  }
}

afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

describe.skipIf(server === null).each(stores.kinds)('the process of the Kafka worker on $name', (kind) => {
  if (server === null) return

  it('counts exactly through kills in the middle of its work', async () => {
    await using bench = await createKafkaBench(server.bootstrap, kind)
    const topic = await bench.topic('updates', 2)
    let sent = 0
    for (let kills = 0; kills < 2; kills += 1) {
      await using worker = start(bench, topic, server.bootstrap)
      await worker.logged('joined the group')
      const before = await sums(bench)
      for (let round = 0; round < 10; round += 1) await bench.send(topic, manyUpdates(100))
      sent += 1_000
      await vi.waitFor(async () => expect(await sums(bench)).toBeGreaterThan(before), patience)
      worker.child.kill('SIGKILL')
      await worker.ended
    }
    await using worker = start(bench, topic, server.bootstrap)
    await vi.waitFor(async () => expect(await bench.lag(topic), worker.said()).toBe(0), patience)
    expect(await sums(bench)).toBe(sent)
  })

  it('ends with 0 on SIGTERM under load, and what comes after it goes on from there', async () => {
    await using bench = await createKafkaBench(server.bootstrap, kind)
    const topic = await bench.topic('updates', 2)
    for (let sent = 0; sent < WAITING; sent += 2_000) await bench.send(topic, manyUpdates(2_000))
    await using worker = start(bench, topic, server.bootstrap)
    await vi.waitFor(async () => expect(await sums(bench)).toBeGreaterThan(0), patience)
    const asked = performance.now()
    worker.child.kill('SIGTERM')
    expect(await worker.ended, worker.said()).toBe(0)
    expect(performance.now() - asked).toBeLessThan(10_000)
    const applied = await sums(bench)
    expect(applied).toBeLessThan(WAITING)
    expect(await bench.lag(topic)).toBe(WAITING - applied)
    const port = await freePort()
    await using next = start(bench, topic, server.bootstrap, { WORKER_PORT: String(port) })
    await vi.waitFor(async () => expect(await bench.lag(topic), next.said()).toBe(0), patience)
    expect(await sums(bench)).toBe(WAITING)
    // Nothing that was in hand had to be done again.
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toContain('pebbles_updates_total{channel="kafka",outcome="duplicate"} 0')
    expect(metrics).toContain(`pebbles_updates_total{channel="kafka",outcome="applied"} ${WAITING - applied}`)
  })
})

describe.skipIf(server === null)('the process of the Kafka worker', () => {
  if (server === null) return

  it('tells how it is on its own port', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates')
    const port = await freePort()
    await using worker = start(bench, topic, server.bootstrap, { WORKER_PORT: String(port) })
    await worker.logged('joined the group')
    await vi.waitFor(async () => {
      const ready = await fetch(`http://127.0.0.1:${port}/ready`)
      expect([ready.status, await ready.json()]).toMatchObject([200, { components: { consumer: { ok: true } } }])
    }, patience)
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toContain('pebbles_kafka_messages_total 0')
    expect(metrics).toContain('pebbles_updates_total{channel="kafka",outcome="applied"} 0')
  })

  it('commits nothing that is stale when it wakes up after the others had taken its place', {
    timeout: 240_000,
  }, async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', 2)
    await using load = bench.load(topic)
    await using sleeper = start(bench, topic, server.bootstrap)
    await sleeper.logged('joined the group')
    await using other = start(bench, topic, server.bootstrap)
    await vi.waitFor(() => expect([joins(sleeper, 1), joins(other, 1)]).toEqual([1, 1]), patience)
    const [before, lone] = [await bench.done(), joins(other, 2)]
    await vi.waitFor(async () => expect(await bench.done()).toBeGreaterThan(before ?? 0), patience)
    sleeper.child.kill('SIGSTOP')
    await vi.waitFor(() => expect(joins(other, 2), other.said()).toBe(lone + 1), patience)
    const wentBack = watchOffsets(bench, topic)
    const meanwhile = load.sent()
    await vi.waitFor(async () => expect(await bench.done()).toBeGreaterThan(meanwhile), patience)
    sleeper.child.kill('SIGCONT')
    await vi.waitFor(() => expect(joins(sleeper, 1), sleeper.said()).toBe(2), patience)
    await load.stop()
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect([await bench.done(), await wentBack()]).toEqual([load.sent(), []])
  })

  it('loses no dead letter when it is killed in the middle of a replay, and counts each once', {
    timeout: 120_000,
  }, async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    const letters = Array.from({ length: WAITING }, (_, index) => ({
      value: JSON.stringify(anUpdate()),
      headers: { 'pebbles-update-id': `derived:${index}`, 'pebbles-attempts': '1' },
    }))
    for (let sent = 0; sent < WAITING; sent += 2_000)
      await bench.producer.send({ topic: dead, messages: letters.slice(sent, sent + 2_000) })
    const resent = async (): Promise<number> =>
      (await bench.admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
    {
      await using killed = start(bench, topic, server.bootstrap, { KAFKA_DLQ_TOPIC: dead }, ['dlq', 'replay'])
      await vi.waitFor(async () => expect(await resent(), killed.said()).toBeGreaterThan(0), {
        ...patience,
        interval: 1,
      })
      killed.child.kill('SIGKILL')
      expect(await killed.ended).toBe('SIGKILL')
    }
    expect(await resent()).toBeLessThan(WAITING)
    await using worker = start(bench, topic, server.bootstrap)
    await using again = start(bench, topic, server.bootstrap, { KAFKA_DLQ_TOPIC: dead }, ['dlq', 'replay'])
    expect(await again.ended, again.said()).toBe(0)
    await vi.waitFor(async () => expect(await bench.done(), worker.said()).toBe(WAITING), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic), worker.said()).toBe(0), patience)
    expect(await bench.done()).toBe(WAITING)
  })

  it('ends with 0 on a signal while it has not joined its group yet', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    await using worker = start(bench, await bench.topic('updates'), server.bootstrap)
    await worker.logged('taking messages')
    worker.child.kill('SIGTERM')
    expect(await worker.ended, worker.said()).toBe(0)
  })

  it('ends with 78 when its dead letters would come back to it', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    await using worker = start(bench, 'same', server.bootstrap, { KAFKA_DLQ_TOPIC: 'same' })
    expect(await worker.ended).toBe(78)
    expect(worker.said()).toContain('KAFKA_DLQ_TOPIC')
  })

  it('does nothing and ends with 0 unless it is enabled', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    await using worker = start(bench, 'none', server.bootstrap, { KAFKA_ENABLED: 'false' })
    expect(await worker.ended).toBe(0)
    expect(worker.said()).toContain('KAFKA_ENABLED is not true')
  })
})
