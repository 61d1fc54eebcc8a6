/** What a run holds at most, as of when it is cut; one item that is larger by itself is a run of its own. */
export interface RunBounds {
  readonly items?: () => number
  readonly bytes: number
}

/** Cuts a list into runs, in order, each as long as its bounds allow. */
export const cutRuns = function* <T>(
  all: readonly T[],
  sizeOf: (item: T) => number,
  { items = () => Number.POSITIVE_INFINITY, bytes: mostBytes }: RunBounds,
): Generator<readonly T[]> {
  let run: T[] = []
  let bytes = 0
  for (const item of all) {
    const size = sizeOf(item)
    if (run.length > 0 && (run.length >= items() || bytes + size > mostBytes)) {
      yield run
      run = []
      bytes = 0
    }
    run.push(item)
    bytes += size
  }
  if (run.length > 0) yield run
}
