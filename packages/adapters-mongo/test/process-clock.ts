import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Clock, FileId } from '@pebbles/core'
import { ObjectId } from 'mongodb'

/** Real time, for processes of their own. */
export const processClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  sleep: async (ms) => void (await setTimeout(ms)),
  pause: () => setImmediate(),
  random: Math.random,
}

/** Ids that no two processes draw. */
export const processIds = { fileId: () => new ObjectId().toHexString() as FileId }
