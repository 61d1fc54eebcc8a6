import { createWorkerMetrics, type Settlement, type WorkerMetrics } from '@pebbles/intake'
import { systemClock } from '@pebbles/runtime'
import { expect, vi } from 'vitest'
import { createQueueClient } from '../src/queue-client.ts'
import type { SqsWorker, SqsWorkerDeps } from '../src/worker.ts'
import { createSqsBench, type Queue, type SqsBench } from './bench.ts'
import { type FakeSqs, type Fault, startFakeSqs } from './fake-sqs.ts'

/** Waits end as soon as what is waited for is there. */
export const patience = { timeout: 40_000, interval: 20 }

/** A worker beside a queue that fails on demand. */
export interface FaultScene extends AsyncDisposable {
  readonly sqs: FakeSqs
  readonly bench: SqsBench
  readonly queue: Queue
  readonly dead: Queue
  readonly start: (facts?: Partial<SqsWorkerDeps>) => SqsWorker
  /** How often this was asked for. */
  readonly asked: (action: string) => number
  /** The waits that the worker asked for, ms, without jitter; each lasted a tenth of it. */
  readonly waits: readonly number[]
  /** What became of each delivery. */
  readonly settled: readonly Settlement[]
  /** Of the worker that was started last. */
  readonly metrics: () => Promise<string>
  /** All of it is applied, nothing is left, and the worker is content. */
  readonly ends: (worker: SqsWorker, done: number | null) => Promise<void>
}

/** `answerMs`: how long the worker waits for an answer of the queue; short, as some never come. */
export const openFaultScene = async ({ answerMs = 500 } = {}): Promise<FaultScene> => {
  const sqs = await startFakeSqs()
  const bench = await createSqsBench(sqs.endpoint)
  const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
  const client = createQueueClient({ region: null, endpoint: sqs.endpoint, answerMs })
  const started: WorkerMetrics[] = []
  const [waits, settled]: [number[], Settlement[]] = [[], []]
  return {
    sqs,
    bench,
    queue,
    dead,
    waits,
    settled,
    start: (facts = {}) => {
      const metrics = createWorkerMetrics({ version: 'test', process: 'sqs-worker', channel: 'sqs' })
      started.push(metrics)
      return bench.start(queue, {
        client,
        deadLetterUrl: dead.url,
        polling: { waitSeconds: 1, visibilitySeconds: 2 },
        metrics: {
          ...metrics,
          settled: (end, _code, messages) => void settled.push(...Array<Settlement>(messages).fill(end)),
        },
        clock: {
          ...systemClock,
          random: () => 1,
          sleep: (ms) => {
            waits.push(ms)
            return systemClock.sleep(ms / 10)
          },
        },
        ...facts,
      })
    },
    metrics: async () => (await started.at(-1)?.render())?.body ?? '',
    asked: (action) => sqs.calls.filter((call) => call.action === action).length,
    ends: async (worker, done) => {
      await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
      await vi.waitFor(async () => expect(await worker.checks.queue()).toEqual({ ok: true }), patience)
      expect(await bench.done()).toBe(done)
    },
    [Symbol.asyncDispose]: async () => {
      sqs.meddle = () => null
      sqs.hurry()
      await bench[Symbol.asyncDispose]()
      client.close()
      for (const metrics of started) await metrics.stop()
      await sqs[Symbol.asyncDispose]()
    },
  }
}

export const error = (status: number, code: string): Fault => ({ kind: 'error', status, code })

/** This fault for that action, so often. */
export const faultOn = (action: string, fault: Fault, times = Number.POSITIVE_INFINITY): FakeSqs['meddle'] => {
  let left = times
  return (call) => {
    if (call.action !== action || left <= 0) return null
    left -= 1
    return fault
  }
}
