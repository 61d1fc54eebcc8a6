import { createIntake, type Worker, type WorkerDeps } from '@pebbles/intake'
import type { ComponentState } from '@pebbles/runtime'
import { createDeadLetterQueue } from './dead-letter-queue.ts'
import { type PollQueueDeps, pollQueue } from './poll-queue.ts'
import type { QueueClient } from './queue-client.ts'

export interface SqsWorkerDeps extends WorkerDeps {
  readonly client: QueueClient
  readonly queueUrl: string
  readonly deadLetterUrl: string | null
  /** Of the store's list of last resort; the bound of all, unless a test has a smaller one. */
  readonly maxRejectedBytes?: number
  readonly polling?: Pick<PollQueueDeps, 'maxPolls' | 'waitSeconds' | 'visibilitySeconds'>
}

export interface SqsWorker extends Worker {
  readonly checks: Readonly<Record<'intake' | 'queue' | 'deadLetters', () => Promise<ComponentState>>>
}

const DEPTH_EVERY_MS = 30_000
const AGE_EVERY_MS = 5_000
/** A queue brings ten messages at a time; of a backlog many are settled together. */
export const LINGER_MS = 250

/** Takes updates from one queue until it is stopped. */
export const startSqsWorker = (deps: SqsWorkerDeps): SqsWorker => {
  const { client, queueUrl, deadLetterUrl, stopWithinMs, clock, log, metrics, polling } = deps
  const intake = createIntake({
    ...deps,
    deadLetters: deadLetterUrl === null ? null : createDeadLetterQueue(client, deadLetterUrl),
    onSettled: metrics.settled,
  })
  const received = metrics.counter('pebbles_sqs_received_total', 'Messages received, repeats included.')
  const deleteFailed = metrics.counter('pebbles_sqs_delete_failed_total', 'Deletes that failed: these come again.')
  const age = metrics.gauge(
    'pebbles_sqs_oldest_seconds',
    'Age of the oldest message that was received last; 0 of an empty queue.',
  )
  const depth = metrics.gauge('pebbles_sqs_waiting', 'Messages that wait in the queue, about.')
  let oldest: number | null = null
  const tellAge = (): void => age(oldest === null ? 0 : Math.max(0, clock.now() - oldest) / 1000)
  const poller = pollQueue({
    ...polling,
    client,
    queueUrl,
    intake,
    stopWithinMs,
    clock,
    log,
    onReceived: (facts) => {
      received(facts?.messages ?? 0)
      oldest = facts?.oldestSentAt ?? null
      tellAge()
    },
    onDeleteFailed: deleteFailed,
  })
  const measure = (): void => {
    // Its failure shows in the polls.
    client.depth(queueUrl).then(depth, () => undefined)
  }
  measure()
  const measuring = setInterval(measure, DEPTH_EVERY_MS)
  // While nothing is taken, as the store is away, what was received last grows older.
  const aging = setInterval(tellAge, AGE_EVERY_MS)
  return {
    source: queueUrl,
    checks: { intake: intake.state, queue: poller.state, deadLetters: intake.deadLetters },
    stop: async () => {
      clearInterval(measuring)
      clearInterval(aging)
      await poller.stop()
    },
  }
}
