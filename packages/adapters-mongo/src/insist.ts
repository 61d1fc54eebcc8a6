import { setTimeout as delay } from 'node:timers/promises'
import { isAway } from './store-errors.ts'

const MOST_TRIES = 3
/** So much longer (ms) it waits before each further try: right after a connection was lost the others are let go, too. */
const PAUSE_MS = 20

/** Repeats what can be repeated, by default while it has no answer. The last try's error comes back. */
export const insist = async <T>(
  step: () => Promise<T>,
  isWorthAnother: (error: unknown) => boolean = isAway,
  most = MOST_TRIES,
): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await step()
    } catch (error) {
      if (tries >= most || !isWorthAnother(error)) throw error
    }
    await delay(PAUSE_MS * tries)
  }
}
