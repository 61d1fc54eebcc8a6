import type { PatternRow } from '../patterns/pattern-table.ts'
import type { Email } from '../tenancy/email.ts'
import type { Counts } from './counts.ts'
import type { Completion, FileId } from './file-state.ts'
import type { ByKind, IssueColumns } from './issue.ts'
import type { Channel, UpdateId } from './update.ts'

export interface AppliedUpdate {
  readonly id: UpdateId
  readonly hash: string
}

/** Updates that were committed together: one step of a file's journal. */
export interface UpdateEntry {
  readonly kind: 'update'
  readonly fileId: FileId
  /** The file's version after this entry; (fileId, version) is unique, which is the optimistic lock. */
  readonly version: number
  readonly at: number
  readonly email: Email
  readonly delta: Counts
  /** The total that this entry sets, or null: it stays. */
  readonly total: number | null
  readonly completion: Completion | null
  /** Never empty; in the order in which they were accepted. */
  readonly updates: readonly [AppliedUpdate, ...AppliedUpdate[]]
  readonly issues: ByKind<IssueColumns>
  readonly sources: readonly Channel[]
  /** Pattern rows that this entry made or changed, after it. */
  readonly patterns: ByKind<readonly PatternRow[]>
}

/**
 * The end of a life under a name: takes the same lock, so a writer that slept cannot write after it. After `moved` the
 * journal goes on, for the file under its other client.
 */
export interface ClosingEntry {
  readonly kind: 'deleted' | 'moved'
  readonly fileId: FileId
  readonly version: number
  readonly at: number
  readonly by: Email
  readonly id: UpdateId
}

export type JournalEntry = UpdateEntry | ClosingEntry
