import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { Email } from '../tenancy/email.ts'
import type { FileName } from '../tenancy/file-name.ts'
import type { Counts } from './counts.ts'
import type { ByKind } from './issue.ts'
import type { Pace } from './pace.ts'
import type { EndState } from './update.ts'

declare const brand: unique symbol

/**
 * Names one life of a file, and its journal. A name used anew, after a deletion, has a new one.
 * Only a store makes it, and only next to the client it was read under.
 */
export type FileId = string & { readonly [brand]: 'FileId' }

/** How a file ended. It ends once, for good. */
export interface Completion {
  readonly outcome: EndState
  readonly reason: string | null
  readonly at: number
  /** When the completing update was sent: one that was sent before it is still added. */
  readonly sentAt: number
}

export interface TopPattern {
  readonly no: number
  readonly template: string
  readonly count: number
}

/** What a list shows of a file's issues of one kind, so that it need not read the pattern table. */
export interface IssueDigest {
  readonly count: number
  /** The version whose commit last changed the pattern table of this kind; 0 while there is none. */
  readonly tableVersion: number
  /** The most frequent patterns, at most five. */
  readonly top: readonly TopPattern[]
}

/** An earlier life of the name, whose update ids are still known up to `version`. */
export interface FormerLife {
  readonly fileId: FileId
  readonly version: number
  readonly state: 'deleted' | 'moved'
}

/** Where a file stands: what its journal adds up to. Times are ms since 1970, UTC. */
export interface FileState {
  readonly fileId: FileId
  readonly client: ClientKrn
  readonly filename: FileName
  /** The owner: the email of the first update. */
  readonly email: Email
  /** 1 at the first commit, one more with each. */
  readonly version: number
  readonly counts: Counts
  readonly total: number | null
  readonly createdAt: number
  /** Never goes back, whatever a clock does. */
  readonly updatedAt: number
  readonly completion: Completion | null
  readonly pace: Pace
  readonly issues: ByKind<IssueDigest>
  readonly former: readonly FormerLife[]
}

export type FileStatus = 'running' | 'stalled' | 'completed' | 'failed' | 'cancelled'

/** A file that did not end is stalled once it was silent for `stalledAfterMs`. */
export const statusOf = (
  state: Pick<FileState, 'completion' | 'updatedAt'>,
  now: number,
  stalledAfterMs: number,
): FileStatus => {
  if (state.completion === null) return now - state.updatedAt > stalledAfterMs ? 'stalled' : 'running'
  return state.completion.outcome === 'succeeded' ? 'completed' : state.completion.outcome
}
