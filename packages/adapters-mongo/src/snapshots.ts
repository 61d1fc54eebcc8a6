import type { ByKind, ClientKrn, Completion, Email, FileName, FileState, IssueDigest, Pace } from '@pebbles/core'
import { foldName, ISSUE_KINDS } from '@pebbles/core'
import { ObjectId } from 'mongodb'
import { BOUNDED, type Collections } from './collections.ts'
import { type ProgressDocument, type Reservation, TELLS } from './documents.ts'
import { insist } from './insist.ts'
import { toCount, toTime, toTotal } from './old-values.ts'
import { sendUpdates, type UpdateStatement } from './send-writes.ts'

/** A document that has a file of ours, at version 1 or above. */
export type LiveDocument = ProgressDocument & Required<Pick<ProgressDocument, 'clientKrn' | 'fileId' | 'version'>>

export const isLive = (document: ProgressDocument): document is LiveDocument =>
  document.fileId !== undefined && (document.version ?? 0) > 0

const NO_DIGEST: IssueDigest = { count: 0, tableVersion: 0, top: [] }
const NO_ISSUES: ByKind<IssueDigest> = { error: NO_DIGEST, warning: NO_DIGEST }
export const NO_PACE: Pace = { lines: 0, ms: 0, interval: 0 }

/** All that a state is read from: the old version's arrays can be megabytes. */
export const STATE_FIELDS = { errors: 0, warnings: 0, foldedName: 0 } as const

export const toState = (document: LiveDocument): FileState => ({
  fileId: document.fileId,
  client: document.clientKrn as ClientKrn,
  filename: document.filename as FileName,
  email: document.email as Email,
  version: document.version,
  counts: {
    done: toCount(document.counts?.done),
    warn: toCount(document.counts?.warn),
    failed: toCount(document.counts?.failed),
  },
  total: toTotal(document.total),
  createdAt: toTime(document.createdAt) ?? 0,
  updatedAt: toTime(document.updatedAt) ?? 0,
  completion: completionOf(document),
  pace: document.pace ?? NO_PACE,
  issues: document.issues ?? NO_ISSUES,
  former: document.former ?? [],
})

const completionOf = (document: LiveDocument): Completion | null =>
  document.isCompleted && document.completedAt !== null
    ? {
        outcome: document.outcome ?? 'succeeded',
        reason: document.reason ?? null,
        at: toTime(document.completedAt) ?? 0,
        sentAt: toCount(document.completedSentAt),
      }
    : null

export const toIso = (ms: number): string => new Date(ms).toISOString()

/** What each commit changes. */
const movingFields = (state: FileState) => ({
  counts: state.counts,
  updatedAt: toIso(state.updatedAt),
  version: state.version,
  pace: state.pace,
})

const completionFields = ({ completion }: FileState) => ({
  isCompleted: completion !== null,
  outcome: completion?.outcome ?? null,
  reason: completion?.reason ?? null,
  completedAt: completion === null ? null : toIso(completion.at),
  completedSentAt: completion?.sentAt ?? null,
})

const allFields = (state: FileState) => ({
  ...movingFields(state),
  ...completionFields(state),
  email: state.email,
  total: state.total,
  createdAt: toIso(state.createdAt),
  issues: state.issues,
  former: state.former,
  foldedName: foldName(state.filename),
})

/** Of a document that is at `before` or beyond; the server works for each field that it is given, changed or not. */
const changedFields = (before: FileState, after: FileState) => ({
  ...movingFields(after),
  ...(before.completion === after.completion ? {} : completionFields(after)),
  ...(before.total === after.total ? {} : { total: after.total }),
  ...(isSameIssues(before, after) ? {} : { issues: after.issues }),
})

const isSameIssues = (before: FileState, after: FileState): boolean =>
  ISSUE_KINDS.every((kind) => before.issues[kind].tableVersion === after.issues[kind].tableVersion)

export const reservationOf = (state: Pick<FileState, 'client' | 'filename' | 'email' | 'fileId'>): Reservation => ({
  _id: new ObjectId(state.fileId),
  clientKrn: state.client,
  homeClient: state.client,
  filename: state.filename,
  email: state.email,
  fileId: state.fileId,
  version: 0,
})

/** A state to be written; `before`, when its document is known to be at that one or beyond, saves the rest. */
export interface Step {
  readonly before: FileState | null
  readonly after: FileState
}

/**
 * Moves documents forward, never back: a version that another has written already is left as it is. Answers whether
 * every document was there, and behind. Rejects when it stays open whether they hold these states; then nothing may be
 * answered for.
 */
export const writeSnapshots = async ({ db, progress }: Collections, steps: readonly Step[]): Promise<boolean> => {
  if (steps.length === 0) return true
  const statements = steps.map(
    ({ before, after }): UpdateStatement => ({
      q: {
        clientKrn: after.client,
        filename: after.filename,
        fileId: after.fileId,
        version: { $lt: after.version },
      },
      u:
        before === null
          ? { $set: allFields(after), ...NOT_OLD, ...TELLS }
          : { $set: changedFields(before, after), ...TELLS },
    }),
  )
  return (await sendUpdates(db, progress.collectionName, statements)) === steps.length
}

/** The old version's own arrays are in the journal by then. */
const NOT_OLD = { $unset: { errors: '', warnings: '', adopting: '' } } as const

export const removeDocument = async ({ progress }: Collections, document: Reservation): Promise<void> => {
  const { clientKrn, filename, fileId } = document
  await insist(() => progress.deleteOne({ clientKrn, filename, fileId }, BOUNDED))
}
