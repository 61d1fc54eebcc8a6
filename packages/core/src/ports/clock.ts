/** Time, chance and waiting come in from outside, so that a test or a simulation can hold them. */
export interface Clock {
  /** Wall clock, ms since 1970. May jump. */
  readonly now: () => number
  /** Only for durations: ms from any fixed point, never goes back. */
  readonly monotonic: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** Lets everything else that is ready run first: called every few ms of long work. */
  readonly pause: () => Promise<void>
  /** [0, 1), for jitter only. */
  readonly random: () => number
}
