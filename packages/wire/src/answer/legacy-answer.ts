import type { Issue, Outcome, PlainFile, RecordUpdate } from '@pebbles/core'
import type { FormerResult } from './answer-schema.ts'
import type { LegacyAnswer, LegacyRecord, PlainIssue } from './legacy-schema.ts'
import { type AsOf, commonFields } from './record.ts'
import { updateAnswerOf } from './update-answer.ts'

const ISSUES_OF_A_KIND = 1_000

/** A file as the single-tenant version showed it: its issues plain, in order of arrival. */
export const legacyRecordOf = ({ state, issues, truncated }: PlainFile, asOf: AsOf): LegacyRecord => ({
  ...commonFields(state, asOf),
  errors: plain(issues.error),
  warnings: plain(issues.warning),
  ...(truncated ? { linesTruncated: true as const } : {}),
})

/**
 * The answer to an update as the single-tenant version gave it, with the issues of the file so far. `file` is null when
 * they could not be read any more: the update counts all the same, so the answer has those of the update itself.
 */
export const legacyAnswerOf = (
  outcome: Extract<Outcome, { kind: 'applied' | 'duplicate' }>,
  command: Pick<RecordUpdate, 'client' | 'filename' | 'errors' | 'warnings'>,
  file: PlainFile | null,
): LegacyAnswer | FormerResult => {
  const answer = updateAnswerOf(outcome, { ...command, errors: [], warnings: [] })
  if (!('counts' in answer)) return answer
  const truncated = file === null ? true : file.truncated
  return {
    ...answer,
    errors: plain(file === null ? command.errors : file.issues.error),
    warnings: plain(file === null ? command.warnings : file.issues.warning),
    ...(truncated ? { linesTruncated: true as const } : {}),
  }
}

const plain = (issues: readonly Issue[]): PlainIssue[] =>
  issues.slice(0, ISSUES_OF_A_KIND).map(({ line, message }) => (line === null ? { message } : { line, message }))
