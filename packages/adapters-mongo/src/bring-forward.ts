import type { ClientKrn, FileName } from '@pebbles/core'
import { CLIENTS, SWEEP } from './across-clients.ts'
import { BOUNDED, type Collections } from './collections.ts'
import type { BehindDocument, ProgressDocument } from './documents.ts'
import type { LateSnapshots } from './late-snapshots.ts'
import { MARK_LEFT_MS } from './late-snapshots.ts'
import { foldJournals, type OwnDocument, writeForward } from './roll-forward.ts'
import { isLive } from './snapshots.ts'
import type { StoreDeps } from './store-deps.ts'

export type ForwardDeps = StoreDeps & { readonly late: Pick<LateSnapshots, 'owner' | 'flush'> }

/**
 * Brings documents that may be behind their journals forward, before they are read: those of one file, of a client, or,
 * for the list of clients, of all. To be called first: a mark may be gone by the time that documents were read.
 */
export const bringForward = async (deps: ForwardDeps, client: ClientKrn | null, filename?: FileName): Promise<void> => {
  const { collections, late } = deps
  await late.flush()
  const named = client === null ? {} : { clientKrn: client, ...(filename === undefined ? {} : { filename }) }
  const comment = client === null ? { comment: CLIENTS } : {}
  const marks = await collections.behind
    .find<BehindDocument>({ ...named, owner: { $ne: late.owner } }, { ...BOUNDED, ...comment })
    .toArray()
  await rollMarked(deps, marks)
}

const rollMarked = async ({ collections }: StoreDeps, marks: readonly BehindDocument[]): Promise<void> => {
  for (const [client, its] of Map.groupBy(marks, ({ clientKrn }) => clientKrn))
    await rollFiles(collections, client, [...new Set(its.map(({ filename }) => filename))])
}

const rollFiles = async (collections: Collections, client: string, filenames: string[]): Promise<void> => {
  const documents = await collections.progress
    .find<ProgressDocument>(
      { clientKrn: client, filename: { $in: filenames } },
      { ...BOUNDED, projection: { errors: 0, warnings: 0, foldedName: 0 } },
    )
    .toArray()
  const own = documents.filter(isLive) as OwnDocument[]
  // A life that has ended stays as it is: whoever ended it takes its document away before it is answered.
  await writeForward(collections, own, await foldJournals(collections, own))
}

/**
 * Takes away marks that nobody relies on any more. Their files are rolled first, whatever else the sweep has rolled: an
 * entry that its process had in hand for long says an earlier time than the one at which it was written.
 */
export const removeLeftMarks = async (deps: StoreDeps): Promise<void> => {
  const { collections, clock } = deps
  const left = await collections.behind
    .find<BehindDocument>({ at: { $lt: new Date(clock.now() - MARK_LEFT_MS) } }, { ...BOUNDED, comment: SWEEP })
    .toArray()
  await rollMarked(deps, left)
  for (const { _id, clientKrn, filename } of left)
    await collections.behind.deleteOne({ _id, clientKrn, filename }, BOUNDED)
}
