import type { Clock } from '@pebbles/core'

const WORK_MS = 5

/** For long work: call it between pieces, and await what it returns; others are served whenever enough was done. */
export const createBreaks = ({
  monotonic,
  pause,
}: Pick<Clock, 'monotonic' | 'pause'>): (() => Promise<void> | undefined) => {
  let started = monotonic()
  return () => {
    if (monotonic() - started < WORK_MS) return undefined
    return pause().then(() => {
      started = monotonic()
    })
  }
}
