import type { ClientKrn, FeedEvent, FileName } from '@pebbles/core'
import type { FormerDocument, ProgressDocument } from './documents.ts'
import { isLive, toState } from './snapshots.ts'

/** An event that has no position yet. */
export type Untold = Omit<Extract<FeedEvent, { kind: 'changed' }>, 'position'> | Omit<Removed, 'position'>
type Removed = Extract<FeedEvent, { kind: 'removed' }>

/** Null for a reservation, which nobody sees. */
export const changedEvent = (document: ProgressDocument): Untold | null =>
  isLive(document) ? { kind: 'changed', state: toState(document) } : null

export const removedEvent = ({ fileId, v, clientKrn, filename }: FormerDocument): Untold => ({
  kind: 'removed',
  client: clientKrn as ClientKrn,
  filename: filename as FileName,
  fileId,
  version: v,
})
