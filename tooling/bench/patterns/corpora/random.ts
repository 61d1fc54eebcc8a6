/** Seeded randomness, so that a corpus is the same on every machine and in every run. */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  readonly int: (low: number, high: number) => number
  readonly pick: <T>(from: readonly T[]) => T
  readonly digits: (length: number) => string
  readonly hex: (length: number) => string
  readonly letters: (length: number) => string
  readonly chance: (share: number) => boolean
}

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const from = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join('')
  return {
    int,
    pick: (values) => values[int(0, values.length - 1)] as (typeof values)[number],
    digits: (length) => from('123456789', 1) + from('0123456789', length - 1),
    hex: (length) => from('0123456789abcdef', length),
    letters: (length) => from('abcdefghijklmnopqrstuvwxyz', length),
    chance: (share) => next() < share,
  }
}

export const shuffled = <T>(values: readonly T[], random: Random): T[] => {
  const mixed = [...values]
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = random.int(0, at)
    const value = mixed[at] as T
    mixed[at] = mixed[other] as T
    mixed[other] = value
  }
  return mixed
}
