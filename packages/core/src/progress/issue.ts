/** What went wrong with a line: an error (the line failed) or a warning. */
export interface Issue {
  readonly line: number | null
  readonly message: string
}

export type IssueKind = 'error' | 'warning'

export const ISSUE_KINDS: readonly IssueKind[] = ['error', 'warning']

export interface ByKind<T> {
  readonly error: T
  readonly warning: T
}

/**
 * Issues as columns, in order of arrival, `patterns` naming the pattern of each by its number in the file's table.
 * Columns, because one body can bring 327,000 issues and a store keeps them in a third of the bytes so.
 */
export interface IssueColumns {
  readonly lines: readonly (number | null)[]
  readonly messages: readonly string[]
  readonly patterns: readonly number[]
}
