import {
  type IssueKind,
  type Outcome,
  patternId,
  patternText,
  type RecordUpdate,
  type TouchedIssues,
} from '@pebbles/core'
import type { PatternAnswer, UpdateAnswer } from './answer-schema.ts'
import { valuesOf } from './pattern-finder.ts'

const LINES_IN_AN_ANSWER = 1_000

/**
 * The answer to an update that was applied, now or before: the file's sums, and the patterns that its issues fell
 * under, with up to 1,000 of them as lines. A repeat from a former life of the name says what became of that life.
 */
export const updateAnswerOf = (
  outcome: Extract<Outcome, { kind: 'applied' | 'duplicate' }>,
  command: Pick<RecordUpdate, 'client' | 'filename' | 'errors' | 'warnings'>,
): UpdateAnswer => {
  const { client: clientKrn, filename, errors, warnings } = command
  const result = outcome.created ? 'created' : 'updated'
  if (outcome.kind === 'duplicate' && outcome.life !== 'present')
    return { result, clientKrn, filename, ...(outcome.life === 'deleted' ? { deleted: true } : { moved: true }) }
  const { file, touched } = outcome
  // When both kinds are many, half of the lines for each.
  const half = LINES_IN_AN_ANSWER / 2
  const errorLines = Math.min(errors.length, Math.max(half, LINES_IN_AN_ANSWER - warnings.length))
  const warningLines = Math.min(warnings.length, LINES_IN_AN_ANSWER - errorLines)
  return {
    result,
    clientKrn,
    filename,
    counts: { done: file.counts.done, warn: file.counts.warn, failed: file.counts.failed },
    total: file.total,
    isCompleted: file.completion !== null,
    errors: touchedPatterns(touched.error, errors, errorLines, 'error'),
    warnings: touchedPatterns(touched.warning, warnings, warningLines, 'warning'),
    ...(errors.length + warnings.length > LINES_IN_AN_ANSWER ? { linesTruncated: true as const } : {}),
  }
}

const touchedPatterns = (
  { numbers, rows }: TouchedIssues,
  issues: RecordUpdate['errors'],
  limit: number,
  kind: IssueKind,
): PatternAnswer[] => {
  if (rows.size === 0) return []
  const lines = new Map<number, PatternAnswer['lines']>()
  for (const [index, { line, message }] of issues.slice(0, limit).entries()) {
    const row = rows.get(numbers[index] ?? 0)
    if (row === undefined) continue
    const known = lines.get(row.no) ?? []
    known.push({ line, values: valuesOf(row, message) })
    lines.set(row.no, known)
  }
  return [...rows.values()]
    .sort((a, b) => b.count - a.count || a.no - b.no)
    .map(({ no, template, count }) => ({
      id: patternId(kind, no),
      pattern: patternText(template),
      count,
      lines: lines.get(no) ?? [],
    }))
}
