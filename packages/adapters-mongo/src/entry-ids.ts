import type { FileId } from '@pebbles/core'

/** Enough for ten thousand versions a second, for three years. */
const DIGITS = 12
const LAST = 10 ** DIGITS - 1

/**
 * The optimistic lock: of two writers of one version one is refused. It is the `_id`, as that is the one unique index
 * whose keys a server writes once; into any other it writes each twice, and looks around it. On shards an `_id` is
 * unique within one only, and all entries of a file are on one.
 */
export const entryIdOf = (fileId: FileId, version: number): string =>
  `${fileId}:${String(version).padStart(DIGITS, '0')}`

/** A filter for the entries of one file above a version, up to another. */
export const entriesOf = (fileId: FileId, above: number, upTo: number = LAST) => ({
  fileId,
  _id: { $gt: entryIdOf(fileId, above), $lte: entryIdOf(fileId, upTo) },
})

/** By version, within a file. */
export const IN_ORDER = { _id: 1 } as const
/** A hint: without it a server weighs several indexes anew for each branch of a look-up of many files. */
export const BY_VERSION = '_id_'
