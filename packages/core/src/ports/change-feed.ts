import type { FileId, FileState } from '../progress/file-state.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { FileName } from '../tenancy/file-name.ts'

/** A place in the order of commits: made by a store, meant for that store alone, safe in a header. */
export type FeedPosition = string

export type FeedEvent =
  | { readonly kind: 'changed'; readonly position: FeedPosition; readonly state: FileState }
  | {
      readonly kind: 'removed'
      readonly position: FeedPosition
      readonly client: ClientKrn
      readonly filename: FileName
      readonly fileId: FileId
      /** That of its end: what is older is of before it, and what is newer of a file that came back. */
      readonly version: number
    }

export interface FeedPage {
  readonly events: readonly FeedEvent[]
  /** Where to go on; that of the last event, or a later one. */
  readonly position: FeedPosition
}

/** What was committed by any process, for listeners. Positions come from the store, never from a process's clock. */
export interface ChangeFeed {
  /** Where the feed stands: whatever is committed from now on comes after it. */
  readonly position: () => Promise<FeedPosition>
  /**
   * After a position: each file that changed, once, in its newest state, in order; at most `limit`. No change is ever
   * missed; one may be told twice. Only an empty page says that there is no more for now. Null when the position is not of this store, or too old: the listener reloads.
   */
  readonly changes: (after: FeedPosition, limit: number) => Promise<FeedPage | null>
  /**
   * Whether who goes on from `a` is told all that comes after `b`, too. A store may not know, and say no; so it does
   * when one of them is not its own.
   */
  readonly covers: (a: FeedPosition, b: FeedPosition) => boolean
  /** Resolves when there may be something new after a position, at the latest after `ms`. */
  readonly awaitChange: (after: FeedPosition, ms: number) => Promise<void>
}
