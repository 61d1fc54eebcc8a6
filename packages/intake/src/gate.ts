import type { Clock } from '@pebbles/core'
import type { ComponentState, Logger } from '@pebbles/runtime'

/** What keeps intake from going on. */
export type Obstacle = 'STORE_UNAVAILABLE' | 'REJECTED_FULL' | 'TOPIC_RESET'

/** Lets messages in, or not: one flag, from which everything else is derived. */
export interface Gate {
  readonly isOpen: () => boolean
  /** It stays shut for good, as the process ends. */
  readonly isStopped: () => boolean
  /** Resolves when it is open, or when it was stopped; at the latest after so long, where that is said. */
  readonly passable: (withinMs?: number) => Promise<void>
  /** Shuts it until the obstacle's probe succeeds. */
  readonly close: (obstacle: Obstacle, cause?: unknown) => void
  /** What was let in was settled: a store that answered takes messages, too. */
  readonly proved: () => void
  readonly state: () => ComponentState
  /** Nobody waits any longer; probes no more. */
  readonly stop: () => void
}

export interface GateDeps {
  /** Resolves when the obstacle is gone; rejects while it is there. */
  readonly probe: (obstacle: Obstacle) => Promise<void>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

const FIRST_PROBE_MS = 200
const LONGEST_WAIT_MS = 5_000
/** What was let in has failed or was settled by then; where nothing was, nobody knows of any trouble. */
const TRIAL_MS = 30_000
const ON_TRIAL = 'it was shut, and nothing was settled since it is open'

const DETAILS: Readonly<Record<Obstacle, string>> = {
  STORE_UNAVAILABLE: 'the store is not available',
  REJECTED_FULL: 'the list of rejected messages is full: set a dead-letter destination, or replay them',
  TOPIC_RESET: 'the topic was recreated or messages expired unread, and KAFKA_ON_RESET=stop',
}

/** Shuts at the first failure and asks the store, not the queue, when to go on: no good message is received in vain. */
export const createGate = ({ probe, clock, log }: GateDeps): Gate => {
  /** Each is there until its own probe succeeds: one that goes says nothing of the others. */
  const obstacles = new Set<Obstacle>()
  let stopped = false
  /** Until then it is open on trial: its probe succeeded, which says that the store answers, not that it takes anything. */
  let trialEnds = Number.NEGATIVE_INFINITY
  let wait = FIRST_PROBE_MS
  const waiting = new Set<() => void>()

  const release = (): void => {
    for (const go of waiting) go()
  }

  const isOnTrial = (): boolean => clock.monotonic() < trialEnds
  const waitLonger = (): void => {
    wait = Math.min(LONGEST_WAIT_MS, wait * 2)
  }

  const probeUntilOpen = async (since: number): Promise<void> => {
    // A store that answers and fails at once is asked as seldom as one that does not answer.
    if (isOnTrial()) waitLonger()
    else wait = FIRST_PROBE_MS
    for (; !stopped; waitLonger()) {
      await clock.sleep(wait * (0.5 + clock.random() / 2))
      for (const obstacle of obstacles) {
        if (stopped) return
        try {
          await probe(obstacle)
          // At once, and nothing between it and the look below: whoever closes an open gate begins another loop.
          obstacles.delete(obstacle)
        } catch {}
      }
      if (obstacles.size > 0) continue
      trialEnds = clock.monotonic() + TRIAL_MS
      log.info({ afterMs: Math.round(clock.monotonic() - since) }, 'intake goes on')
      release()
      return
    }
  }

  return {
    isOpen: () => obstacles.size === 0 && !stopped,
    isStopped: () => stopped,
    passable: (withinMs) => {
      if (obstacles.size === 0 || stopped) return Promise.resolve()
      return new Promise((resolve) => {
        // Who waits no longer is forgotten: a store may be away for days, and somebody looks each second.
        const go = (): void => {
          waiting.delete(go)
          resolve()
        }
        waiting.add(go)
        if (withinMs !== undefined) void clock.sleep(withinMs).then(go)
      })
    },
    close: (found, cause) => {
      if (obstacles.has(found) || stopped) return
      obstacles.add(found)
      log.error({ code: found, err: cause }, `intake stops: ${DETAILS[found]}`)
      if (obstacles.size === 1) void probeUntilOpen(clock.monotonic())
    },
    proved: () => {
      trialEnds = Number.NEGATIVE_INFINITY
    },
    state: () => {
      const details = [...obstacles].map((obstacle) => DETAILS[obstacle])
      if (details.length === 0 && isOnTrial()) details.push(ON_TRIAL)
      return details.length === 0 ? { ok: true } : { ok: false, detail: details.join('; ') }
    },
    stop: () => {
      stopped = true
      release()
    },
  }
}
