import { anUpdate } from '@pebbles/intake/testing'
import { quotients } from '../quotients.ts'

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

/** Messages a second of each, in one round. */
export type Round<Name extends string> = Readonly<Record<Name, number>>

/** Runs each so many times, in turn. */
export const inRounds = async <Name extends string>(
  count: number,
  runs: Readonly<Record<Name, () => Promise<number>>>,
): Promise<readonly Round<Name>[]> => {
  const rounds: Round<Name>[] = []
  for (let round = 1; round <= count; round += 1) {
    const rates = {} as Record<Name, number>
    for (const [name, run] of Object.entries(runs) as [Name, () => Promise<number>][]) {
      rates[name] = await run()
      console.log(`round ${round}  ${name.padEnd(24)} ${Math.round(rates[name])}/s`)
    }
    rounds.push(rates)
  }
  return rounds
}

/** Says how one of a round compares with another, beside what is asked. */
export const sayRatio = (what: string, rounds: readonly (readonly [number, number])[], asked: number): void =>
  console.log(`${what.padEnd(44)} ${quotients(rounds)}, asked: ${asked}`)
