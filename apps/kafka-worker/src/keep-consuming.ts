import type { Clock } from '@pebbles/core'
import type { ComponentState, Logger } from '@pebbles/runtime'
import type { BrokerConsumer, BrokerEvents } from './broker-consumer.ts'
import type { PartitionBatch } from './partition-batch.ts'

export interface KeepConsumingDeps {
  readonly create: (events: BrokerEvents) => BrokerConsumer
  readonly onJoin: (consumer: BrokerConsumer, partitions: readonly number[]) => void
  readonly onBatch: (batch: PartitionBatch) => Promise<void>
  readonly onUnseen: BrokerEvents['onUnseen']
  readonly onUndecodable: BrokerEvents['onUndecodable']
  /** Whether messages are let in: when not, silence is no fault. */
  readonly isOpen: () => boolean
  /** Told when a consumer was replaced that did nothing while messages waited. */
  readonly onStalled: () => void
  /** By partition, told now and then. */
  readonly onLag: (partition: number, messages: bigint) => void
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  readonly watchEveryMs?: number
}

export interface KeepConsuming {
  readonly state: () => Promise<ComponentState>
  readonly stop: () => Promise<void>
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
const WATCH_EVERY_MS = 10_000
/** An idle consumer is heard of twice in a second. */
const SILENT_AFTER_MS = 8_000
/** No fetch and no batch for so long is too long, if there is something to fetch. */
const STALLED_AFTER_MS = 15_000
/** Messages that wait so long behind a transaction that is open are told of. */
const HELD_AFTER_MS = 60_000
/** No heartbeat was answered for longer than the group waits for one: it has given the partitions to others. */
const FORGOTTEN_AFTER_MS = 20_000
/** Nothing heard at all for so long, joining included. */
const LOST_AFTER_MS = 90_000

/** Always has a consumer: one that crashes, or goes silent while messages wait, is replaced by a new one. */
export const keepConsuming = (deps: KeepConsumingDeps): KeepConsuming => {
  const {
    create,
    onJoin,
    onBatch,
    onUnseen,
    onUndecodable,
    isOpen,
    onStalled,
    onLag,
    clock,
    log,
    watchEveryMs = WATCH_EVERY_MS,
  } = deps
  let current: BrokerConsumer | null = null
  let assigned: readonly number[] = []
  let joined = false
  let heardAt = clock.monotonic()
  let fetchedAt = heardAt
  let beatAt = heardAt
  let inHand = 0
  let failures = 0
  /** The partitions that have nothing to read but what waits behind a transaction, and since when. */
  let held = new Map<number, number>()
  let stopping = false
  let trouble: string | null = 'has not joined its group yet'
  let ending: Promise<void> = Promise.resolve()

  const begin = (): void => {
    heardAt = clock.monotonic()
    fetchedAt = heardAt
    joined = false
    const isCurrent = (): boolean => consumer === current
    const consumer: BrokerConsumer = create({
      onJoin: (partitions) => {
        if (!isCurrent()) return
        joined = true
        assigned = partitions
        fetchedAt = clock.monotonic()
        beatAt = fetchedAt
        log.info({ partitions }, 'joined the group')
        onJoin(consumer, partitions)
      },
      onRebalance: () => {
        if (isCurrent()) joined = false
      },
      onBatch: async (batch) => {
        if (!isCurrent()) return
        inHand += 1
        try {
          await onBatch(batch)
        } finally {
          inHand -= 1
        }
      },
      onUnseen: (unseen) => {
        if (isCurrent()) onUnseen(unseen)
      },
      onUndecodable: (...facts) => {
        if (isCurrent()) onUndecodable(...facts)
      },
      onActivity: (kind) => {
        if (!isCurrent()) return
        heardAt = clock.monotonic()
        if (kind === 'heartbeat') beatAt = heardAt
        if (kind === 'heartbeat' || !joined) return
        fetchedAt = heardAt
        // Not before: one that can join may crash at each fetch.
        failures = 0
        trouble = null
      },
      onCrash: (cause) => replace(consumer, cause),
    })
    current = consumer
    consumer.start().catch((cause: unknown) => replace(consumer, cause))
  }

  const replace = (consumer: BrokerConsumer, cause: unknown): void => {
    if (stopping || consumer !== current) return
    current = null
    joined = false
    trouble = codeOf(cause)
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.5 + clock.random() / 2)
    failures = Math.min(failures + 1, 10)
    log.error({ err: cause, inMs: Math.round(wait) }, 'the consumer ended: another takes its place')
    ending = consumer.stop().catch(() => undefined)
    void Promise.all([ending, clock.sleep(wait)]).then(() => {
      if (!stopping) begin()
    })
  }

  const hold = (partition: number, since: number): void => {
    held.set(partition, since)
    const waited = clock.monotonic() - since
    if (waited > HELD_AFTER_MS && waited < HELD_AFTER_MS + 2 * watchEveryMs)
      log.warn({ code: 'TRANSACTION_OPEN', partition }, 'messages wait behind a transaction that is open')
  }

  /** How many messages there are to read. */
  const measure = async (consumer: BrokerConsumer): Promise<bigint | null> => {
    try {
      const positions = await consumer.positions()
      let all = 0n
      const before = held
      held = new Map()
      for (const partition of assigned) {
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
  }

  /** Without asking a broker: one that hangs answers that neither. The client would ask it for a minute. */
  const lookAtSession = (consumer: BrokerConsumer): void => {
    const now = clock.monotonic()
    if (now - heardAt > LOST_AFTER_MS) replace(consumer, new Error('nothing was heard of the broker'))
    else if (joined && now - beatAt > FORGOTTEN_AFTER_MS) replace(consumer, new Error('the group does not answer'))
  }

  const watch = async (consumer: BrokerConsumer): Promise<void> => {
    if (!joined) return
    const lag = await measure(consumer)
    const silent = clock.monotonic() - fetchedAt > STALLED_AFTER_MS && inHand === 0 && isOpen()
    if (!silent || lag === null || lag <= 0n || consumer !== current) return
    onStalled()
    replace(consumer, new Error('nothing is fetched while messages wait'))
  }

  let watching = false
  const timer = setInterval(() => {
    if (current !== null) lookAtSession(current)
    if (watching || current === null) return
    watching = true
    void watch(current).finally(() => {
      watching = false
    })
  }, watchEveryMs)

  begin()
  return {
    state: async () => {
      if (trouble !== null) return { ok: false, detail: `no consumer: ${trouble}` }
      const now = clock.monotonic()
      if (now - heardAt > SILENT_AFTER_MS) return { ok: false, detail: 'the broker is silent' }
      const [stuck] = [...held].find(([, since]) => now - since > HELD_AFTER_MS) ?? []
      if (stuck === undefined) return { ok: true }
      return { ok: false, detail: `the messages of partition ${stuck} wait behind a transaction that is open` }
    },
    stop: async () => {
      stopping = true
      clearInterval(timer)
      const consumer = current
      current = null
      // Whoever is in hand finishes: it is the same consumer still.
      await Promise.all([consumer?.stop(), ending])
    },
  }
}

const codeOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return 'failed'
  return 'type' in cause && typeof cause.type === 'string' ? cause.type : cause.name
}
