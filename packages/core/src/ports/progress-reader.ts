import type { PatternRow } from '../patterns/pattern-table.ts'
import type { Counts } from '../progress/counts.ts'
import type { FileId, FileState, FileStatus } from '../progress/file-state.ts'
import type { ByKind, IssueKind } from '../progress/issue.ts'
import type { Channel, EndState } from '../progress/update.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { Email } from '../tenancy/email.ts'
import type { FileName } from '../tenancy/file-name.ts'

/** Names a journal up to a version; both only ever come from a state that was read under its client. */
export type StreamRef = Pick<FileState, 'fileId' | 'version'>

export interface ListFilter {
  readonly client: ClientKrn
  readonly email?: Email
  readonly completed?: boolean
  /** Folded by `foldName`; matches literally, anywhere in the folded name. */
  readonly q?: string
  readonly status?: FileStatus
  /** ms; files updated at or after it. */
  readonly updatedSince?: number
  /** ms; a file that did not end and was updated before it is stalled. */
  readonly stalledBefore: number
}

export interface ListPosition {
  readonly updatedAt: number
  readonly fileId: FileId
}

export interface StoredIssue {
  readonly version: number
  /** Place within its entry and kind, from 0: (version, index) is the page position. */
  readonly index: number
  readonly line: number | null
  readonly message: string
  readonly pattern: number
  readonly at: number
}

export interface HistoryRow {
  readonly version: number
  readonly at: number
  readonly updates: number
  readonly counts: Counts
  readonly total: number | null
  readonly isLast: boolean
  readonly outcome: EndState | null
  readonly sources: readonly Channel[]
}

export interface ClientSums {
  readonly files: number
  readonly running: number
  readonly stalled: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  /** Exact, however large. */
  readonly counts: { readonly done: bigint; readonly warn: bigint; readonly failed: bigint }
  readonly lastUpdate: number | null
}

/** Reads. Every look-up of a file carries its client; rejects with `StoreUnavailable` when the store is away. */
export interface ProgressReader {
  /** The state together with its two pattern tables of the very version it names. */
  readonly get: (
    client: ClientKrn,
    filename: FileName,
  ) => Promise<{ state: FileState; tables: ByKind<readonly PatternRow[]> } | null>
  /** Newest `updatedAt` first, ties by descending id; at most `limit` after the position. */
  readonly list: (filter: ListFilter, limit: number, after: ListPosition | null) => Promise<readonly FileState[]>
  /** The same rows in an order that updates do not disturb; `after` is the last id of the page before. */
  readonly scan: (filter: ListFilter, limit: number, after: FileId | null) => Promise<readonly FileState[]>
  /** Those of these files that match, in any order: what a list that was fixed earlier shows now. */
  readonly pick: (filter: ListFilter, fileIds: readonly FileId[]) => Promise<readonly FileState[]>
  readonly sums: (client: ClientKrn, stalledBefore: number) => Promise<ClientSums>
  /** In order of arrival; `patterns` null for all. */
  readonly issues: (
    stream: StreamRef,
    kind: IssueKind,
    patterns: readonly number[] | null,
    limit: number,
    after: Pick<StoredIssue, 'version' | 'index'> | null,
  ) => Promise<readonly StoredIssue[]>
  /** Oldest first, versions after `after`. */
  readonly history: (stream: StreamRef, limit: number, after: number) => Promise<readonly HistoryRow[]>
  /** Most recently updated first. */
  readonly clients: () => Promise<readonly { client: ClientKrn; files: number; lastUpdate: number }[]>
}
