import type { Clock } from '@pebbles/core'

/** How long to wait before the next try: twice as long each time, with jitter. */
export interface Backoff {
  readonly next: () => number
  readonly reset: () => void
}

/** Waits that end early when nobody wants to wait any longer. */
export interface Pauses {
  readonly pause: (ms: number) => Promise<void>
  /** Ends all of them, and each that would begin later. */
  readonly end: () => void
  readonly ended: () => boolean
}

const FIRST_MS = 200
const LONGEST_MS = 10_000

export const createBackoff = ({ random }: Pick<Clock, 'random'>): Backoff => {
  let wait = FIRST_MS
  return {
    next: () => {
      const ms = wait * (0.5 + random() / 2)
      wait = Math.min(LONGEST_MS, wait * 2)
      return ms
    },
    reset: () => {
      wait = FIRST_MS
    },
  }
}

export const createPauses = ({ sleep }: Pick<Clock, 'sleep'>): Pauses => {
  const waiting = new Set<() => void>()
  let ended = false
  return {
    pause: (ms) =>
      ended
        ? Promise.resolve()
        : new Promise((resolve) => {
            const go = (): void => {
              waiting.delete(go)
              resolve()
            }
            waiting.add(go)
            void sleep(ms).then(go)
          }),
    end: () => {
      ended = true
      for (const go of [...waiting]) go()
    },
    ended: () => ended,
  }
}
