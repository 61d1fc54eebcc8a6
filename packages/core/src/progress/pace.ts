import { type Counts, processed } from './counts.ts'

/**
 * How fast a file moves, as two decaying sums over a window that grows with the reporter's own interval:
 * a program that reports once a minute is not "stopped" after ten seconds.
 */
export interface Pace {
  readonly lines: number
  readonly ms: number
  /** The reporter's mean interval, ms; 0 before the second report. */
  readonly interval: number
}

export const NO_PACE: Pace = { lines: 0, ms: 0, interval: 0 }

const SHORTEST_WINDOW_MS = 30_000
const INTERVALS_IN_WINDOW = 8
/** Under half a second of watching, a rate is a guess. */
const LEAST_EVIDENCE_MS = 500
const LONGEST_ETA_MS = 365 * 86_400_000

export const advancePace = (pace: Pace, elapsedMs: number, delta: Counts): Pace => {
  const ms = Math.max(0, elapsedMs)
  const interval = pace.interval === 0 ? ms : pace.interval + (ms - pace.interval) / 5
  const window = Math.max(SHORTEST_WINDOW_MS, interval * INTERVALS_IN_WINDOW)
  const kept = Math.exp(-ms / window)
  return { lines: pace.lines * kept + processed(delta), ms: pace.ms * kept + ms, interval }
}

/** Lines per second, or null while there is too little to tell. */
export const rateOf = (pace: Pace): number | null => {
  if (pace.ms < LEAST_EVIDENCE_MS) return null
  const rate = (pace.lines * 1000) / pace.ms
  return Number.isFinite(rate) ? Math.round(rate * 1000) / 1000 : null
}

/** When the rest will be done at this pace (ms), or null when it cannot be told honestly. */
export const etaOf = (pace: Pace, counts: Counts, total: number | null, at: number): number | null => {
  const rate = rateOf(pace)
  if (total === null || rate === null || rate <= 0) return null
  const left = total - processed(counts)
  if (left < 0) return null
  const ms = (left / rate) * 1000
  return ms <= LONGEST_ETA_MS ? Math.round(at + ms) : null
}
