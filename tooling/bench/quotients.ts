/** A quotient is taken within a round, where both had the same neighbours; of all rounds the middle one counts. */
export const quotients = (rounds: readonly (readonly [number, number])[]): string => {
  const sorted = rounds.map(([one, other]) => one / other).sort((a, b) => a - b)
  const [least, middle, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at]?.toFixed(2))
  return `${middle} (${least} to ${most})`
}

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
