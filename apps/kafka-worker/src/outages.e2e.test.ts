import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome, RecordUpdate } from '@pebbles/core'
import { anUpdate, startStoreKinds, type WorkerProcess } from '@pebbles/intake/testing'
import { createLogger } from '@pebbles/runtime'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'
import { createTopic } from '../test/create-topic.ts'
import { outlives } from '../test/outlive-fault.ts'
import { startWorker } from '../test/start-worker.ts'
import { watchOffsets, watchProgress } from '../test/watch-group.ts'

const STORM_MS = 180_000
const CHANGE_EVERY_MS = 2_000
/** Longer than the group waits for a member: by then its partitions are others'. */
const ASLEEP_MS = 40_000
/** More than twice as long as the group waits for a member. */
const HELD_MS = 40_000
const WINDOW_MS = 30_000
const PARTITIONS = 4
/** By then it was told that its group does not answer, and has tried to join anew. */
const HANGS_MS = 60_000
const LOOK_EVERY_MS = 100
const patience = { timeout: 100_000, interval: 50 }
const stores = await startStoreKinds()
// One that sleeps in the middle of a transaction would keep all others from an SQLite file.
const mongo = stores.kinds.find(({ name }) => name === 'MongoDB')
const [one, alone, three] = [
  await orSkip(startKafka()),
  await orSkip(startKafka({ faults: true })),
  await orSkip(startKafka({ brokers: 3, faults: true })),
]
afterAll(async () => {
  await Promise.all([one?.stop(), alone?.stop(), three?.stop()])
  await stores.stop()
})

