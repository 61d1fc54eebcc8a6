import type { ProgressDocument } from '../documents.ts'
import { NO_CLIENT } from '../names.ts'
import { olderFirst } from '../old-documents.ts'
import { clientOf, type MigrationDeps, NAMED, VISIBLE, WHOLE } from './migration-deps.ts'

/** A file that several documents of one client stand for. */
export interface SharedFile {
  readonly clientKrn: string
  readonly filename: string
  /** The one that is the file: ours if we wrote one, else the oldest. */
  readonly file: ProgressDocument
  readonly others: readonly ProgressDocument[]
}

/** Every file with several owners' documents, one after the other: the old version let two first writers race. */
export async function* filesOfSeveralOwners({ collections, legacyClient }: MigrationDeps): AsyncGenerator<SharedFile> {
  const names = collections.progress.aggregate<{
    readonly _id: { readonly client: string; readonly filename: string }
  }>(
    [
      { $match: VISIBLE },
      { $group: { _id: { client: clientOf(legacyClient), filename: '$filename' }, documents: { $sum: 1 } } },
      { $match: { documents: { $gt: 1 } } },
    ],
    WHOLE,
  )
  for await (const { _id } of names) {
    const documents = await collections.progress
      .find<ProgressDocument>(
        { ...VISIBLE, clientKrn: { $in: [_id.client, NO_CLIENT] }, filename: _id.filename },
        { ...NAMED, projection: { errors: 0, warnings: 0 } },
      )
      .toArray()
    const [file, ...others] = documents
      .filter(({ clientKrn, homeClient }) => (clientKrn ?? homeClient ?? legacyClient) === _id.client)
      .sort((a, b) => Number(b.fileId !== undefined) - Number(a.fileId !== undefined) || olderFirst(a, b))
    if (file !== undefined && others.length > 0) yield { clientKrn: _id.client, filename: _id.filename, file, others }
  }
}
