import type { ClientKrn, Clock, FileId } from '@pebbles/core'
import type { Collections } from './collections.ts'

/** What the parts of the store share. */
export interface StoreDeps {
  readonly collections: Collections
  readonly clock: Clock
  readonly newFileId: () => FileId
  readonly legacyClient: ClientKrn
  readonly sharded: boolean
  /** What the time is there, ms. The server is asked unless this says it: tests have a time of their own. */
  readonly serverTime?: () => Promise<number>
}
