import { ObjectId } from 'mongodb'
import type { ProgressDocument } from '../documents.ts'
import { isDuplicate } from '../store-errors.ts'
import { type MigrationDeps, NAMED, type ParkedDocument } from './migration-deps.ts'

type Whose = ParkedDocument['parkedBy']

/**
 * Sets a second owner's document aside. It is marked first, so that no look-up of its name sees it; and the copy comes
 * before the removal, so that it always is somewhere. False when it has a journal of
 * ours, or got one meanwhile: then it stays.
 */
export const parkOld = async (deps: MigrationDeps, { _id }: Pick<ProgressDocument, '_id'>): Promise<boolean> => {
  const { progress } = deps.collections
  await progress.updateOne(
    { _id, fileId: { $exists: false }, down: { $exists: false }, parking: { $ne: true } },
    { $set: { parking: true } },
    NAMED,
  )
  return finishParking(deps, _id)
}

const finishParking = async ({ collections, parked, clock }: MigrationDeps, _id: ObjectId): Promise<boolean> => {
  const document = await collections.progress.findOne({ _id, parking: true }, NAMED)
  if (document === null) return false
  await copy({ parked, clock }, document, 'up')
  await collections.progress.deleteOne({ _id, parking: true }, NAMED)
  return true
}

/** Sets a document aside as it is; only where nobody writes. */
export const parkWhole = async (deps: MigrationDeps, document: ProgressDocument): Promise<void> => {
  await copy(deps, document, 'down')
  await deps.collections.progress.deleteOne({ _id: document._id }, NAMED)
}

const copy = async (
  { parked, clock }: Pick<MigrationDeps, 'parked' | 'clock'>,
  { parking: _marked, ...document }: ProgressDocument,
  parkedBy: Whose,
): Promise<void> => {
  try {
    await parked.insertOne({ ...document, parkedBy, parkedAt: new Date(clock.now()) }, NAMED)
  } catch (error) {
    // A run that was killed, or another one, has put it there already.
    if (!isDuplicate(error)) throw error
  }
}

/** Ends what a run that was killed began: documents that are on their way to or from their place aside. */
export const finishBegunParking = async (deps: MigrationDeps): Promise<number> => {
  const { progress } = deps.collections
  let finished = 0
  const begun = progress.find<ProgressDocument & Unparking>(
    { parking: true },
    { ...NAMED, projection: { _id: 1, unparking: 1 } },
  )
  for await (const { _id, unparking } of begun) {
    if (unparking === undefined) await finishParking(deps, _id)
    else await settleUnparked(deps, _id, unparking)
    finished += 1
  }
  return finished
}

interface Unparking {
  /** Which run brings it back. */
  readonly unparking?: string
}

/**
 * Brings back what was set aside, hidden at first: whoever came late, to a row that another run has brought back long
 * ago, takes its own copy away again, and nothing that was deleted since comes to life. Answers how many came back, and
 * the names that are taken by others.
 */
export const unpark = async (
  deps: MigrationDeps,
  parkedBy: Whose,
): Promise<{ readonly back: number; readonly taken: readonly ParkedDocument[] }> => {
  const { progress } = deps.collections
  const run = new ObjectId().toHexString()
  const taken: ParkedDocument[] = []
  let back = 0
  for await (const row of deps.parked.find({ parkedBy }, NAMED)) {
    const { parkedBy: _by, parkedAt: _at, ...document } = row
    try {
      await progress.insertOne({ ...document, parking: true, unparking: run } as ProgressDocument, NAMED)
    } catch (error) {
      if (!isDuplicate(error)) throw error
      const there = await progress.findOne({ _id: row._id }, { ...NAMED, projection: { _id: 1 } })
      if (there === null) {
        taken.push(row)
        continue
      }
    }
    if (await settleUnparked(deps, row._id, run)) back += 1
  }
  return { back, taken }
}

const settleUnparked = async (
  { collections: { progress }, parked }: MigrationDeps,
  _id: ObjectId,
  run: string,
): Promise<boolean> => {
  const row = await parked.findOne({ _id }, { ...NAMED, projection: { _id: 1 } })
  if (row === null) {
    await progress.deleteOne({ _id, parking: true, unparking: run } as object, NAMED)
    return false
  }
  await progress.updateOne(
    { _id, unparking: { $exists: true } } as object,
    { $unset: { parking: '', unparking: '' } },
    NAMED,
  )
  const { deletedCount } = await parked.deleteOne({ _id }, NAMED)
  return deletedCount > 0
}
