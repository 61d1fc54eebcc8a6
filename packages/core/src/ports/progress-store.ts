import type { PatternRow } from '../patterns/pattern-table.ts'
import type { FileId, FileState, FormerLife } from '../progress/file-state.ts'
import type { ByKind } from '../progress/issue.ts'
import type { ClosingEntry, UpdateEntry } from '../progress/journal-entry.ts'
import type { UpdateId } from '../progress/update.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { Email } from '../tenancy/email.ts'
import type { FileName } from '../tenancy/file-name.ts'

export interface OpenRequest {
  readonly client: ClientKrn
  readonly filename: FileName
  /** Who would own the file if it does not exist. Null when it is not to be made (a deletion). */
  readonly email: Email | null
  readonly ids: readonly UpdateId[]
  /** Look the ids up in the present life too: after a failed commit, and before any refusal. */
  readonly thorough: boolean
  /** For each kind that is wanted, the table version the caller has (0: none); a table at that version is left out of the answer. */
  readonly tables: Partial<ByKind<number>>
}

/** An update id that was applied before: `created` when it was the file's very first update. */
export interface KnownUpdate {
  readonly hash: string
  readonly email: Email
  readonly created: boolean
  readonly life: 'present' | FormerLife['state']
}

export type Known = ReadonlyMap<UpdateId, KnownUpdate>

export type Opened =
  | {
      readonly kind: 'live'
      readonly state: FileState
      readonly tables: Partial<ByKind<readonly PatternRow[]>>
      readonly known: Known
      /** Whether `known` covers the present life too. A store that always looks says true, asked or not. */
      readonly thorough: boolean
    }
  | { readonly kind: 'free'; readonly fileId: FileId; readonly former: readonly FormerLife[]; readonly known: Known }
  | { readonly kind: 'refused'; readonly code: 'FILE_MOVED' | 'SCHEMA_CONFLICT'; readonly known: Known }
  | { readonly kind: 'busy' }

export type Change =
  | {
      readonly kind: 'update'
      readonly before: FileState | null
      readonly after: FileState
      readonly entry: UpdateEntry
    }
  | { readonly kind: 'remove'; readonly before: FileState; readonly entry: ClosingEntry & { readonly kind: 'deleted' } }

/** `conflict`: nothing of this change was stored. `unknown`: it cannot be told. After both: open again, thoroughly. */
export type CommitResult = 'committed' | 'conflict' | 'unknown'

/**
 * The one way in which files change. Calls on a store that is away reject with `StoreUnavailable`;
 * whether their changes were stored is then unknown, but each was stored whole or not at all.
 * `withinMs` is how long the caller waits: a store that may be slower rejects by then.
 */
export interface ProgressStore {
  /** One answer for each request, in order; each a consistent view of its file. Makes no file visible. */
  readonly open: (requests: readonly OpenRequest[], withinMs?: number) => Promise<readonly Opened[]>
  /**
   * One result for each change, in order; at most one change for each file. A change is atomic, and committed only
   * if the file is still at the version it was opened at and none of its update ids was applied in this life; a new
   * file only if no life of its name ended since it was opened (`after.former` names them all).
   * Durable when it answers. What is given is not kept, what is returned is the caller's own.
   */
  readonly commit: (changes: readonly Change[], withinMs?: number) => Promise<readonly CommitResult[]>
  /**
   * How many groups of updates it is best given at once; 1 when it does not say. More is right for a store that works
   * elsewhere, so that the next group is prepared while it works on the last.
   */
  readonly groupsAtOnce?: number
}

/** A store that cannot be reached, is full, or did not answer in time. */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE'
}

/** By its code, as an error may come from another copy of this package. */
export const isStoreUnavailable = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'STORE_UNAVAILABLE'
