import type { Running } from './lifecycle.ts'

/** Does some work now and then, `everyMs` after it was last done, until it is stopped; a stop waits for what is under way. */
export const repeat = (everyMs: number, work: () => Promise<unknown>, onError: (error: unknown) => void): Running => {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const next = (): void => {
    if (stopped) return
    timer = setTimeout(() => {
      running = work().then(next, (error: unknown) => {
        onError(error)
        next()
      })
    }, everyMs)
    timer.unref()
  }
  next()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
