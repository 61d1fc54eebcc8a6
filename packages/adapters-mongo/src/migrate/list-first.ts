/** Lists are for people: how many there are in all stands beside. */
const MOST_LISTED = 1_000

/** Counts what is found, and keeps the first 1,000 as they are shown: there can be millions. */
export const listFirst = async <T, U>(
  found: AsyncIterable<T>,
  show: (one: T) => U,
): Promise<{ readonly count: number; readonly items: readonly U[] }> => {
  const items: U[] = []
  let count = 0
  for await (const one of found) {
    count += 1
    if (items.length < MOST_LISTED) items.push(show(one))
  }
  return { count, items }
}
