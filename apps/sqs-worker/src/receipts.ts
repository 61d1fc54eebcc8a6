import type { Clock } from '@pebbles/core'
import { createLogThrottle, type Logger } from '@pebbles/runtime'
import { createBackoff, type Pauses } from './backoff.ts'
import type { QueueClient } from './queue-client.ts'
import { QUIET_MS, type QueueHealth } from './queue-health.ts'
import type { Received } from './sqs-message.ts'

export interface ReceiptsDeps {
  readonly client: Pick<QueueClient, 'delete' | 'setVisibility'>
  readonly queueUrl: string
  readonly health: QueueHealth
  readonly pauses: Pauses
  readonly clock: Pick<Clock, 'monotonic' | 'random' | 'pause'>
  readonly log: Pick<Logger, 'warn'>
  readonly onDeleteFailed: ((messages: number) => void) | undefined
}

/** What SQS is told of the messages in hand. None of it ever rejects: what fails comes again, and is known by its id. */
export interface Receipts {
  /** Tries again, less and less often, until the queue has answered for each: so nothing is taken that cannot be deleted. */
  readonly remove: (done: readonly Received[]) => Promise<void>
  /** `held` may shrink meanwhile: what is done need not be hidden. */
  readonly hide: (held: ReadonlySet<Received>, seconds: number) => Promise<void>
  readonly giveBack: (left: readonly Received[]) => Promise<void>
}

/** One message that the queue refuses so often, while it answers, is let go. */
const TRIES_FOR_ONE = 5
/**
 * A group of thousands is settled at once, and a request takes a while to be made: so many are begun in one turn of the
 * event loop, and then what the queue has brought meanwhile is looked at, so that it never waits for us.
 */
const DELETES_IN_A_TURN = 16

export const createReceipts = (deps: ReceiptsDeps): Receipts => {
  const { client, queueUrl, health, pauses, clock, log, onDeleteFailed } = deps

  const due = createLogThrottle(clock, QUIET_MS)
  /** Of thousands of messages in hand each may have it. */
  const warn = (what: string, failed: number, code?: string): void => {
    const messages = failed === 0 ? 0 : due(what, failed)
    if (messages > 0) log.warn({ messages, code }, `could not ${what}: they come again, as duplicates`)
  }

  let begun = 0
  let turn: Promise<void> | null = null
  const inTurn = async (): Promise<void> => {
    while (begun === DELETES_IN_A_TURN) await turn
    begun += 1
    turn ??= clock.pause().then(() => {
      begun = 0
      turn = null
    })
  }

  /** What is left to try again; null while the queue does not answer at all. */
  const deleteOnce = async (receipts: readonly string[]): Promise<readonly string[] | null> => {
    try {
      const undone = await client.delete(queueUrl, receipts)
      health.answered('delete')
      // A receipt that is no longer good will not be better the next time.
      const again = [...undone].filter(([, { senderFault }]) => !senderFault).map(([at]) => receipts[at] as string)
      letGo(undone.size - again.length, [...undone.values()][0]?.code)
      return again
    } catch (error) {
      health.failed('delete', error)
      return null
    }
  }

  const letGo = (messages: number, code?: string): void => {
    if (messages === 0) return
    onDeleteFailed?.(messages)
    warn('delete messages', messages, code)
  }

  return {
    remove: async (done) => {
      const backoff = createBackoff(clock)
      let left: readonly string[] = done.map(({ receipt }) => receipt)
      for (let answers = 0; left.length > 0; ) {
        await inTurn()
        const again = await deleteOnce(left)
        if (again !== null) {
          left = again
          answers += 1
        }
        if (left.length === 0) return
        if (answers === TRIES_FOR_ONE || pauses.ended()) break
        await pauses.pause(backoff.next())
      }
      letGo(left.length)
    },
    hide: async (held, seconds) => {
      if (held.size === 0) return
      try {
        const undone = await client.setVisibility(
          queueUrl,
          [...held].map(({ receipt }) => receipt),
          seconds,
        )
        health.answered('keep hidden')
        if (held.size > 0) warn('keep messages hidden', undone.size, [...undone.values()][0]?.code)
      } catch (error) {
        if (held.size > 0) health.failed('keep hidden', error)
      }
    },
    giveBack: async (left) => {
      try {
        await client.setVisibility(
          queueUrl,
          left.map(({ receipt }) => receipt),
          0,
        )
      } catch {
        // They come back by themselves when their time is over.
      }
    },
  }
}
