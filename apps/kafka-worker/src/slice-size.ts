/** How many records are settled before they are committed: as many as the store settles in a second or two. */
export interface SliceSize {
  readonly size: () => number
  /** So long (ms) so many records took. */
  readonly took: (ms: number, records: number) => void
}

const FIRST = 2_000
/** A stop waits for them, however slow the store is. */
const FEWEST = 250
/** Of more in a group each costs hardly less, and all of them are in memory. */
const MOST = 8_000
const QUICK_MS = 1_000
const SLOW_MS = 2_000

export const createSliceSize = (): SliceSize => {
  let size = FIRST
  return {
    size: () => size,
    took: (ms, records) => {
      if (ms > SLOW_MS) size = Math.max(FEWEST, Math.floor(size / 2))
      else if (ms < QUICK_MS && records >= size) size = Math.min(MOST, size * 2)
    },
  }
}
