import type { Clock } from '@pebbles/core'
import type { Logger } from '@pebbles/runtime'
import type { BrokerConsumer } from './broker-consumer.ts'

export interface BacklogDeps {
  /** By partition, each time that is looked. */
  readonly onLag: (partition: number, messages: bigint) => void
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'warn'>
  readonly lookEveryMs: number
}

/** What waits in a topic. */
export interface Backlog {
  /** How many messages there are to read, those behind an open transaction left out; null when no broker says it. */
  readonly measure: (
    consumer: Pick<BrokerConsumer, 'positions'>,
    partitions: readonly number[],
  ) => Promise<bigint | null>
  /** A partition whose messages have waited behind a transaction for long. */
  readonly heldPartition: () => number | undefined
}

/** Messages that wait so long behind a transaction that is open are told of. */
const HELD_AFTER_MS = 60_000

export const createBacklog = ({ onLag, clock, log, lookEveryMs }: BacklogDeps): Backlog => {
  /** The partitions that have nothing to read but what waits behind a transaction, and since when. */
  let held = new Map<number, number>()

  const hold = (partition: number, since: number): void => {
    held.set(partition, since)
    const waited = clock.monotonic() - since
    if (waited > HELD_AFTER_MS && waited < HELD_AFTER_MS + 2 * lookEveryMs)
      log.warn({ code: 'TRANSACTION_OPEN', partition }, 'messages wait behind a transaction that is open')
  }

  return {
    measure: async (consumer, partitions) => {
      try {
        const positions = await consumer.positions()
        let all = 0n
        const before = held
        held = new Map()
        for (const partition of partitions) {
          const position = positions.get(partition)
          if (position === undefined) continue
          const { committed, low, high } = position
          // Of a topic that is gone it may be beyond what is there now.
          const from = committed === null || committed > high ? low : committed
          const lag = high - from
          onLag(partition, lag)
          if (lag > 0n && from >= position.stable) hold(partition, before.get(partition) ?? clock.monotonic())
          else all += lag
        }
        return all
      } catch {
        return null
      }
    },
    heldPartition: () => [...held].find(([, since]) => clock.monotonic() - since > HELD_AFTER_MS)?.[0],
  }
}
