import type { ClientKrn, FileId, FileName, FileState } from '@pebbles/core'
import type { Collections } from './collections.ts'
import type { ProgressDocument } from './documents.ts'
import { FOLDED_FIELDS, type Folded, fold } from './entries.ts'
import { entriesOf } from './entry-ids.ts'
import { readJournals } from './read-journals.ts'
import { isLive, type LiveDocument, toState, writeSnapshots } from './snapshots.ts'

/** A document that has a journal, whatever its version. */
export type OwnDocument = Omit<LiveDocument, 'version'> & { readonly version: number }

const FILES_AT_ONCE = 500

/** Brings documents to what their journals have above their versions; what that comes to, by fileId. Ends no life. */
export const rollForward = async (
  collections: Collections,
  documents: readonly OwnDocument[],
  comment?: string,
): Promise<ReadonlyMap<FileId, Folded>> => {
  const folded = await foldJournals(collections, documents, comment)
  await writeForward(collections, documents, folded)
  return folded
}

/** Writes nothing. */
const foldJournals = async (
  { journal }: Collections,
  documents: readonly OwnDocument[],
  comment?: string,
): Promise<ReadonlyMap<FileId, Folded>> => {
  const folded = new Map<FileId, Folded>()
  for (let at = 0; at < documents.length; at += FILES_AT_ONCE) {
    const part = documents.slice(at, at + FILES_AT_ONCE)
    const options = { projection: FOLDED_FIELDS, ...(comment === undefined ? {} : { comment }) }
    const byFile = await readJournals(
      journal,
      part.map(({ fileId, version }) => entriesOf(fileId, version)),
      options,
    )
    for (const document of part) {
      const above = byFile.get(document.fileId) ?? []
      folded.set(document.fileId, fold(nameOf(document), stateOf(document), above))
    }
  }
  return folded
}

const nameOf = ({ clientKrn, filename }: OwnDocument): Pick<FileState, 'client' | 'filename'> => ({
  client: clientKrn as ClientKrn,
  filename: filename as FileName,
})

const stateOf = (document: OwnDocument): FileState | null =>
  isLive(document as ProgressDocument) ? toState(document as LiveDocument) : null

/** Writes the states that lie above their documents. */
const writeForward = (
  collections: Collections,
  documents: readonly OwnDocument[],
  folded: ReadonlyMap<FileId, Folded>,
): Promise<boolean> =>
  writeSnapshots(
    collections,
    documents.flatMap(({ fileId, version }) => {
      const state = folded.get(fileId)?.state
      return state !== null && state !== undefined && state.version > version ? [{ before: null, after: state }] : []
    }),
  )
