/** Lines by what became of them. As a report these are increments, as a file's state they are sums. */
export interface Counts {
  readonly done: number
  readonly warn: number
  readonly failed: number
}

/** The largest sum that is exact in every store and in JSON: 2^53 - 1. */
export const MAX_COUNT = Number.MAX_SAFE_INTEGER

export const NO_COUNTS: Counts = { done: 0, warn: 0, failed: 0 }

export const addCounts = (a: Counts, b: Counts): Counts => ({
  done: a.done + b.done,
  warn: a.warn + b.warn,
  failed: a.failed + b.failed,
})

/** Whether each sum is still exact. Two exact numbers cannot add up to a wrong one that looks exact. */
export const fits = (counts: Counts): boolean =>
  counts.done <= MAX_COUNT && counts.warn <= MAX_COUNT && counts.failed <= MAX_COUNT

/** done, warn and failed count different lines, so what was processed is their sum. */
export const processed = (counts: Counts): number => counts.done + counts.warn + counts.failed
