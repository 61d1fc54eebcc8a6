/** A row that could be read: its cells in the order of the columns. */
export interface WholeRow {
  /** Where it begins in the file, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** A row that could not be read, and why. */
export interface BrokenRow {
  readonly line: number
  readonly problem: string
}

export type SourceRow = WholeRow | BrokenRow

export interface RowSource {
  readonly columns: readonly string[]
  readonly rows: AsyncIterable<SourceRow>
}

/** A row beyond this is not read but reported, so that no file can fill the memory. */
export const ROW_BYTES_MAX = 1024 * 1024

/** How many rows are looked at before the first is reported, to learn the columns and their rules. */
export const SAMPLE_ROWS = 1_000
