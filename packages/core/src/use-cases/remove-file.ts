import type { Clock } from '../ports/clock.ts'
import { isStoreUnavailable, type ProgressStore } from '../ports/progress-store.ts'
import type { UpdateId } from '../progress/update.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { Email } from '../tenancy/email.ts'
import type { FileName } from '../tenancy/file-name.ts'
import { createTries, msLeft } from './tries.ts'

export interface RemoveFile {
  readonly client: ClientKrn
  readonly filename: FileName
  readonly by: Email
  readonly admin: boolean
  /** Drawn for this call, so that a removal without an answer is recognised. */
  readonly id: UpdateId
}

export type Removal =
  | { readonly kind: 'removed' }
  | { readonly kind: 'refused'; readonly code: 'PROGRESS_NOT_FOUND' | 'NOT_OWNER' }
  | { readonly kind: 'unavailable'; readonly cause: unknown }

/**
 * Ends a file's life, for its owner or an administrator. The name may be used anew, by anybody; what was applied in
 * this life stays known for 15 days, so that late deliveries do not bring it back.
 */
export const createRemoveFile =
  ({ store, clock }: { readonly store: ProgressStore; readonly clock: Clock }) =>
  async ({ client, filename, by, admin, id }: RemoveFile): Promise<Removal> => {
    const started = clock.monotonic()
    const tries = createTries(clock, started)
    let thorough = false
    try {
      do {
        const asked = clock.monotonic()
        const request = { client, filename, email: null, ids: [id], thorough, tables: {} }
        const [opened] = await store.open([request], msLeft(clock, started))
        const lookMs = clock.monotonic() - asked
        thorough = true
        if (opened === undefined || opened.kind === 'busy') continue
        if (opened.known.has(id)) return { kind: 'removed' }
        if (opened.kind !== 'live') return { kind: 'refused', code: 'PROGRESS_NOT_FOUND' }
        const { state } = opened
        if (!admin && state.email !== by) {
          // What the store remembers of a moment ago may be another life, of another owner.
          if (!opened.thorough) continue
          return { kind: 'refused', code: 'NOT_OWNER' }
        }
        if (lookMs > msLeft(clock, started)) break
        const at = Math.max(clock.now(), state.updatedAt)
        const entry = { kind: 'deleted' as const, fileId: state.fileId, version: state.version + 1, at, by, id }
        const [result] = await store.commit([{ kind: 'remove', before: state, entry }], msLeft(clock, started))
        if (result === 'committed') return { kind: 'removed' }
      } while (await tries.again())
      return {
        kind: 'unavailable',
        cause: new Error('the store is slow, or the file is written by others all the time'),
      }
    } catch (cause) {
      if (isStoreUnavailable(cause)) return { kind: 'unavailable', cause }
      throw cause
    }
  }
