import type { ProgressDocument } from '../documents.ts'
import { olderFirst } from '../old-documents.ts'
import { clientOf, type MigrationDeps, NAMED, VISIBLE, WHOLE } from './migration-deps.ts'

/** A filename that several clients hold, which the old version could not tell apart. The first is the one that stays. */
export interface SharedName {
  readonly filename: string
  readonly clients: readonly string[]
}

/** Every filename of several clients: the legacy client stays where it is among them, else the oldest file's. */
export async function* namesOfSeveralClients({ collections, legacyClient }: MigrationDeps): AsyncGenerator<SharedName> {
  const names = collections.progress.aggregate<{ readonly _id: string; readonly clients: readonly string[] }>(
    [
      { $match: VISIBLE },
      { $group: { _id: '$filename', clients: { $addToSet: clientOf(legacyClient) } } },
      { $match: { 'clients.1': { $exists: true } } },
      { $sort: { _id: 1 } },
    ],
    WHOLE,
  )
  for await (const { _id: filename, clients } of names) {
    const oldest = await findOldest({ collections }, filename, clients)
    const first = clients.includes(legacyClient) ? legacyClient : (oldest ?? clients[0] ?? '')
    yield { filename, clients: [first, ...clients.filter((client) => client !== first).sort()] }
  }
}

const findOldest = async (
  { collections }: Pick<MigrationDeps, 'collections'>,
  filename: string,
  clients: readonly string[],
): Promise<string | undefined> => {
  const documents = await collections.progress
    .find<ProgressDocument>(
      { ...VISIBLE, clientKrn: { $in: [...clients] }, filename },
      { ...NAMED, projection: { clientKrn: 1, createdAt: 1, fileId: 1 } },
    )
    .toArray()
  return documents.sort(olderFirst)[0]?.clientKrn
}
