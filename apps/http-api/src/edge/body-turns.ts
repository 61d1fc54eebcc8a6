/** Runs work on so many bytes when its turn has come. */
export type Turns = <T>(bytes: number, work: () => Promise<T>) => Promise<T>

/** Large bodies take turns, so that many at once cannot take all memory; small ones never wait. */
export interface BodyTurns {
  /** From the first byte to the answer. */
  readonly holding: Turns
  /** From JSON to the answer: an update of a million short issues takes some twenty times its bytes. */
  readonly working: Turns
}

const SMALL_BYTES = 65_536
const HELD_BYTES = 64 * 1024 * 1024

export const createBodyTurns = (maxBodyBytes: number): BodyTurns => ({
  holding: createTurns(HELD_BYTES),
  working: createTurns(2 * maxBodyBytes),
})

const createTurns = (limit: number): Turns => {
  const waiting: { readonly bytes: number; readonly start: () => void }[] = []
  let taken = 0
  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= limit
  const next = (): void => {
    // In order: a large one is not passed by smaller ones for ever.
    for (let first = waiting[0]; first !== undefined && fits(first.bytes); first = waiting[0]) {
      waiting.shift()
      taken += first.bytes
      first.start()
    }
  }
  return async (bytes, work) => {
    if (bytes <= SMALL_BYTES) return work()
    await new Promise<void>((start) => {
      waiting.push({ bytes, start })
      next()
    })
    try {
      return await work()
    } finally {
      taken -= bytes
      next()
    }
  }
}
