import type { FileId } from '@pebbles/core'
import { SWEEP } from './across-clients.ts'
import { BOUNDED, UNORDERED } from './collections.ts'
import { KEPT_MS } from './former-lives.ts'
import { serverTime } from './server-time.ts'
import type { StoreDeps } from './store-deps.ts'

/** In one sweep; what is left comes with the next. */
const ROWS_AT_ONCE = 1_000
/** Clocks that are so far ahead of everything that was ever written are wrong, and would have all forgotten. */
const BELIEVABLE_MS = 30 * 86_400_000

/**
 * Forgets names that were given up 15 days ago, by this process's clock and by the server's, as what is forgotten too
 * early is applied again: their journal first, the row that leads to it last. The journal of a file that moved stays, it
 * is the file's.
 */
export const purgeFormerLives = async (deps: StoreDeps): Promise<number> => {
  const { collections, clock } = deps
  const { former, journal, tables } = collections
  const now = Math.min(clock.now(), await serverTime(deps))
  const before = new Date(now - KEPT_MS)
  const rows = await former
    .find({ at: { $lte: before } }, { ...BOUNDED, comment: SWEEP })
    .sort({ at: 1 })
    .limit(ROWS_AT_ONCE)
    .toArray()
  if (rows.length === 0 || !(await isBelievable(deps, now))) return 0
  const ended = rows.filter(({ state }) => state !== 'moved').map(({ fileId }) => fileId)
  await purgeChunks(deps, ended)
  const streams = ended.map((fileId) => ({ deleteMany: { filter: { fileId } } }))
  if (streams.length > 0) {
    await tables.bulkWrite(streams, { ...UNORDERED, comment: SWEEP })
    await journal.bulkWrite(streams, { ...UNORDERED, comment: SWEEP })
  }
  await former.bulkWrite(
    rows.map(({ clientKrn, filename, fileId }) => ({
      // Still old: the row may have been written anew meanwhile.
      deleteOne: { filter: { clientKrn, filename, fileId, at: { $lte: before } } },
    })),
    { ...UNORDERED, comment: SWEEP },
  )
  return rows.length
}

const isBelievable = async ({ collections }: StoreDeps, now: number): Promise<boolean> => {
  const [newest] = await collections.journal
    .find({}, { ...BOUNDED, comment: SWEEP, projection: { at: 1 } })
    .sort({ at: -1 })
    .limit(1)
    .toArray()
  return newest === undefined || now - newest.at.getTime() < BELIEVABLE_MS
}

/** Each by its version, too: the two together say which shard has it. */
const purgeChunks = async ({ collections: { chunks } }: StoreDeps, files: readonly FileId[]): Promise<void> => {
  for (const fileId of files) {
    const found = await chunks.find({ fileId }, { ...BOUNDED, comment: SWEEP, projection: { version: 1 } }).toArray()
    const versions = [...new Set(found.map(({ version }) => version))]
    const writes = versions.map((version) => ({ deleteMany: { filter: { fileId, version } } }))
    if (writes.length > 0) await chunks.bulkWrite(writes, { ...UNORDERED, comment: SWEEP })
  }
}
