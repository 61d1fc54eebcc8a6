import { type Change, type OpenRequest, type ProgressStore, StoreUnavailable } from '../src/index.ts'

/** When a call fails: before it takes effect, after it did, or instead of ever answering (for as long as a caller waits). */
export type Fault = 'before' | 'after' | 'hangs'

export interface FaultyStore extends ProgressStore {
  /** How many calls were made so far. */
  readonly calls: () => number
}

/** A store whose n-th call fails, the others being those of a healthy one. A call that hangs answers when `released`. */
export const createFaultyStore = (
  healthy: ProgressStore,
  nth: number,
  fault: Fault,
  released: Promise<void> = Promise.resolve(),
): FaultyStore => {
  let calls = 0
  const call = async <T>(effect: () => Promise<T>): Promise<T> => {
    calls += 1
    if (calls !== nth) return effect()
    if (fault === 'before') throw new StoreUnavailable(`call ${nth} was lost`)
    if (fault === 'hangs') {
      await released
      throw new StoreUnavailable(`call ${nth} took too long`)
    }
    await effect()
    throw new StoreUnavailable(`the answer to call ${nth} was lost`)
  }
  return {
    open: (requests: readonly OpenRequest[]) => call(() => healthy.open(requests)),
    commit: (changes: readonly Change[]) => call(() => healthy.commit(changes)),
    calls: () => calls,
  }
}
