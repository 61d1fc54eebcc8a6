import { createHash, hash } from 'node:crypto'
import type { Clock } from '@pebbles/core'
import { canonicalChunks, canonicalUpdate, type ParsedUpdate } from '@pebbles/wire'

/** About 5 ms of work when the issues are as short as they can be, less when they are not. */
const PAUSE_AFTER_CHARACTERS = 100_000
/** So few issues are hashed at once. */
const FEW_ISSUES = 50

/**
 * The digest that tells a repeat of an update from a reused id: the same, whatever channel it comes by. At once when it
 * is short, as a promise for each of thousands of messages costs more than their hashes.
 */
export const hashUpdate = (update: ParsedUpdate, clock: Pick<Clock, 'pause'>): string | Promise<string> =>
  update.errors.length + update.warnings.length <= FEW_ISSUES
    ? hash('sha256', canonicalUpdate(update), 'base64url')
    : hashLong(update, clock)

const hashLong = async (update: ParsedUpdate, { pause }: Pick<Clock, 'pause'>): Promise<string> => {
  const digest = createHash('sha256')
  let worked = 0
  for (const chunk of canonicalChunks(update)) {
    digest.update(chunk)
    worked += chunk.length
    if (worked < PAUSE_AFTER_CHARACTERS) continue
    worked = 0
    await pause()
  }
  return digest.digest('base64url')
}
