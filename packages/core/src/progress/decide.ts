import { addCounts, fits } from './counts.ts'
import type { FileState } from './file-state.ts'
import type { ProgressRefusal } from './refusals.ts'
import type { RecordUpdate } from './update.ts'

/** As much of a file as the rules look at. */
export type Standing = Pick<FileState, 'email' | 'counts' | 'total' | 'completion'>

/**
 * Whether a file takes an update: null, or why not. `standing` is null for a file's first update.
 * Order: owner, completed, overflow; repeated keys and moved files are known before it is asked.
 */
export const decide = (standing: Standing | null, command: RecordUpdate): ProgressRefusal | null => {
  if (standing === null) return null
  if (standing.email !== command.email) return 'NOT_OWNER'
  if (standing.completion !== null && !isLate(standing, command)) return 'PROGRESS_COMPLETED'
  if (!fits(addCounts(standing.counts, command.counts))) return 'COUNTS_OVERFLOW'
  return null
}

/** Sent before the completing update but come after it, by a queue without order: its lines still count. */
const isLate = (standing: Standing, command: RecordUpdate): boolean =>
  standing.completion !== null && command.sentAt < standing.completion.sentAt
