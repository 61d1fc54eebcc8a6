import type { Clock } from '@pebbles/core'
import type { ComponentState, Logger } from '@pebbles/runtime'
import { createBacklog } from './backlog.ts'
import type { BrokerConsumer, BrokerEvents } from './broker-consumer.ts'
import type { PartitionBatch } from './partition-batch.ts'
import { createPulse, type Pulse } from './pulse.ts'

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

/** One consumer, from its start until another takes its place. */
interface Life {
  readonly consumer: BrokerConsumer
  readonly pulse: Pulse
  partitions: readonly number[]
  batchesInHand: number
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
const WATCH_EVERY_MS = 10_000

/** Always has a consumer: one that crashes, or goes silent while messages wait, is replaced by a new one. */
export const keepConsuming = (deps: KeepConsumingDeps): KeepConsuming => {
  const { create, isOpen, onStalled, clock, log, watchEveryMs = WATCH_EVERY_MS } = deps
  const backlog = createBacklog({ ...deps, lookEveryMs: watchEveryMs })
  let current: Life | null = null
  /** Of consumers that ended one after the other, and none worked meanwhile. */
  let failures = 0
  let trouble: string | null = 'has not joined its group yet'
  let stopping = false
  let ending: Promise<void> = Promise.resolve()

  const begin = (): void => {
    const life: Life = {
      consumer: create(eventsOf(() => life)),
      pulse: createPulse(clock),
      partitions: [],
      batchesInHand: 0,
    }
    current = life
    life.consumer.start().catch((cause: unknown) => replace(life, cause))
  }

  /** What one that was replaced still has to say is nobody's business. */
  const eventsOf = (lifeOf: () => Life): BrokerEvents => {
    const ifCurrent = (act: (life: Life) => void): void => {
      if (current !== null && current === lifeOf()) act(current)
    }
    return {
      onJoin: (partitions) =>
        ifCurrent((life) => {
          life.pulse.joined()
          life.partitions = partitions
          log.info({ partitions }, 'joined the group')
          deps.onJoin(life.consumer, partitions)
        }),
      onRebalance: () => ifCurrent(({ pulse }) => pulse.left()),
      onBatch: async (batch) => {
        const life = lifeOf()
        if (life !== current) return
        life.batchesInHand += 1
        try {
          await deps.onBatch(batch)
        } finally {
          life.batchesInHand -= 1
        }
      },
      onUnseen: (unseen) => ifCurrent(() => deps.onUnseen(unseen)),
      onUndecodable: (...facts) => ifCurrent(() => deps.onUndecodable(...facts)),
      onActivity: (kind) =>
        ifCurrent(({ pulse }) => {
          if (!pulse.heard(kind)) return
          // Not before: one that can join may crash at each fetch.
          failures = 0
          trouble = null
        }),
      onCrash: (cause) => ifCurrent((life) => replace(life, cause)),
    }
  }

  const replace = (life: Life, cause: unknown): void => {
    if (stopping || life !== current) return
    current = null
    trouble = codeOf(cause)
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.5 + clock.random() / 2)
    failures = Math.min(failures + 1, 10)
    log.error({ err: cause, inMs: Math.round(wait) }, 'the consumer ended: another takes its place')
    ending = life.consumer.stop().catch(() => undefined)
    void Promise.all([ending, clock.sleep(wait)]).then(() => {
      if (!stopping) begin()
    })
  }

  const lookForStall = async (life: Life): Promise<void> => {
    if (!life.pulse.isMember()) return
    const lag = await backlog.measure(life.consumer, life.partitions)
    const isIdle = life.pulse.isIdle() && life.batchesInHand === 0 && isOpen()
    if (!isIdle || lag === null || lag <= 0n || life !== current) return
    onStalled()
    replace(life, new Error('nothing is fetched while messages wait'))
  }

  let looking = false
  const watch = async (): Promise<void> => {
    const fault = current?.pulse.fault() ?? null
    if (current !== null && fault !== null) replace(current, new Error(fault))
    // A broker that hangs may take a minute to answer.
    if (looking || current === null) return
    looking = true
    await lookForStall(current).finally(() => {
      looking = false
    })
  }
  const timer = setInterval(() => void watch(), watchEveryMs)

  begin()
  return {
    state: async () => {
      if (trouble !== null) return { ok: false, detail: `no consumer: ${trouble}` }
      if (current?.pulse.isSilent() === true) return { ok: false, detail: 'the broker is silent' }
      const stuck = backlog.heldPartition()
      if (stuck === undefined) return { ok: true }
      return { ok: false, detail: `the messages of partition ${stuck} wait behind a transaction that is open` }
    },
    stop: async () => {
      stopping = true
      clearInterval(timer)
      const life = current
      current = null
      // Whoever is in hand finishes: it is the same consumer still.
      await Promise.all([life?.consumer.stop(), ending])
    },
  }
}

/** Of the client's errors the first cause says most, and of ours the words. */
const codeOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return 'failed'
  if (cause.cause instanceof Error) return codeOf(cause.cause)
  if ('type' in cause && typeof cause.type === 'string') return cause.type
  return cause.name === 'Error' ? cause.message : cause.name
}
