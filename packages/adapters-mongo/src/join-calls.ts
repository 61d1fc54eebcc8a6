import { isStoreUnavailable } from '@pebbles/core'
import { isAway } from './store-errors.ts'

export interface Joining<Item, Answer> {
  readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>
  /** Runs under way at the same time; who comes then waits for one of them to end. */
  readonly atOnce?: number
  /**
   * What a bug that one call meets does to those that went with it. `apart`: they run again, in halves, until only that
   * one is left to fail. `doubtful`: they are answered, as some may be done. Unless said, they fail with it.
   */
  readonly onBug?: 'apart' | { readonly doubtful: NoInfer<Answer> }
}

/**
 * Calls that come while others are under way wait for each other and go as one: a thousand files that are looked at
 * again, each by itself, are a few round trips then, and not a thousand connections.
 */
export const joinCalls = <Item, Answer>({
  run,
  atOnce = AT_ONCE,
  onBug,
}: Joining<Item, Answer>): ((items: readonly Item[]) => Promise<readonly Answer[]>) => {
  let waiting: Call<Item, Answer>[] = []
  let underWay = 0

  const answer = async (calls: readonly Call<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await run(calls.flatMap(({ items }) => items))
      let at = 0
      for (const { items, done } of calls) {
        done(answers.slice(at, at + items.length))
        at += items.length
      }
    } catch (error) {
      if (calls.length === 1 || onBug === undefined || !isBug(error)) for (const { fail } of calls) fail(error)
      else if (onBug === 'apart') {
        await answer(calls.slice(0, calls.length / 2))
        await answer(calls.slice(calls.length / 2))
      } else for (const { items, done } of calls) done(items.map(() => onBug.doubtful))
    }
  }

  const next = (): void => {
    if (underWay >= atOnce || waiting.length === 0) return
    const calls = waiting
    waiting = []
    underWay += 1
    void answer(calls).then(() => {
      underWay -= 1
      next()
    })
  }
  return (items) =>
    new Promise((done, fail) => {
      waiting.push({ items, done, fail })
      next()
    })
}

interface Call<Item, Answer> {
  readonly items: readonly Item[]
  readonly done: (answers: readonly Answer[]) => void
  readonly fail: (error: unknown) => void
}

const isBug = (error: unknown): boolean => !isStoreUnavailable(error) && !isAway(error)

/** One that is held up by a slow file does not hold up the rest. */
const AT_ONCE = 4
