import type { ChangeFeed, FileId } from '@pebbles/core'
import { FEED } from './across-clients.ts'
import { type ForwardDeps, rollMarked } from './bring-forward.ts'
import { BOUNDED } from './collections.ts'
import type { ProgressDocument } from './documents.ts'

/** Less than the second that a listener waits for a change, and several times what a document may be behind. */
const LOOK_EVERY_MS = 800

/**
 * The feed tells of documents, and a process that dies leaves some of them behind their journals: then whoever follows
 * the feed brings them forward, as whoever reads would. A live owner moves each document that lags five times a second,
 * so only those are looked at that stand where they stood at the look before.
 */
export const followMarks = (feed: ChangeFeed, deps: ForwardDeps): ChangeFeed => {
  const { clock } = deps
  let versions: ReadonlyMap<FileId, number> = new Map()
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking = false

  const look = async (): Promise<void> => {
    if (looking || clock.monotonic() - lookedAt < LOOK_EVERY_MS) return
    looking = true
    lookedAt = clock.monotonic()
    // The store is away, which the feed says itself: what stays behind is looked for again.
    versions = await rollStill(deps, versions).catch(() => versions)
    looking = false
  }

  return {
    ...feed,
    changes: async (after, limit) => {
      const page = await feed.changes(after, limit)
      // Beside it: listeners do not wait for what was left by others.
      void look()
      return page
    },
  }
}

/** Brings forward what stands where it stood; answers where all that is marked stands now. */
const rollStill = async (
  { collections, late }: ForwardDeps,
  before: ReadonlyMap<FileId, number>,
): Promise<ReadonlyMap<FileId, number>> => {
  const { behind, progress } = collections
  const options = { ...BOUNDED, comment: FEED } as const
  const marks = await behind.find({ owner: { $ne: late.owner } }, options).toArray()
  if (marks.length === 0) return new Map()
  const found = await progress
    .find<Pick<ProgressDocument, 'fileId' | 'version'>>(
      { fileId: { $in: [...new Set(marks.map(({ fileId }) => fileId))] } },
      { ...options, projection: { _id: 0, fileId: 1, version: 1 } },
    )
    .toArray()
  const now = new Map(found.map(({ fileId, version = 0 }) => [fileId as FileId, version]))
  const still = marks.filter(({ fileId }) => now.has(fileId) && before.get(fileId) === now.get(fileId))
  await rollMarked({ collections }, still)
  return now
}
