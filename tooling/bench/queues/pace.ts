import { anUpdate } from '@pebbles/intake/testing'

/** Between the first and the last of so many messages: what comes before is joining and waiting, not work. */
export interface Pace {
  readonly count: (messages?: number) => void
  /** Messages a second, when all have come. */
  readonly rate: Promise<number>
}

export const createPace = (messages: number): Pace => {
  const { promise, resolve } = Promise.withResolvers<number>()
  let seen = 0
  let began = 0
  return {
    count: (more = 1) => {
      if (seen === 0) began = performance.now()
      seen += more
      if (seen >= messages) resolve((1_000 * messages) / (performance.now() - began))
    },
    rate: promise,
  }
}

/** So many updates over so many files; every seventh brings an issue. */
export const updatesFor = (messages: number, files: number): readonly { key: string; value: string }[] =>
  Array.from({ length: messages }, (_, n) => {
    const filename = `f${n % files}.csv`
    const counts = { done: 1, warn: 0, failed: n % 7 === 0 ? 1 : 0 }
    const errors = n % 7 === 0 ? [{ line: n + 1, message: `amount ${n}.50 is too large` }] : []
    return { key: filename, value: JSON.stringify(anUpdate({ filename, counts, errors })) }
  })

/** Runs each so many times, in turn, and keeps the best of each: whatever disturbs makes it slower. */
export const bestOf = async <Name extends string>(
  rounds: number,
  runs: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Readonly<Record<Name, number>>> => {
  const best = {} as Record<Name, number>
  for (let round = 1; round <= rounds; round += 1)
    for (const [name, run] of Object.entries(runs) as [Name, () => Promise<number>][]) {
      const rate = await run()
      best[name] = Math.max(best[name] ?? 0, rate)
      console.log(`round ${round}  ${name.padEnd(24)} ${Math.round(rate)}/s`)
    }
  return best
}

/** Says each ratio beside what is asked of it. */
export const sayRatios = (ratios: Readonly<Record<string, readonly [ratio: number, asked: number]>>): void => {
  for (const [what, [ratio, asked]] of Object.entries(ratios))
    console.log(`${what.padEnd(44)} ${ratio.toFixed(2)} (asked: ${asked})`)
}
