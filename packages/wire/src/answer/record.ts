import {
  type ByKind,
  etaOf,
  type FileRecord,
  type FileState,
  type IssueDigest,
  type IssueKind,
  type PatternRow,
  patternId,
  patternText,
  rateOf,
  type StoredIssue,
  statusOf,
} from '@pebbles/core'
import type { FullRecord, PatternAnswer, PatternSummary, ProgressRecord } from './answer-schema.ts'
import { isoTime, patternFinder, valuesOf } from './pattern-finder.ts'

/** The moment of an answer: what `status` depends on beside the file. */
export interface AsOf {
  /** ms since 1970. */
  readonly now: number
  readonly stalledAfterMs: number
}

/** A file as lists and events show it: the 5 most frequent patterns of each kind, without lines. */
export const recordOf = (state: FileState, asOf: AsOf): ProgressRecord => ({
  ...commonFields(state, asOf),
  errors: topOf(state.issues, 'error'),
  warnings: topOf(state.issues, 'warning'),
})

/** One file whole: every pattern, the most frequent first, each with those of its lines that were read. */
export const fullRecordOf = ({ state, tables, issues, truncated }: FileRecord, asOf: AsOf): FullRecord => ({
  ...commonFields(state, asOf),
  errors: patternsOf(tables.error, issues.error, 'error'),
  warnings: patternsOf(tables.warning, issues.warning, 'warning'),
  ...(truncated ? { linesTruncated: true as const } : {}),
})

/** What every form of a file's record has. */
export const commonFields = (state: FileState, { now, stalledAfterMs }: AsOf) => {
  const { completion, counts, total, updatedAt } = state
  const eta = completion === null ? etaOf(state.pace, counts, total, updatedAt) : null
  return {
    id: state.fileId as string,
    clientKrn: state.client as string,
    filename: state.filename as string,
    email: state.email as string,
    counts: { done: counts.done, warn: counts.warn, failed: counts.failed },
    total,
    isCompleted: completion !== null,
    outcome: completion?.outcome ?? null,
    reason: completion?.reason ?? null,
    createdAt: isoTime(state.createdAt),
    updatedAt: isoTime(updatedAt),
    completedAt: completion === null ? null : isoTime(completion.at),
    issueCounts: { errors: state.issues.error.count, warnings: state.issues.warning.count },
    version: state.version,
    rate: rateOf(state.pace),
    eta: eta === null ? null : isoTime(eta),
    status: statusOf(state, now, stalledAfterMs),
  }
}

const topOf = (issues: ByKind<IssueDigest>, kind: IssueKind): PatternSummary[] =>
  issues[kind].top.map(({ no, template, count }) => ({
    id: patternId(kind, no),
    pattern: patternText(template),
    count,
  }))

const patternsOf = (table: readonly PatternRow[], issues: readonly StoredIssue[], kind: IssueKind): PatternAnswer[] => {
  const find = patternFinder(table)
  const lines = new Map<number, PatternAnswer['lines']>()
  for (const { pattern, line, message } of issues) {
    const row = find(pattern)
    if (row === undefined) continue
    const known = lines.get(row.no) ?? []
    known.push({ line, values: valuesOf(row, message) })
    lines.set(row.no, known)
  }
  return table
    .filter((row) => row.into === undefined)
    .sort((a, b) => b.count - a.count || a.no - b.no)
    .map((row) => ({
      id: patternId(kind, row.no),
      pattern: patternText(row.template),
      count: row.count,
      lines: lines.get(row.no) ?? [],
    }))
}
