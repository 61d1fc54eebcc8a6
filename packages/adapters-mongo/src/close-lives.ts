import type { Collections } from './collections.ts'
import { BOUNDED } from './collections.ts'
import type { EntryDocument, Reservation } from './documents.ts'
import { plainEntry } from './entries.ts'
import { writeFormerLife } from './former-lives.ts'
import { removeDocument } from './snapshots.ts'
import { isDuplicate } from './store-errors.ts'

/** A document as far as the end of its life goes. */
export type Ending = Pick<Reservation, '_id' | 'clientKrn' | 'filename' | 'fileId' | 'email' | 'version'>

/**
 * Finishes what a closing entry began, whoever wrote it. The row comes before the removal: a name without either would
 * take a redelivery for a new file. After a move there is nothing to do, one transaction did it all.
 */
export const finishClosing = async (
  collections: Collections,
  document: Ending,
  { kind, version }: EntryDocument,
  now: number,
): Promise<void> => {
  if (kind !== 'deleted' && kind !== 'void') return
  await writeFormerLife(collections, document, { state: kind, v: version }, now)
  await removeDocument(collections, document)
}

/**
 * Ends a reservation that nobody committed on. The entry comes first: it takes the version that a writer who slept
 * would commit, so nothing of that writer can land later. Answers false when a commit was there before.
 */
export const takeOver = async (collections: Collections, document: Ending, now: number): Promise<boolean> => {
  const entry = plainEntry({ fileId: document.fileId, version: 1, email: document.email }, 'void', now)
  try {
    await collections.journal.insertOne(entry, BOUNDED)
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
  await finishClosing(collections, document, entry, now)
  return true
}
