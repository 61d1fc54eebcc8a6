/** One ordered run of rows, read piece by piece. */
export interface Source<T> {
  /** The next rows; empty when a piece held none that is wanted, null at the end. */
  readonly next: () => readonly T[] | null
}

/** Joins ordered sources into one order. */
export interface Merge<T> {
  /**
   * Appends to `rows` until it holds `limit`, the sources end, or `isTimeUp`; false when it stopped for the time:
   * call it again then.
   */
  readonly take: (rows: T[], limit: number, isTimeUp: () => boolean) => boolean
}

export const mergeSources = <T>(sources: readonly Source<T>[], isBefore: (a: T, b: T) => boolean): Merge<T> => {
  interface Lane {
    readonly source: Source<T>
    rows: readonly T[]
    at: number
  }
  let lanes: Lane[] = sources.map((source) => ({ source, rows: [], at: 0 }))

  /** Every lane gets a first row or is dropped. */
  const fill = (isTimeUp: () => boolean): boolean => {
    for (const lane of lanes) {
      while (lane.at === lane.rows.length) {
        if (isTimeUp()) return false
        const rows = lane.source.next()
        if (rows === null) {
          lanes = lanes.filter((other) => other !== lane)
          break
        }
        lane.rows = rows
        lane.at = 0
      }
    }
    return true
  }

  return {
    take: (rows, limit, isTimeUp) => {
      while (rows.length < limit) {
        if (!fill(isTimeUp)) return false
        let first: Lane | null = null
        for (const lane of lanes) {
          if (first === null || isBefore(lane.rows[lane.at] as T, first.rows[first.at] as T)) first = lane
        }
        if (first === null) return true
        rows.push(first.rows[first.at] as T)
        first.at += 1
      }
      return true
    },
  }
}
