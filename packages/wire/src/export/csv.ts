import type { ProgressRecord } from '../answer/answer-schema.ts'

/** What a CSV cell may hold; null is an empty one. */
export type Cell = string | number | boolean | null

/** One line of RFC 4180, with its CRLF. Texts that a spreadsheet would run get a leading `'`; numbers stay. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`

/** The first line of an export of records. */
export const recordCsvHeader = (): string => csvLine(Object.keys(COLUMNS))

/** One record of a list as a line; of its issues it has the numbers. */
export const recordCsvRow = (record: ProgressRecord): string =>
  csvLine(Object.values(COLUMNS).map((column) => column(record)))

/** One row of an NDJSON export, with its LF. */
export const ndjsonRow = (row: object): string => `${JSON.stringify(row)}\n`

const COLUMNS: Readonly<Record<string, (record: ProgressRecord) => Cell>> = {
  id: (record) => record.id,
  clientKrn: (record) => record.clientKrn,
  filename: (record) => record.filename,
  email: (record) => record.email,
  status: (record) => record.status,
  done: (record) => record.counts.done,
  warn: (record) => record.counts.warn,
  failed: (record) => record.counts.failed,
  total: (record) => record.total,
  isCompleted: (record) => record.isCompleted,
  outcome: (record) => record.outcome,
  reason: (record) => record.reason,
  createdAt: (record) => record.createdAt,
  updatedAt: (record) => record.updatedAt,
  completedAt: (record) => record.completedAt,
  errors: (record) => record.issueCounts.errors,
  warnings: (record) => record.issueCounts.warnings,
  version: (record) => record.version,
  rate: (record) => record.rate,
  eta: (record) => record.eta,
}

const csvCell = (cell: Cell): string => {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
