import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { Email } from '../tenancy/email.ts'
import type { FileName } from '../tenancy/file-name.ts'
import type { Counts } from './counts.ts'
import type { Issue } from './issue.ts'

export type Channel = 'http' | 'sqs' | 'kafka'
export type EndState = 'succeeded' | 'failed' | 'cancelled'

/**
 * What makes an update the same one when it comes again. The name spaces cannot meet:
 * `caller:` chosen by a caller · `batch:` a header's key with an index · `derived:` made from a message's own id ·
 * `inner:` drawn here for one call, so nobody can send it again.
 */
export type UpdateId = `${'caller' | 'batch' | 'derived' | 'inner'}:${string}`

/** Whoever chose a key may send it again any time, and must be told that it is a repeat. */
export const isNamedByCaller = (id: UpdateId): boolean => id.startsWith('caller:') || id.startsWith('batch:')

/** Nobody had it before, and nobody can send it again. */
export const isInner = (id: UpdateId): boolean => id.startsWith('inner:')

/** One parsed update: increments for one file of one client, by one reporter. */
export interface RecordUpdate {
  readonly client: ClientKrn
  readonly filename: FileName
  readonly email: Email
  readonly id: UpdateId
  /** Digest of the parsed fields; tells a repeat from a reused key. Empty for `inner:` ids. */
  readonly hash: string
  readonly counts: Counts
  /** A new total, or null: leave what is there. */
  readonly total: number | null
  /** A total that the file has already stays: the rule of the single-tenant version. */
  readonly keepTotal?: true
  /** Present on the last update of a file. */
  readonly end?: { readonly outcome: EndState; readonly reason: string | null }
  readonly errors: readonly Issue[]
  readonly warnings: readonly Issue[]
  /** When it was sent (ms): one sent before the completing update still counts after it. */
  readonly sentAt: number
  readonly channel: Channel
}
