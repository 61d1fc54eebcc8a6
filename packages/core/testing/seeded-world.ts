import { setImmediate } from 'node:timers/promises'
import { type Clock, StoreUnavailable } from '../src/index.ts'
import { NOON } from './builders.ts'

/** The same numbers for the same seed. */
export const createRandom = (seed: number): (() => number) => {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Waiting {
  readonly process: number
  readonly at: number
  readonly resume: () => void
}

/** Processes whose every await is a place where this world may run another one, lose an answer, or kill. */
export interface SeededWorld {
  readonly random: () => number
  readonly clockOf: (process: number) => Clock
  /** The store's step for a process: delays, and now and then throws before or after the effect. */
  readonly stepOf: (process: number) => (label: string) => Promise<void>
  /** From here on the process does nothing any more: what it waits for never comes. */
  readonly kill: (process: number) => void
  /** Runs until nothing is left to run. */
  readonly run: () => Promise<void>
}

const LOST = 0.02
const MAX_STEPS = 20_000

export const createSeededWorld = (seed: number): SeededWorld => {
  const random = createRandom(seed)
  const dead = new Set<number>()
  let waiting: Waiting[] = []
  let now = 0

  const wait = (process: number, ms: number): Promise<void> =>
    new Promise((resume) => {
      if (!dead.has(process)) waiting.push({ process, at: now + ms, resume })
    })

  return {
    random,
    clockOf: (process) => ({
      now: () => NOON + Math.floor(now) + process * 7_000,
      monotonic: () => now,
      sleep: (ms) => wait(process, ms),
      pause: () => wait(process, 0),
      random,
    }),
    stepOf: (process) => async (label) => {
      await wait(process, random() < 0.1 ? random() * 500 : random() * 3)
      if (random() < LOST) throw new StoreUnavailable(`lost at ${label}`)
    },
    kill: (process) => {
      dead.add(process)
      waiting = waiting.filter((one) => one.process !== process)
    },
    run: async () => {
      for (let steps = 0; waiting.length > 0; steps += 1) {
        if (steps > MAX_STEPS) throw new Error('no end in sight')
        const ready = waiting.filter((one) => one.at <= now)
        if (ready.length === 0) {
          now = Math.min(...waiting.map((one) => one.at))
          continue
        }
        const next = ready[Math.floor(random() * ready.length)] as Waiting
        waiting.splice(waiting.indexOf(next), 1)
        next.resume()
        await setImmediate()
      }
    },
  }
}
