import type { FileId } from '@pebbles/core'
import type { Document } from 'mongodb'
import { BOUNDED, type Collections } from './collections.ts'
import type { EntryDocument } from './documents.ts'
import { BY_VERSION, type entriesOf } from './entry-ids.ts'

/** Stretches of many journals with one look: the entries of each file that has some, in order. */
export const readJournals = async (
  journal: Collections['journal'],
  stretches: readonly ReturnType<typeof entriesOf>[],
  options: { readonly projection: Document; readonly comment?: string },
): Promise<ReadonlyMap<FileId, readonly EntryDocument[]>> => {
  const entries = await journal
    .find<EntryDocument>(stretches.length === 1 ? (stretches[0] ?? {}) : { $or: [...stretches] }, {
      ...BOUNDED,
      hint: BY_VERSION,
      ...options,
    })
    .toArray()
  return Map.groupBy(
    entries.sort((a, b) => a.version - b.version),
    ({ fileId }) => fileId,
  )
}
