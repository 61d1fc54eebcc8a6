import { randomBytes } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Clock, FileId, UpdateId } from '@pebbles/core'

/** Whoever does long work takes one turn of the event loop, however many do: else their slices add up to a long stop. */
let lastTurn: Promise<unknown> = Promise.resolve()
const takeTurn = async (): Promise<void> => {
  const turn = lastTurn.then(() => setImmediate())
  lastTurn = turn
  await turn
}

/** Real time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => setTimeout(ms),
  pause: takeTurn,
  random: () => Math.random(),
}

/** 24 hexadecimal digits, drawn at random. */
export const randomFileId = (): FileId => randomBytes(12).toString('hex') as FileId

/** Ids that nobody can send again: drawn once for the process, then counted. */
export const createInnerIds = (): (() => UpdateId) => {
  const prefix = randomBytes(9).toString('base64url')
  let count = 0
  return () => {
    count += 1
    return `inner:${prefix}-${count.toString(36)}`
  }
}