// All of them wait most of the time, so they do it side by side.
describe.skipIf(three === null)('the Kafka worker on three brokers', { concurrent: true }, () => {
  if (three === null) return
  const server = three

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
    await vi.waitFor(() => bench.admin.describeGroups(['nobody']), patience)
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
    await createTopic(bench.admin, { topic, replicaAssignment })
    return topic
  }
  // They share the brokers.
  describe('one after the other', { concurrent: false, timeout: 240_000 }, () => {
    it('goes on when the broker is killed that leads its partitions and has its group', async () => {
      await using bench = await createKafkaBench(server.bootstrap)
      const leader = await coordinatorOf(bench)
      const topic = await topicLedBy(bench, leader)
      await outlives(bench, topic, async (goesOn) => {
        await using _ = await without(leader, 'kill')
        await vi.waitFor(async () => expect(await leadersOf(bench, topic)).not.toContain(leader), patience)
        await goesOn()
      })
    })

    it('goes on when the broker is killed that has its group, and leads none of its partitions', async () => {
      await using bench = await createKafkaBench(server.bootstrap)
      const coordinator = await coordinatorOf(bench)
      const topic = await topicLedBy(bench, (coordinator % 3) + 1)
      await outlives(bench, topic, async (goesOn) => {
        await using _ = await without(coordinator, 'kill')
        await vi.waitFor(async () => expect(await coordinatorOf(bench)).not.toBe(coordinator), patience)
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
        await vi.waitFor(async () => expect(await worker.checks.consumer()).toMatchObject({ ok: false }), patience)
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
})

describe.skipIf(alone === null)('the Kafka worker on a broker that is the only one', { concurrent: true }, () => {
  if (alone === null) return

  it('says that the broker hangs as long as it does, and goes on by itself', { timeout: 300_000 }, async () => {
    await using bench = await createKafkaBench(alone.bootstrap)
    const topic = await bench.topic('updates', PARTITIONS)
    await outlives(bench, topic, async (_, worker) => {
      await alone.pause()
      const until = performance.now() + HANGS_MS
      try {
        const consumer = async (): Promise<boolean> => (await worker.checks.consumer()).ok
        await vi.waitFor(async () => expect(await consumer()).toBe(false), patience)
        for (; performance.now() < until; await delay(LOOK_EVERY_MS)) expect(await consumer()).toBe(false)
      } finally {
        await alone.resume()
      }
    })
  })
})

describe.skipIf(one === null)('a batch of a Kafka worker that a slow store holds', { concurrent: true }, () => {
  if (one === null) return

  it('longer than the group waits for a member costs it neither its place nor the order, and is done once', {
    timeout: 300_000,
  }, async () => {
    await using bench = await createKafkaBench(one.bootstrap)
    const topic = await bench.topic('updates', 2)
    const totals = Array.from({ length: 20 }, (_, n) => n + 1)
    for (const partition of [0, 1])
      await bench.send(
        topic,
        totals.map((total) => anUpdate({ filename: `f${partition}.csv`, total })),
        { partition },
      )
    const recorded: RecordUpdate[] = []
    const slow = async (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> => {
      recorded.push(...commands)
      if (commands.some(({ total }) => total === 1)) await delay(HELD_MS)
      return bench.record(commands)
    }
    const said: string[] = []
    const log = createLogger({ name: 'test', level: 'info' }, { write: (line) => said.push(line) })
    const joined = (): number => said.filter((line) => line.includes('"msg":"joined the group"')).length
    const worker = bench.start(topic, { record: slow, log })
    const member = async (): Promise<readonly unknown[]> => {
      const { groups } = await bench.admin.describeGroups([`group-of-${topic}`])
      return groups.map(({ state, members }) => [state, members.map(({ memberId }) => memberId)])
    }
    await vi.waitFor(() => expect(joined()).toBe(1), patience)
    const before = await member()
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    for (const filename of ['f0.csv', 'f1.csv']) {
      expect(recorded.filter((update) => update.filename === filename).map(({ total }) => total)).toEqual(totals)
      expect(await bench.state(filename)).toMatchObject({ counts: { done: totals.length }, total: totals.length })
    }
    expect([await member(), joined(), await worker.checks.consumer()]).toEqual([before, 1, { ok: true }])
  })
})

const isThere = one !== null && mongo !== undefined
describe.skipIf(!isThere)('a group of Kafka workers that changes all the time', { concurrent: true }, () => {
  if (!isThere) return
  const server = one

  it('goes on, counts exactly, and commits nothing stale when one wakes up whose place is another', {
    timeout: STORM_MS + 200_000,
  }, async () => {
    await using bench = await createKafkaBench(server.bootstrap, mongo)
    const topic = await bench.topic('updates', PARTITIONS)
    await using load = bench.load(topic)
    await using offsets = watchOffsets(bench, topic)
    await using sleeper = startWorker(bench, topic, server.bootstrap)
    await sleeper.logged('joined the group')
    bench.start(topic)
    await using progress = watchProgress(bench, load)
    const until = performance.now() + STORM_MS
    let changes = 0
    const storm = async (): Promise<void> => {
      while (performance.now() < until) {
        const passing = bench.start(topic)
        await delay(CHANGE_EVERY_MS)
        // One that is not a member yet cannot leave: the group would wait for it as for the one that sleeps.
        await vi.waitFor(async () => expect(await passing.checks.consumer()).toEqual({ ok: true }), patience)
        await passing.stop()
        changes += 2
        await delay(CHANGE_EVERY_MS)
      }
    }
    const sleep = async (): Promise<void> => {
      // It sleeps with partitions of its own, and not while it waits for some.
      await vi.waitFor(() => expect(joins(sleeper)).toBeGreaterThan(3), patience)
      const before = joins(sleeper)
      sleeper.child.kill('SIGSTOP')
      await delay(ASLEEP_MS)
      sleeper.child.kill('SIGCONT')
      await vi.waitFor(() => expect(joins(sleeper), sleeper.said()).toBeGreaterThan(before), patience)
    }
    await Promise.all([storm(), sleep()])
    expect(progress.longest()).toBeLessThan(WINDOW_MS)
    expect(changes).toBeGreaterThan(10)
    await load.stop()
    await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
    expect([await bench.done(), offsets.wentBack()]).toEqual([load.sent(), []])
    expect(offsets.seen()).toBe(PARTITIONS)
  })
})

/** How often it was given partitions. */
const joins = (worker: WorkerProcess): number =>
  worker
    .said()
    .split('\n')
    .filter((line) => line.includes('"msg":"joined the group"'))
    .filter((line) => (JSON.parse(line) as { partitions: number[] }).partitions.length > 0).length
