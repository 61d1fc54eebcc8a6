import {
  type ClientKrn,
  type ClientSums,
  type HistoryRow,
  type IssueKind,
  type IssuePage,
  MAX_COUNT,
  patternId,
  patternText,
} from '@pebbles/core'
import type { ClientRow, HistoryAnswerRow, IssueRow, Summary } from './answer-schema.ts'
import { isoTime, patternFinder, valuesOf } from './pattern-finder.ts'

/** A page of issues, each with the pattern that it belongs to now and its values there. */
export const issueRowsOf = ({ issues, table }: IssuePage, kind: IssueKind): IssueRow[] => {
  const find = patternFinder(table)
  return issues.map(({ line, message, pattern, at }) => {
    const row = find(pattern)
    return {
      line,
      message,
      pattern: row === undefined ? message : patternText(row.template),
      patternId: patternId(kind, row?.no ?? pattern),
      values: row === undefined ? [] : valuesOf(row, message),
      at: isoTime(at),
    }
  })
}

/** One commit of a history, for JSON. */
export const historyRowOf = ({
  version,
  at,
  updates,
  counts,
  total,
  isLast,
  sources,
}: HistoryRow): HistoryAnswerRow => ({
  version,
  at: isoTime(at),
  updates,
  counts: { done: counts.done, warn: counts.warn, failed: counts.failed },
  total,
  isLast,
  sources: [...sources],
})

/** Sums stop at 2^53 - 1, and `overflow` says so. */
export const summaryOf = ({ counts, lastUpdate, ...sums }: ClientSums): Summary => {
  const largest = BigInt(MAX_COUNT)
  const stopped = (sum: bigint): number => Number(sum > largest ? largest : sum)
  const overflow = counts.done > largest || counts.warn > largest || counts.failed > largest
  return {
    files: sums.files,
    running: sums.running,
    stalled: sums.stalled,
    completed: sums.completed,
    failed: sums.failed,
    cancelled: sums.cancelled,
    counts: { done: stopped(counts.done), warn: stopped(counts.warn), failed: stopped(counts.failed) },
    lastUpdate: lastUpdate === null ? null : isoTime(lastUpdate),
    ...(overflow ? { overflow: true as const } : {}),
  }
}

/** One client of the list for administrators. */
export const clientRowOf = (row: {
  readonly client: ClientKrn
  readonly files: number
  readonly lastUpdate: number
}): ClientRow => ({ clientKrn: row.client, files: row.files, lastUpdate: isoTime(row.lastUpdate) })
