import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type {
  ByKind,
  ClientKrn,
  Completion,
  Email,
  FileId,
  FileName,
  FileState,
  FormerLife,
  IssueDigest,
  TopPattern,
} from '@pebbles/core'
import type { Row } from './query.ts'

const FIXED = ['file_id', 'client', 'filename', 'email', 'former', 'created_at'] as const
const MOVING = [
  'version',
  'updated_at',
  'done',
  'warn',
  'failed',
  'total',
  'pace_lines',
  'pace_ms',
  'pace_interval',
] as const
const ENDING = ['outcome', 'reason', 'completed_at', 'completed_sent_at'] as const
const DIGESTS = ['errors', 'error_table', 'error_top', 'warnings', 'warning_table', 'warning_top'] as const

/** A file's columns, in the order in which `toState` reads them and the `...Values` functions below write them. */
export const FIXED_COLUMNS: readonly string[] = FIXED
export const MOVING_COLUMNS: readonly string[] = MOVING
export const ENDING_COLUMNS: readonly string[] = ENDING
export const DIGEST_COLUMNS: readonly string[] = DIGESTS
export const STATE_COLUMNS = [...FIXED, ...MOVING, ...ENDING, ...DIGESTS].join(', ')

export const toState = (row: Row): FileState => {
  const [fileId, client, filename, email, former, createdAt, version, updatedAt, done, warn, failed, total] = row
  return {
    fileId: fileId as FileId,
    client: client as ClientKrn,
    filename: filename as FileName,
    email: email as Email,
    version: version as number,
    counts: { done: done as number, warn: warn as number, failed: failed as number },
    total: total as number | null,
    createdAt: createdAt as number,
    updatedAt: updatedAt as number,
    pace: { lines: row[12] as number, ms: row[13] as number, interval: row[14] as number },
    completion: toCompletion(row[15], row[16], row[17], row[18]),
    issues: { error: toDigest(row[19], row[20], row[21]), warning: toDigest(row[22], row[23], row[24]) },
    former: former === null ? [] : (JSON.parse(former as string) as readonly FormerLife[]),
  }
}

const toCompletion = (
  outcome: SQLOutputValue | undefined,
  reason: SQLOutputValue | undefined,
  at: SQLOutputValue | undefined,
  sentAt: SQLOutputValue | undefined,
): Completion | null =>
  outcome === null
    ? null
    : {
        outcome: outcome as Completion['outcome'],
        reason: reason as string | null,
        at: at as number,
        sentAt: sentAt as number,
      }

const toDigest = (
  count: SQLOutputValue | undefined,
  tableVersion: SQLOutputValue | undefined,
  top: SQLOutputValue | undefined,
): IssueDigest => ({
  count: count as number,
  tableVersion: tableVersion as number,
  top: top === null ? [] : (JSON.parse(top as string) as readonly TopPattern[]),
})

export const fixedValues = (state: FileState): SQLInputValue[] => [
  state.fileId,
  state.client,
  state.filename,
  state.email,
  state.former.length === 0 ? null : JSON.stringify(state.former),
  state.createdAt,
]

export const movingValues = ({ version, updatedAt, counts, total, pace }: FileState): SQLInputValue[] => [
  version,
  updatedAt,
  counts.done,
  counts.warn,
  counts.failed,
  total,
  pace.lines,
  pace.ms,
  pace.interval,
]

export const endingValues = ({ completion }: FileState): SQLInputValue[] => [
  completion?.outcome ?? null,
  completion?.reason ?? null,
  completion?.at ?? null,
  completion?.sentAt ?? null,
]

export const digestValues = ({ error, warning }: ByKind<IssueDigest>): SQLInputValue[] => [
  error.count,
  error.tableVersion,
  error.top.length === 0 ? null : JSON.stringify(error.top),
  warning.count,
  warning.tableVersion,
  warning.top.length === 0 ? null : JSON.stringify(warning.top),
]
