import type {
  ByKind,
  ClientKrn,
  Clock,
  Completion,
  Email,
  FileId,
  FileName,
  FileState,
  Issue,
  IssueColumns,
  IssueKind,
  PatternRow,
} from '@pebbles/core'
import { createPatternTable, ISSUE_KINDS, maskMessage, topPatterns } from '@pebbles/core'
import type { ProgressDocument } from './documents.ts'
import { toCount, toTime, toTotal } from './old-values.ts'
import { NO_PACE } from './snapshots.ts'

/** A file of the old versions as it will stand after its adoption, which is how it is read before, too. */
export interface OldFile {
  readonly state: FileState
  readonly tables: ByKind<readonly PatternRow[]>
  readonly columns: ByKind<IssueColumns>
}

const ADOPTED_VERSION = 1
/** Messages between two looks at what else is to be done. */
const SLICE = 500

export const fileIdOf = (document: Pick<ProgressDocument, '_id'>): FileId => String(document._id) as FileId

/** Of several owners' old documents of one name the oldest is the file. */
export const olderFirst = (a: ProgressDocument, b: ProgressDocument): number =>
  (toTime(a.createdAt) ?? 0) - (toTime(b.createdAt) ?? 0) || (fileIdOf(a) < fileIdOf(b) ? -1 : 1)

/** Reads a document of any of the old shapes. The same document always gives the same file. */
export const readOldFile = async (
  document: ProgressDocument,
  client: ClientKrn,
  clock: Pick<Clock, 'pause'>,
): Promise<OldFile> => {
  const error = await group(issuesOf(document.errors), clock)
  const warning = await group(issuesOf(document.warnings), clock)
  const digest = ({ rows, columns }: Grouped) => ({
    count: columns.messages.length,
    tableVersion: rows.length === 0 ? 0 : ADOPTED_VERSION,
    top: topPatterns(
      rows.filter((row) => row.into === undefined).map(({ no, template, count }) => ({ no, template, count })),
    ),
  })
  const state = oldState(document, client)
  return {
    state: { ...state, issues: { error: digest(error), warning: digest(warning) } },
    tables: { error: error.rows, warning: warning.rows },
    columns: { error: error.columns, warning: warning.columns },
  }
}

/** A document whose arrays were counted by the server instead of being read. */
export type ListedDocument = ProgressDocument & { readonly errorCount?: number; readonly warningCount?: number }

/** The same file without its patterns, as lists show it. */
export const oldState = (document: ListedDocument, client: ClientKrn): FileState => {
  const createdAt = toTime(document.createdAt) ?? document._id.getTimestamp?.().getTime() ?? 0
  const updatedAt = Math.max(toTime(document.updatedAt) ?? createdAt, createdAt)
  const digest = (count: unknown) => ({ count: toCount(count), tableVersion: 0, top: [] })
  return {
    fileId: document.fileId ?? fileIdOf(document),
    client,
    filename: document.filename as FileName,
    email: document.email as Email,
    version: ADOPTED_VERSION,
    counts: {
      done: toCount(document.counts?.done),
      warn: toCount(document.counts?.warn),
      failed: toCount(document.counts?.failed),
    },
    total: toTotal(document.total),
    createdAt,
    updatedAt,
    completion: document.isCompleted === true ? completedAt(updatedAt) : null,
    pace: NO_PACE,
    issues: { error: digest(document.errorCount), warning: digest(document.warningCount) },
    former: [],
  }
}

/** The old version kept no time of sending, so nothing is known to have been sent before. */
export const completedAt = (at: number): Completion => ({ outcome: 'succeeded', reason: null, at, sentAt: 0 })

/** Every issue of an old array, in order: `{line, message}`, or a pattern with its lines, with or without values. */
export const issuesOf = (array: unknown): Issue[] =>
  Array.isArray(array) ? array.filter((item) => typeof item === 'object' && item !== null).flatMap(issuesOfItem) : []

interface OldItem {
  readonly line?: unknown
  readonly message?: unknown
  readonly pattern?: unknown
  readonly lines?: unknown
}

const issuesOfItem = (item: OldItem): Issue[] => {
  if (!Array.isArray(item.lines))
    return [{ line: toLine(item.line), message: String(item.message ?? item.pattern ?? '') }]
  const pattern = String(item.pattern ?? '')
  return item.lines.map((line: unknown) => {
    if (typeof line !== 'object' || line === null || !('line' in line || 'values' in line))
      return { line: toLine(line), message: pattern }
    const { line: number, values } = line as { readonly line?: unknown; readonly values?: unknown }
    return { line: toLine(number), message: Array.isArray(values) ? fillIn(pattern, values) : pattern }
  })
}

/** Puts the values back into the places of a pattern: the message as it once came. */
const fillIn = (pattern: string, values: readonly unknown[]): string => {
  let next = 0
  return pattern.replace(/\{[A-Z_]+\}/g, (place) => {
    const value = values[next]
    next += 1
    return value === undefined ? place : String(value)
  })
}

const toLine = (value: unknown): number | null => toTotal(value)

interface Grouped {
  readonly columns: IssueColumns
  readonly rows: readonly PatternRow[]
}

const group = async (issues: readonly Issue[], clock: Pick<Clock, 'pause'>): Promise<Grouped> => {
  const table = createPatternTable()
  const columns = { lines: [] as (number | null)[], messages: [] as string[], patterns: [] as number[] }
  for (const [index, { line, message }] of issues.entries()) {
    if (index % SLICE === SLICE - 1) await clock.pause()
    columns.lines.push(line)
    columns.messages.push(message)
    columns.patterns.push(table.add(maskMessage(message)))
  }
  return { columns, rows: table.rows() }
}

/** How many issues an old array has, as the server counts them: the arrays can be megabytes. */
const countIn = (field: string) => ({
  $cond: [
    { $isArray: field },
    {
      $sum: {
        $map: { input: field, in: { $cond: [{ $isArray: '$$this.lines' }, { $size: '$$this.lines' }, 1] } },
      },
    },
    0,
  ],
})

const COUNT_NAME: Readonly<Record<IssueKind, string>> = { error: 'errorCount', warning: 'warningCount' }

/** Everything of a document but its old arrays, of which only the number of issues. */
export const LISTED_FIELDS = {
  ...Object.fromEntries(
    [
      ...['clientKrn', 'filename', 'email', 'counts', 'total', 'isCompleted', 'createdAt', 'updatedAt', 'fileId'],
      ...['version', 'adopting', 'outcome', 'reason', 'completedAt', 'completedSentAt', 'pace', 'issues', 'former'],
    ].map((field) => [field, 1 as const]),
  ),
  ...Object.fromEntries(ISSUE_KINDS.map((kind) => [COUNT_NAME[kind], countIn(`$${kind}s`)])),
}
