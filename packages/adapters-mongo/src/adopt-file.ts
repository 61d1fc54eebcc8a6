import type { ClientKrn, FileName } from '@pebbles/core'
import { fileKey, StoreUnavailable } from '@pebbles/core'
import type { UpdateFilter } from 'mongodb'
import { ADOPTION } from './across-clients.ts'
import { BOUNDED } from './collections.ts'
import type { EntryDocument, ProgressDocument } from './documents.ts'
import { plainEntry } from './entries.ts'
import { readFormerLives } from './former-lives.ts'
import { packIssues, writeChunks } from './issue-chunks.ts'
import { NO_CLIENT } from './names.ts'
import { fileIdOf, readOldFile } from './old-documents.ts'
import type { OwnDocument } from './roll-forward.ts'
import type { StoreDeps } from './store-deps.ts'
import { isDuplicate, otherLegacyClient } from './store-errors.ts'

/**
 * Takes a document of the old version over: from here on it has a journal, while reads still show it as it was.
 * Another may be first, with the same effect.
 */
export const beginAdoption = async (deps: StoreDeps, old: ProgressDocument, client: ClientKrn): Promise<void> => {
  const { progress } = deps.collections
  const owner = { clientKrn: old.clientKrn ?? NO_CLIENT }
  if (owner.clientKrn === NO_CLIENT) await rememberLegacyClient(deps)
  const adopted: UpdateFilter<ProgressDocument> = {
    $set: {
      clientKrn: client,
      homeClient: old.homeClient ?? client,
      fileId: fileIdOf(old),
      version: 0,
      adopting: true,
    },
  }
  try {
    await progress.updateOne({ ...owner, filename: old.filename, _id: old._id, ...NOT_OURS }, adopted, {
      ...BOUNDED,
      comment: ADOPTION,
    })
  } catch (error) {
    // The name was taken by a document of ours meanwhile: that one is the file.
    if (!isDuplicate(error)) throw error
  }
}

/** The same for a file of ours, from which a roll back by hand took the client: its journal goes on. */
export const giveClient = async (
  { collections: { progress } }: StoreDeps,
  { _id, filename, fileId, homeClient }: ProgressDocument & Pick<OwnDocument, 'fileId'>,
  client: ClientKrn,
): Promise<void> => {
  try {
    await progress.updateOne(
      { clientKrn: NO_CLIENT, filename, _id, fileId },
      { $set: { clientKrn: client, homeClient: homeClient ?? client } },
      { ...BOUNDED, comment: ADOPTION },
    )
  } catch (error) {
    // The name was taken meanwhile, by a file that was begun anew.
    if (!isDuplicate(error)) throw error
  }
}

/** Not one on its way to `progress_parked`; nor one that was handed to the old version, and has a journal. */
const NOT_OURS = { fileId: { $exists: false }, parking: { $ne: true as const }, down: { $exists: false } }

/** Which client old documents belong to is settled by the first that is adopted. Rejects where that was another. */
export const rememberLegacyClient = async ({
  collections,
  legacyClient,
}: Pick<StoreDeps, 'collections' | 'legacyClient'>): Promise<void> => {
  try {
    await collections.settings.insertOne({ _id: 'legacy', clientKrn: legacyClient }, BOUNDED)
  } catch (error) {
    if (!isDuplicate(error)) throw error
    const known = await collections.settings.findOne({ _id: 'legacy' }, BOUNDED)
    if (known?.clientKrn === undefined || known.clientKrn === legacyClient) return
    // It was started when nothing was adopted yet, as was the process that has adopted since.
    throw new StoreUnavailable(otherLegacyClient(legacyClient, known.clientKrn))
  }
}

/** Makes the first entry of a document in adoption: its sums and all its issues. Anybody may finish what one began. */
export const finishAdoption = async (deps: StoreDeps, { clientKrn, filename, fileId }: OwnDocument): Promise<void> => {
  const { collections, clock } = deps
  const client = clientKrn as ClientKrn
  const whole = await collections.progress.findOne({ clientKrn, filename, fileId, version: 0 }, BOUNDED)
  if (whole === null) return
  const name = { client, filename: filename as FileName }
  const lives = await readFormerLives(collections, [name])
  const { state, tables, columns } = await readOldFile(whole, client, clock)
  const packed = packIssues({ fileId, version: 1 }, columns)
  const entry: EntryDocument = {
    ...plainEntry({ fileId, version: 1, email: state.email }, 'adopt', clock.now()),
    delta: state.counts,
    total: state.total,
    completion: state.completion,
    sources: [],
    patterns: tables,
    ...packed.fields,
    previous: lives.get(fileKey(name)) ?? [],
    base: { createdAt: state.createdAt, updatedAt: state.updatedAt },
  }
  await writeChunks(collections, [packed])
  try {
    await collections.journal.insertOne(entry, BOUNDED)
  } catch (error) {
    if (!isDuplicate(error)) throw error
  }
}
