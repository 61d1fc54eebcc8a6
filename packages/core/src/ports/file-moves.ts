import type { FileId } from '../progress/file-state.ts'
import type { UpdateId } from '../progress/update.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { FileName } from '../tenancy/file-name.ts'

/**
 * Why a store can move nothing as it stands: `STANDALONE` it has no transactions · `NOT_MIGRATED` it has documents
 * without a client, or the index that knows none.
 */
export type MoveObstacle = 'STANDALONE' | 'NOT_MIGRATED'

export interface MoveRequest {
  readonly from: ClientKrn
  readonly to: ClientKrn
  readonly filename: FileName
  /** When it was asked for, ms. */
  readonly at: number
  /** Drawn for this call, so that a move without an answer is recognised. */
  readonly id: UpdateId
}

/** `missing`: there is no such file, any more. `taken`: the name has a file there, or had another that moved on. */
export type MoveResult = { readonly kind: 'moved'; readonly fileId: FileId } | { readonly kind: 'missing' | 'taken' }

/** Files change their client. An operator's work, and rare. */
export interface FileMoves {
  readonly obstacle: () => Promise<MoveObstacle | null>
  /**
   * At every moment the file is wholly in one client. It keeps its id, journal, issues and owner, and goes one version
   * forward; its old name is `moved` for 15 days: update ids stay known there, and it takes no new file, though the same
   * one may come back. Rejects with `StoreUnavailable` when the store is away; a repeat with the same id is safe.
   */
  readonly move: (request: MoveRequest) => Promise<MoveResult>
}
