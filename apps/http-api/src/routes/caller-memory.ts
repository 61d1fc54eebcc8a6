import type { Clock } from '@pebbles/core'

const REMEMBERED_MS = 60_000
/** Callers within a minute; of more than these none is new before one of them is forgotten. */
const REMEMBERED_CALLERS = 10_000

/** Tells whether a caller is new, which it is once a minute. The caller is the email of a token, or an address. */
export const createCallerMemory = ({ monotonic }: Pick<Clock, 'monotonic'>): ((caller: string) => boolean) => {
  /** When each was new, the longest ago first. */
  const seen = new Map<string, number>()
  return (caller) => {
    const now = monotonic()
    for (const [other, at] of seen) {
      if (now - at < REMEMBERED_MS) break
      seen.delete(other)
    }
    if (seen.has(caller) || seen.size >= REMEMBERED_CALLERS) return false
    seen.set(caller, now)
    return true
  }
}
