/** How much one run holds at most; one that is too heavy alone is a run by itself. */
export interface RunBounds {
  readonly items: number
  readonly weight: number
}

/** Where each run of a list begins, and the next one does. */
export const cutRuns = <T>(
  list: readonly T[],
  weightOf: (item: T) => number,
  bounds: RunBounds,
): readonly (readonly [from: number, to: number])[] => {
  const runs: [number, number][] = []
  let from = 0
  let weight = 0
  for (let index = 0; index < list.length; index += 1) {
    const more = weightOf(list[index] as T)
    if (index > from && (index - from === bounds.items || weight + more > bounds.weight)) {
      runs.push([from, index])
      from = index
      weight = 0
    }
    weight += more
  }
  if (from < list.length) runs.push([from, list.length])
  return runs
}
