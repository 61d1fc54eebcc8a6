import { setTimeout as delay } from 'node:timers/promises'

/** Looks again and again until it is disposed of, which rejects when a look failed. */
export const lookAgain = (everyMs: number, look: () => Promise<void>): AsyncDisposable => {
  let stopping = false
  const looking = (async (): Promise<void> => {
    while (!stopping) {
      await look()
      await delay(everyMs)
    }
  })()
  // Until somebody waits for it, nobody would catch it.
  looking.catch(() => undefined)
  return {
    [Symbol.asyncDispose]: async () => {
      stopping = true
      await looking
    },
  }
}
