import { setTimeout as delay } from 'node:timers/promises'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench, type KafkaLoad, LOAD_AT_ONCE } from '../test/bench.ts'
import type { KafkaWorker } from './worker.ts'

const server = await orSkip(startKafka({ brokers: 3, faults: true }))
const long = { timeout: 100_000, interval: 50 }
/** A consumer is taken for silent after 8 s, and so long this may go unsaid. */
const UNSAID_MS = 12_000
const PARTITIONS = 4

describe.skipIf(server === null)('the Kafka worker on three brokers', { timeout: 240_000 }, () => {
  if (server === null) return
  afterAll(() => server.stop())

  const brokerOf = (id: number) => {
    const found = server.brokers.find((broker) => broker.id === id)
    if (found === undefined) throw new Error(`there is no broker ${id}`)
    return found
  }
  /** Until the end of the block; also of one that fails, as the others need all three. */
  const without = async (id: number, fault: 'kill' | 'pause'): Promise<AsyncDisposable> => {
    const broker = brokerOf(id)
    await broker[fault]()
    return { [Symbol.asyncDispose]: fault === 'kill' ? broker.restart : broker.resume }
  }
  const leadersOf = async (bench: KafkaBench, topic: string): Promise<ReadonlySet<number>> => {
    const { topics } = await bench.admin.fetchTopicMetadata({ topics: [topic] })
    return new Set(topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader)))
  }
  /** All groups are one broker's; to ask for one makes the topic that they are kept in. */
  const coordinatorOf = async (bench: KafkaBench): Promise<number> => {
    await vi.waitFor(() => bench.admin.describeGroups(['nobody']), long)
    const [leader = -1] = await leadersOf(bench, '__consumer_offsets')
    return leader
  }
  /** All whose partitions one broker leads. */
  const topicLedBy = async (bench: KafkaBench, leader: number): Promise<string> => {
    const others = server.brokers.map(({ id }) => id).filter((id) => id !== leader)
    const topic = `led-by-${leader}-${process.pid}-${performance.now()}`
    const replicaAssignment = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      replicas: [leader, ...others],
    }))
    await bench.admin.createTopics({ topics: [{ topic, replicaAssignment }], waitForLeaders: true })
    return topic
  }
  /** A worker under load while something happens: what it had to say, and its sums in the end. */
  const outlives = async (
    bench: KafkaBench,
    topic: string,
    fault: (goesOn: () => Promise<void>, worker: KafkaWorker) => Promise<void>,
  ): Promise<void> => {
    const worker = bench.start(topic)
    await using load = bench.load(topic)
    const goesOn = async (): Promise<void> => {
      // One batch may have been on its way.
      const meanwhile = load.sent() + LOAD_AT_ONCE
      await vi.waitFor(async () => expect(await bench.done()).toBeGreaterThan(meanwhile), long)
    }
    await goesOn()
    await using silence = watchSilence(bench, worker, load)
    await fault(goesOn, worker)
    await goesOn()
    await vi.waitFor(async () => expect(await worker.checks.consumer()).toEqual({ ok: true }), long)
    await load.stop()
    // A leader that is new may not know yet how far its partition goes: that nothing waits is no proof.
    await vi.waitFor(async () => expect(await bench.done()).toBe(load.sent()), long)
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), long)
    expect([await bench.done(), await worker.checks.topic()]).toEqual([load.sent(), { ok: true }])
    expect(silence.longest()).toBeLessThan(UNSAID_MS)
    expect(Number(await bench.metric('pebbles_kafka_stalled_rebuilds_total'))).toBeLessThanOrEqual(1)
  }

  it('goes on when the broker is killed that leads its partitions and has its group', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const leader = await coordinatorOf(bench)
    const topic = await topicLedBy(bench, leader)
    await outlives(bench, topic, async (goesOn) => {
      await using _ = await without(leader, 'kill')
      await vi.waitFor(async () => expect(await leadersOf(bench, topic)).not.toContain(leader), long)
      await goesOn()
    })
  })

  it('goes on when the broker is killed that has its group, and leads none of its partitions', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const coordinator = await coordinatorOf(bench)
    const topic = await topicLedBy(bench, (coordinator % 3) + 1)
    await outlives(bench, topic, async (goesOn) => {
      await using _ = await without(coordinator, 'kill')
      await vi.waitFor(async () => expect(await coordinatorOf(bench)).not.toBe(coordinator), long)
      await goesOn()
    })
  })

  it('goes on without the broker that hangs, and with it when it wakes up', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const leader = await coordinatorOf(bench)
    const topic = await topicLedBy(bench, leader)
    await outlives(bench, topic, async (goesOn) => {
      await using _ = await without(leader, 'pause')
      await goesOn()
    })
  })

  it('says that all three are dead, and goes on when they are back', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', PARTITIONS)
    await outlives(bench, topic, async (_, worker) => {
      await server.kill()
      await vi.waitFor(async () => expect(await worker.checks.consumer()).toMatchObject({ ok: false }), long)
      await server.restart()
    })
  })

  it('finds brokers that come back at another address', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', PARTITIONS)
    await outlives(bench, topic, async (goesOn) => {
      // One of those that it was told of stays: whoever starts anew asks there.
      for (const { move } of server.brokers.slice(1)) {
        await move()
        await goesOn()
      }
    })
  })
})

/** For how long messages waited, none was done, and yet it said that all was well. */
const watchSilence = (bench: KafkaBench, worker: KafkaWorker, load: KafkaLoad) => {
  let stopping = false
  let longest = 0
  const watch = async (): Promise<void> => {
    let [since, done] = [performance.now(), -1]
    while (!stopping) {
      const [now, waiting, { ok }] = [(await bench.done()) ?? 0, load.sent(), await worker.checks.consumer()]
      if (now !== done || now >= waiting || !ok) [since, done] = [performance.now(), now]
      longest = Math.max(longest, performance.now() - since)
      await delay(50)
    }
  }
  const watching = watch()
  return {
    longest: () => longest,
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await watching
    },
  }
}
