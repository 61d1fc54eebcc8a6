/** Gives a place back; more than once does no harm. */
export type Leave = () => void

/** Room for so many long lists at once: each holds a page of files in memory, and the store busy. */
export interface ListPlaces {
  /** A place at once, or null when all are taken or waited for. */
  readonly take: () => Leave | null
  /** A place when its turn has come; null when the caller gave up before. */
  readonly wait: (givenUp: AbortSignal) => Promise<Leave | null>
}

export const createListPlaces = (places: number): ListPlaces => {
  const waiting = new Set<(leave: Leave) => void>()
  let taken = 0
  const enter = (): Leave => {
    taken += 1
    let left = false
    return () => {
      if (left) return
      left = true
      taken -= 1
      const [first] = waiting
      if (first === undefined) return
      waiting.delete(first)
      first(enter())
    }
  }
  const take = (): Leave | null => (taken < places ? enter() : null)
  return {
    take,
    wait: (givenUp) => {
      const leave = givenUp.aborted ? null : take()
      if (leave !== null || givenUp.aborted) return Promise.resolve(leave)
      return new Promise((settle) => {
        waiting.add(settle)
        givenUp.addEventListener('abort', () => {
          if (waiting.delete(settle)) settle(null)
        })
      })
    },
  }
}
