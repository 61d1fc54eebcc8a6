import type { ClientKrn, FileName } from '@pebbles/core'
import { foldName } from '@pebbles/core'
import type { AnyBulkWriteOperation } from 'mongodb'
import { type ProgressDocument, TELLS } from '../documents.ts'
import { NO_CLIENT } from '../names.ts'
import { toCount, toTotal } from '../old-values.ts'
import { type OwnDocument, rollForward } from '../roll-forward.ts'
import { duplicatesOf } from '../store-errors.ts'
import { type HandedDocument, type MigrationDeps, NAMED } from './migration-deps.ts'
import { takeLateWrites } from './take-late-writes.ts'

const AT_ONCE = 200
/** The old version was stopped; a document that still changes under us is looked at again. */
const ROUNDS = 5

export interface GivenBack {
  readonly givenBack: number
  /** Of them, those that the old version had written. */
  readonly taken: number
}

/** Gives files back to their clients, and what the old version wrote to them a place in their journal. */
export const giveBack = async (deps: MigrationDeps): Promise<GivenBack> => {
  const { progress } = deps.collections
  const total = await progress.countDocuments(HANDED, NAMED)
  let givenBack = 0
  let taken = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = givenBack
    let part: HandedDocument[] = []
    const restore = async (): Promise<void> => {
      givenBack += await restoreFiles(deps, part)
      part = []
      deps.onStep({ step: 'giving back', done: givenBack, total })
    }
    for await (const document of progress
      .find<HandedDocument>(HANDED, { ...NAMED, batchSize: AT_ONCE })
      .sort({ _id: 1 })) {
      if (!isUntouched(document)) {
        await takeLateWrites(deps, document)
        taken += 1
      }
      if (part.push(withoutArrays(document)) === AT_ONCE) await restore()
    }
    if (part.length > 0) await restore()
    if (givenBack === before || givenBack >= total) break
  }
  return { givenBack, taken }
}

const HANDED = { down: { $exists: true }, clientKrn: NO_CLIENT }

const withoutArrays = ({ errors: _errors, warnings: _warnings, ...document }: HandedDocument): HandedDocument =>
  document

const lengthOf = (array: unknown): number => (Array.isArray(array) ? array.length : 0)

/** As it was written back. The old version sets `updatedAt` with every write. */
const isUntouched = ({ down, counts, total, isCompleted, updatedAt, errors, warnings }: HandedDocument): boolean =>
  updatedAt === down.updatedAt &&
  isCompleted === down.isCompleted &&
  toTotal(total) === toTotal(down.total) &&
  (['done', 'warn', 'failed'] as const).every((part) => toCount(counts?.[part]) === toCount(down.counts?.[part])) &&
  lengthOf(errors) === down.written.error &&
  lengthOf(warnings) === down.written.warning

/** Each as it was at its version; what its journal has above it, it is rolled to like any other. */
const restoreFiles = async (deps: MigrationDeps, documents: readonly HandedDocument[]): Promise<number> => {
  const { collections, legacyClient } = deps
  const writes = documents.map((document): AnyBulkWriteOperation<ProgressDocument> => {
    const { written: _written, ...fields } = document.down
    const clientKrn = document.homeClient ?? legacyClient
    return {
      updateOne: {
        // As it was read: what the old version writes now is taken in the next round.
        filter: {
          ...{ _id: document._id, clientKrn: NO_CLIENT, 'down.fileId': document.down.fileId },
          ...{ updatedAt: document.updatedAt, counts: document.counts },
        },
        update: {
          $set: { ...fields, clientKrn, homeClient: clientKrn, foldedName: foldName(document.filename as FileName) },
          $unset: { errors: '', warnings: '', down: '' },
          ...TELLS,
        },
      },
    }
  })
  let restored = 0
  try {
    restored = (await collections.progress.bulkWrite(writes, { ...NAMED, ordered: false })).modifiedCount
  } catch (error) {
    // A name that was taken meanwhile: its document stays as it is, and is told of.
    const refused = duplicatesOf(error)
    if (refused === null) throw error
    restored = documents.length - refused.size
  }
  const own = await collections.progress
    .find<OwnDocument & { clientKrn: ClientKrn }>(
      {
        _id: { $in: documents.map(({ _id }) => _id) },
        clientKrn: { $ne: NO_CLIENT },
        version: { $gt: 0 },
      },
      { ...NAMED, projection: { errors: 0, warnings: 0 } },
    )
    .toArray()
  await rollForward(collections, own)
  return restored
}
