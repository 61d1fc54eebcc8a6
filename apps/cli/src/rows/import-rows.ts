import type { OutgoingIssue, OutgoingUpdate, SentUpdate } from '../service/send-update.ts'
import { createRowChecker } from './check-row.ts'
import type { ColumnRules } from './column-rules.ts'
import { inferRules } from './infer-rules.ts'
import type { OpenedRows } from './open-rows.ts'
import { SAMPLE_ROWS, type SourceRow } from './source-row.ts'

export interface RowImport {
  readonly source: OpenedRows
  readonly filename: string
  /** Null: learned from the first rows. */
  readonly rules: ColumnRules | null
  /** Rows of one update; null: by the size of the file. */
  readonly every: number | null
  /** More failed rows than this share (0 to 100) end the file as failed. */
  readonly failAbove: number | null
  /** Begins the key of each update; the same for the same content, so that a repeat counts nothing twice. */
  readonly keyPrefix: string
  readonly send: (update: OutgoingUpdate, key: string) => Promise<SentUpdate>
  readonly onRows: (counts: RowCounts) => void
  /** Ends the file as cancelled after so many rows. */
  readonly cancelAt?: number
  /** May hold a row back, or throw to break off and leave the file open. */
  readonly beforeRow?: () => Promise<void> | undefined
}

export interface RowCounts {
  readonly done: number
  readonly warn: number
  readonly failed: number
}

export interface RowImportResult {
  readonly filename: string
  readonly rows: number
  readonly counts: RowCounts
  readonly outcome: 'succeeded' | 'failed' | 'cancelled'
  readonly reason: string | null
  readonly updates: number
  /** Updates that an earlier run had brought. */
  readonly replayed: number
}

/** An update is sent early when its issues fill this many characters, so that its body stays below the usual 5 MiB. */
const ISSUE_CHARS_MAX = 512 * 1024

/** Checks row after row and reports them in updates that are the same at each run over the same content. */
export const importRows = async (job: RowImport): Promise<RowImportResult> => {
  const { source, filename, send, cancelAt = Number.POSITIVE_INFINITY } = job
  const every = job.every ?? Math.min(5_000, Math.max(100, Math.ceil((source.total ?? 0) / 100)))
  const rows = source.rows[Symbol.asyncIterator]()
  const sample = await take(rows, SAMPLE_ROWS)
  const check = createRowChecker(source.columns, job.rules ?? inferRules(source.columns, sample))

  const sums = { done: 0, warn: 0, failed: 0 }
  let batch = emptyBatch()
  let updates = 0
  let replayed = 0
  let seen = 0
  const flush = async (end: Partial<OutgoingUpdate> = {}): Promise<void> => {
    const { counts, errors, warnings } = batch
    const total = updates === 0 && source.total !== null && source.total > 0 ? { total: source.total } : {}
    batch = emptyBatch()
    const sent = await send({ filename, counts, errors, warnings, ...total, ...end }, `${job.keyPrefix}:${updates}`)
    updates++
    if (sent.replayed) replayed++
  }
  const add = (row: SourceRow): void => {
    const issues = check(row)
    const kind = issues.length === 0 ? 'done' : issues.some(({ severity }) => severity === 'error') ? 'failed' : 'warn'
    sums[kind]++
    batch.counts[kind]++
    batch.rows++
    for (const { severity, message } of issues) {
      batch[severity === 'error' ? 'errors' : 'warnings'].push({ line: row.line, message })
      batch.chars += message.length
    }
  }
  for await (const row of chained(sample, rows)) {
    if (seen >= cancelAt) break
    const held = job.beforeRow?.()
    if (held !== undefined) await held
    add(row)
    seen++
    job.onRows(sums)
    if (batch.rows >= every || batch.chars >= ISSUE_CHARS_MAX) await flush()
  }
  const { outcome, reason } = endOf(sums, job.failAbove, seen >= cancelAt)
  await flush({
    isLast: true,
    outcome,
    ...(reason === null ? {} : { reason }),
    // The count before the reading was a quick one.
    ...(outcome !== 'cancelled' && seen > 0 && source.total !== seen ? { total: seen } : {}),
  })
  return { filename, rows: seen, counts: { ...sums }, outcome, reason, updates, replayed }
}

const endOf = (
  { done, warn, failed }: RowCounts,
  failAbove: number | null,
  cancelled: boolean,
): Pick<RowImportResult, 'outcome' | 'reason'> => {
  const rows = done + warn + failed
  if (cancelled) return { outcome: 'cancelled', reason: `Stopped after ${rows} rows` }
  if (failAbove === null || rows === 0 || (failed / rows) * 100 <= failAbove)
    return { outcome: 'succeeded', reason: null }
  const share = ((failed / rows) * 100).toFixed(1)
  return { outcome: 'failed', reason: `${failed} of ${rows} rows failed (${share} %), more than ${failAbove} %` }
}

interface Batch {
  readonly counts: { done: number; warn: number; failed: number }
  readonly errors: OutgoingIssue[]
  readonly warnings: OutgoingIssue[]
  rows: number
  chars: number
}

const emptyBatch = (): Batch => ({
  counts: { done: 0, warn: 0, failed: 0 },
  errors: [],
  warnings: [],
  rows: 0,
  chars: 0,
})

const take = async (rows: AsyncIterator<SourceRow>, most: number): Promise<readonly SourceRow[]> => {
  const taken: SourceRow[] = []
  while (taken.length < most) {
    const { value, done } = await rows.next()
    if (done === true) break
    taken.push(value)
  }
  return taken
}

async function* chained(sample: readonly SourceRow[], rest: AsyncIterator<SourceRow>): AsyncIterable<SourceRow> {
  yield* sample
  yield* { [Symbol.asyncIterator]: () => rest }
}
