import { BOUNDED } from './collections.ts'
import type { EntryDocument, Reservation } from './documents.ts'
import { plainEntry } from './entries.ts'
import { writeFormerLife } from './former-lives.ts'
import { serverTime } from './server-time.ts'
import { removeDocument } from './snapshots.ts'
import type { StoreDeps } from './store-deps.ts'
import { isDuplicate } from './store-errors.ts'

type CloseDeps = Pick<StoreDeps, 'collections' | 'clock' | 'serverTime'>

/** A document as far as the end of its life goes. */
export type Ending = Pick<Reservation, '_id' | 'clientKrn' | 'filename' | 'fileId' | 'email' | 'version'>

/**
 * Finishes what a closing entry began, whoever wrote it. The row comes before the removal: a name without either would
 * take a redelivery for a new file. After a move there is nothing to do, one transaction did it all.
 */
export const finishClosing = async (
  deps: CloseDeps,
  document: Ending,
  { kind, version }: EntryDocument,
): Promise<void> => {
  if (kind !== 'deleted' && kind !== 'void') return
  const { collections, clock } = deps
  // Nobody asks for what a bare reservation was known by.
  const now = kind === 'void' ? clock.now() : await laterTime(deps)
  await writeFormerLife(collections, document, { state: kind, v: version }, now)
  await removeDocument(collections, document)
}

/** By the clock that is ahead: by one that is days behind, what has just ended would be forgotten at once. */
export const laterTime = async (deps: CloseDeps): Promise<number> => Math.max(deps.clock.now(), await serverTime(deps))

/**
 * Ends a reservation that nobody committed on. The entry comes first: it takes the version that a writer who slept
 * would commit, so nothing of that writer can land later. Answers false when a commit was there before.
 */
export const takeOver = async (deps: CloseDeps, document: Ending): Promise<boolean> => {
  const { fileId, email } = document
  const entry = plainEntry({ fileId, version: 1, email }, 'void', deps.clock.now())
  try {
    await deps.collections.journal.insertOne(entry, BOUNDED)
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
  await finishClosing(deps, document, entry)
  return true
}
