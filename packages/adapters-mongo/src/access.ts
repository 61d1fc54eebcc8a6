import { StoreUnavailable } from '@pebbles/core'
import { insist } from './insist.ts'
import { asUnavailable, isPassing } from './store-errors.ts'

/** The one way to the database for whoever calls the store. */
export interface Access {
  /**
   * Runs a call, within a time: what fails because the store is away, or does not end in time, rejects with
   * `StoreUnavailable`; what then still goes on is without an answer, as after a lost connection.
   */
  readonly call: <T>(work: () => Promise<T>, withinMs?: number) => Promise<T>
  /** Calls that wait are rejected, and every later one. */
  readonly close: () => void
}

/**
 * So long one call takes, also when a server was stopped and says nothing: whoever waits for it is answered within
 * 10 s. Who needs several calls says how long it waits for each, or waits for as long as they all take.
 */
export const WITHIN_MS = 9_500

export const createAccess = (): Access => {
  const waiting = new Set<(error: StoreUnavailable) => void>()
  let closed = false
  return {
    call: async (work, withinMs = WITHIN_MS) => {
      if (closed) throw new StoreUnavailable('the store is closed')
      // Nothing is begun that nobody waits for.
      if (withinMs <= 0) throw new StoreUnavailable('no time was left to ask MongoDB')
      const { promise: ended, reject } = Promise.withResolvers<never>()
      waiting.add(reject)
      const timer = setTimeout(() => reject(new StoreUnavailable(`MongoDB did not answer in ${withinMs} ms`)), withinMs)
      try {
        // Steps of the protocol can be taken again, and find what they did before.
        return await Promise.race([insist(work, isPassing), ended])
      } catch (error) {
        throw asUnavailable(error)
      } finally {
        clearTimeout(timer)
        waiting.delete(reject)
      }
    },
    close: () => {
      closed = true
      for (const reject of waiting) reject(new StoreUnavailable('the store is closed'))
    },
  }
}
