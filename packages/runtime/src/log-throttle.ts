import type { Clock } from '@pebbles/core'

/** Tells how many times something is to be spoken of now, these included; 0 while it was spoken of a moment ago. */
export type LogThrottle = (what: string, times?: number) => number

/** Whoever says so many different things says nothing twice by chance. */
const MOST_REMEMBERED = 200

/**
 * For what happens again and again on a bad day, thousands of times a second: it is said at once, and then at most once
 * in `quietMs`, with how often it was since.
 */
export const createLogThrottle = ({ monotonic }: Pick<Clock, 'monotonic'>, quietMs: number): LogThrottle => {
  const told = new Map<string, { since: number; quietUntil: number }>()
  return (what, times = 1) => {
    const now = monotonic()
    const before = told.get(what)
    if (before !== undefined && now < before.quietUntil) {
      before.since += times
      return 0
    }
    if (before === undefined && told.size === MOST_REMEMBERED) told.clear()
    told.set(what, { since: 0, quietUntil: now + quietMs })
    return (before?.since ?? 0) + times
  }
}
