import { expect, vi } from 'vitest'
import type { KafkaWorker, KafkaWorkerDeps } from '../src/worker.ts'
import { type KafkaBench, LOAD_AT_ONCE } from './bench.ts'
import { watchProgress } from './watch-group.ts'

/** A consumer is taken for silent after 8 s, and so long this may go unsaid. */
const UNSAID_MS = 15_000
const patience = { timeout: 100_000, interval: 50 }

/** A worker under load while something happens: what it had to say, and its sums in the end. */
export const outlives = async (
  bench: KafkaBench,
  topic: string,
  fault: (goesOn: () => Promise<void>, worker: KafkaWorker) => Promise<void>,
  facts: Partial<KafkaWorkerDeps> = {},
): Promise<void> => {
  const worker = bench.start(topic, facts)
  await using load = bench.load(topic)
  const goesOn = async (): Promise<void> => {
    // One batch may have been on its way.
    const meanwhile = load.sent() + LOAD_AT_ONCE
    await vi.waitFor(async () => expect(await bench.done()).toBeGreaterThan(meanwhile), patience)
  }
  await goesOn()
  // Where it is not ready it says so.
  await using unsaid = watchProgress(bench, load, async () => !(await worker.checks.consumer()).ok)
  await fault(goesOn, worker)
  await goesOn()
  await vi.waitFor(async () => expect(await worker.checks.consumer()).toEqual({ ok: true }), patience)
  await load.stop()
  await vi.waitFor(async () => expect(await bench.done()).toBe(load.sent()), patience)
  await vi.waitFor(async () => expect(await bench.lag(topic)).toBe(0), patience)
  expect([await bench.done(), await worker.checks.topic()]).toEqual([load.sent(), { ok: true }])
  expect(unsaid.longest()).toBeLessThan(UNSAID_MS)
  expect(Number(await bench.metric('pebbles_kafka_stalled_rebuilds_total'))).toBeLessThanOrEqual(1)
}
