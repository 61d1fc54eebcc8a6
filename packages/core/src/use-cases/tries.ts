import type { Clock } from '../ports/clock.ts'

/** What is tried again and again, while others keep winning a file's version or the store is slow. */
export interface Tries {
  /** Waits a little for the next. False when one that takes as long as the last would end too late. */
  readonly again: () => Promise<boolean>
  /** How long the last took, ms. */
  readonly lastMs: () => number
}

/** Who waits for it is to be answered so soon. */
const ANSWERED_WITHIN_MS = 10_000

/** How long (ms) a call may take that is made now, for whoever waits since `started`. */
export const msLeft = (clock: Pick<Clock, 'monotonic'>, started: number): number =>
  Math.max(0, started + ANSWERED_WITHIN_MS - clock.monotonic())

/** How long (ms) one may have waited who is still answered in time by a try that takes as long as this one did. */
export const mostWaited = (tookMs: number): number => ANSWERED_WITHIN_MS - tookMs

/** The first began at `started`, by the monotonic clock. */
export const createTries = (clock: Clock, started = clock.monotonic()): Tries => {
  let begun = started
  let lastMs = 0
  let pauseMs = 1
  return {
    again: async () => {
      const now = clock.monotonic()
      lastMs = now - begun
      if (now - started + lastMs > ANSWERED_WITHIN_MS) return false
      begun = now
      await clock.sleep(pauseMs * (0.5 + clock.random()))
      pauseMs = Math.min(200, pauseMs * 2)
      return true
    },
    lastMs: () => lastMs,
  }
}
