/**
 * Calls that come while others are under way wait for each other and go as one: a thousand files that are looked at
 * again, each by itself, are a few round trips then, and not a thousand connections.
 */
export const joinCalls = <Item, Answer>(
  run: (items: readonly Item[]) => Promise<readonly Answer[]>,
  atOnce = AT_ONCE,
): ((items: readonly Item[]) => Promise<readonly Answer[]>) => {
  let waiting: Call<Item, Answer>[] = []
  let underWay = 0

  const next = (): void => {
    if (underWay >= atOnce || waiting.length === 0) return
    const calls = waiting
    waiting = []
    underWay += 1
    run(calls.flatMap(({ items }) => items))
      .then(
        (answers) => {
          let at = 0
          for (const { items, done } of calls) {
            done(answers.slice(at, at + items.length))
            at += items.length
          }
        },
        (error: unknown) => {
          for (const { fail } of calls) fail(error)
        },
      )
      .finally(() => {
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

/** One that is held up by a slow file does not hold up the rest. */
const AT_ONCE = 4
