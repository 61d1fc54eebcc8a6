import type { ClientKrn, FileName } from '@pebbles/core'
import { CLIENTS, SWEEP } from './across-clients.ts'
import { removeMarks } from './behind-marks.ts'
import { BOUNDED } from './collections.ts'
import type { BehindDocument, ProgressDocument } from './documents.ts'
import { type LateSnapshots, MARK_LEFT_MS } from './late-snapshots.ts'
import { rollForward } from './roll-forward.ts'
import { serverTime } from './server-time.ts'
import { isLive, STATE_FIELDS } from './snapshots.ts'
import type { StoreDeps } from './store-deps.ts'

export type ForwardDeps = StoreDeps & { readonly late: Pick<LateSnapshots, 'owner' | 'flush'> }

/**
 * Brings documents that may be behind their journals forward, before they are read: those of one file, of a client, or,
 * for the list of clients, of all. To be called first: a mark may be gone by the time that documents were read.
 */
export const bringForward = async (
  deps: ForwardDeps,
  of: { readonly client: ClientKrn; readonly filename?: FileName } | 'all clients',
): Promise<void> => {
  const { collections, late } = deps
  await late.flush()
  const others = { owner: { $ne: late.owner } }
  const marks = await (of === 'all clients'
    ? collections.behind.find(others, { ...BOUNDED, comment: CLIENTS })
    : collections.behind.find(
        { clientKrn: of.client, ...(of.filename === undefined ? {} : { filename: of.filename }), ...others },
        BOUNDED,
      )
  ).toArray()
  await rollMarked(deps, marks)
}

/**
 * Brings the documents of these files to the end of their journals. A life that has ended stays as it is: whoever ended
 * it takes its document away before anybody is answered.
 */
export const rollMarked = async (
  { collections }: Pick<StoreDeps, 'collections'>,
  marks: readonly Pick<BehindDocument, 'clientKrn' | 'filename'>[],
): Promise<void> => {
  for (const [clientKrn, its] of Map.groupBy(marks, (mark) => mark.clientKrn)) {
    const filenames = [...new Set(its.map(({ filename }) => filename))]
    const documents = await collections.progress
      .find<ProgressDocument>({ clientKrn, filename: { $in: filenames } }, { ...BOUNDED, projection: STATE_FIELDS })
      .toArray()
    await rollForward(collections, documents.filter(isLive))
  }
}

/**
 * Takes away marks that nobody relies on any more, by the server's time, which they carry: a process with a clock of its
 * own would take away what others rely on. Their files are rolled first, whatever else the sweep has rolled: an
 * entry that its process had in hand for long says an earlier time than the one at which it was written.
 */
export const removeLeftMarks = async (deps: StoreDeps): Promise<void> => {
  const { collections } = deps
  const left = await collections.behind
    .find({ at: { $lt: new Date((await serverTime(deps)) - MARK_LEFT_MS) } }, { ...BOUNDED, comment: SWEEP })
    .toArray()
  await rollMarked(deps, left)
  await removeMarks(collections, left)
}
