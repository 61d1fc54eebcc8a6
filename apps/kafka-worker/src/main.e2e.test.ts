import { anUpdate, startStoreKinds } from '@pebbles/intake/testing'
import { freePort, orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'
import { startWorker } from '../test/start-worker.ts'

const FILES = 5
/** More than is in hand at a time. */
const WAITING = 60_000
const server = await orSkip(startKafka())
const stores = await startStoreKinds()
const patience = { timeout: 60_000, interval: 50 }

const sums = async (bench: KafkaBench): Promise<number> => {
  const found = await Promise.all(Array.from({ length: FILES }, (_, index) => bench.done(`f${index}.csv`)))
  return found.reduce<number>((sum, done) => sum + (done ?? 0), 0)
}

const manyUpdates = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => anUpdate({ filename: `f${index % FILES}.csv` }))

afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

// Most of the time the group waits for a member that was killed.
describe.skipIf(server === null).each(stores.kinds)('a Kafka worker on $name', { concurrent: true }, (kind) => {
  if (server === null) return

  it('counts exactly through kills in the middle of its work', async () => {
    await using bench = await createKafkaBench(server.bootstrap, kind)
    const topic = await bench.topic('updates', 2)
    let sent = 0
    for (let kills = 0; kills < 2; kills += 1) {
      await using worker = startWorker(bench, topic, server.bootstrap)
      await worker.logged('joined the group')
      const before = await sums(bench)
      for (let round = 0; round < 10; round += 1) await bench.send(topic, manyUpdates(100))
      sent += 1_000
      await vi.waitFor(async () => expect(await sums(bench)).toBeGreaterThan(before), patience)
      worker.child.kill('SIGKILL')
      await worker.ended
    }
    await using worker = startWorker(bench, topic, server.bootstrap)
    await vi.waitFor(async () => expect(await bench.lag(topic), worker.said()).toBe(0), patience)
    expect(await sums(bench)).toBe(sent)
  })

  it('ends with 0 on SIGTERM under load, and what comes after it goes on from there', async () => {
    await using bench = await createKafkaBench(server.bootstrap, kind)
    const topic = await bench.topic('updates', 2)
    for (let sent = 0; sent < WAITING; sent += 2_000) await bench.send(topic, manyUpdates(2_000))
    await using worker = startWorker(bench, topic, server.bootstrap)
    await vi.waitFor(async () => expect(await sums(bench)).toBeGreaterThan(0), patience)
    const asked = performance.now()
    worker.child.kill('SIGTERM')
    expect(await worker.ended, worker.said()).toBe(0)
    expect(performance.now() - asked).toBeLessThan(10_000)
    const applied = await sums(bench)
    expect(applied).toBeLessThan(WAITING)
    expect(await bench.lag(topic)).toBe(WAITING - applied)
    const port = await freePort()
    await using next = startWorker(bench, topic, server.bootstrap, { WORKER_PORT: String(port) })
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
    await using worker = startWorker(bench, topic, server.bootstrap, { WORKER_PORT: String(port) })
    await worker.logged('joined the group')
    await vi.waitFor(async () => {
      const ready = await fetch(`http://127.0.0.1:${port}/ready`)
      expect([ready.status, await ready.json()]).toMatchObject([200, { components: { consumer: { ok: true } } }])
    }, patience)
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toContain('pebbles_kafka_messages_total 0')
    expect(metrics).toContain('pebbles_updates_total{channel="kafka",outcome="applied"} 0')
  })

  it('ends with 0 on SIGTERM within a SHUTDOWN_TIMEOUT_MS that is short, though the broker hangs', async () => {
    await using hanging = await startKafka({ faults: true })
    await using bench = await createKafkaBench(hanging.bootstrap)
    const topic = await bench.topic('updates')
    const more = { SHUTDOWN_TIMEOUT_MS: '4000', KAFKA_DLQ_TOPIC: await bench.topic('dead') }
    await using worker = startWorker(bench, topic, hanging.bootstrap, more)
    await worker.logged('joined the group')
    await bench.send(topic, ['{', anUpdate()])
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    await hanging.pause()
    worker.child.kill('SIGTERM')
    expect(await worker.ended, worker.said()).toBe(0)
    await hanging.resume()
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
      await using killed = startWorker(bench, topic, server.bootstrap, { KAFKA_DLQ_TOPIC: dead }, ['dlq', 'replay'])
      await vi.waitFor(async () => expect(await resent(), killed.said()).toBeGreaterThan(0), {
        ...patience,
        interval: 1,
      })
      killed.child.kill('SIGKILL')
      expect(await killed.ended).toBe('SIGKILL')
    }
    expect(await resent()).toBeLessThan(WAITING)
    await using worker = startWorker(bench, topic, server.bootstrap)
    await using again = startWorker(bench, topic, server.bootstrap, { KAFKA_DLQ_TOPIC: dead }, ['dlq', 'replay'])
    expect(await again.ended, again.said()).toBe(0)
    await vi.waitFor(async () => expect(await bench.done(), worker.said()).toBe(WAITING), patience)
    await vi.waitFor(async () => expect(await bench.lag(topic), worker.said()).toBe(0), patience)
    expect(await bench.done()).toBe(WAITING)
  })

  it('ends with 0 on a signal while it has not joined its group yet', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    await using worker = startWorker(bench, await bench.topic('updates'), server.bootstrap)
    await worker.logged('taking messages')
    worker.child.kill('SIGTERM')
    expect(await worker.ended, worker.said()).toBe(0)
  })

  it('ends with 78 when its dead letters would come back to it', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    await using worker = startWorker(bench, 'same', server.bootstrap, { KAFKA_DLQ_TOPIC: 'same' })
    expect(await worker.ended).toBe(78)
    expect(worker.said()).toContain('KAFKA_DLQ_TOPIC')
  })

  it('does nothing and ends with 0 unless it is enabled', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    await using worker = startWorker(bench, 'none', server.bootstrap, { KAFKA_ENABLED: 'false' })
    expect(await worker.ended).toBe(0)
    expect(worker.said()).toContain('KAFKA_ENABLED is not true')
  })
})
