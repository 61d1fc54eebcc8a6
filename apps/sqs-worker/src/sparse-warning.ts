import type { Clock } from '@pebbles/core'
import type { Logger } from '@pebbles/runtime'

/** Between two lines of the log about the same trouble: of thousands of messages in hand each has it on a bad day. */
export const QUIET_MS = 10_000

export interface SparseWarningDeps {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'warn'>
}

/** Warns at once, and then now and then, with how many messages it was since. */
export const createSparseWarning = (
  { clock, log }: SparseWarningDeps,
  text: string,
): ((messages: number, code?: string) => void) => {
  let since = 0
  let quietUntil = Number.NEGATIVE_INFINITY
  return (messages, code) => {
    if (messages === 0) return
    since += messages
    const now = clock.monotonic()
    if (now < quietUntil) return
    log.warn({ messages: since, code }, text)
    since = 0
    quietUntil = now + QUIET_MS
  }
}
