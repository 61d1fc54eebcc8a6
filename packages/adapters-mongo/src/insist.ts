import { isAway } from './store-errors.ts'

const MOST_TRIES = 3

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
  }
}
