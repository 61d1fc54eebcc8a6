import { createHash, hash } from 'node:crypto'
import type { Clock } from '@pebbles/core'
import { canonicalChunks, canonicalUpdate, type ParsedUpdate } from '@pebbles/wire'

/** About 5 ms of work when the issues are as short as they can be, less when they are not. */
const PAUSE_AFTER_CHARACTERS = 100_000
/** So few issues are hashed at once. */
const FEW_ISSUES = 50

/** The digest that tells a repeat of an update from a reused id: the same, whatever channel it comes by. */
export const hashUpdate = async (update: ParsedUpdate, { pause }: Pick<Clock, 'pause'>): Promise<string> => {
  if (update.errors.length + update.warnings.length <= FEW_ISSUES)
    return hash('sha256', canonicalUpdate(update), 'base64url')
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
