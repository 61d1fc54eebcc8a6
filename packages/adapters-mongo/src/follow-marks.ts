import type { ChangeFeed } from '@pebbles/core'
import { FEED } from './across-clients.ts'
import { type ForwardDeps, rollMarked } from './bring-forward.ts'
import { BOUNDED } from './collections.ts'
import type { ProgressDocument } from './documents.ts'

/** Less than the second that a listener waits for a change, and several times what a document may be behind. */
const LOOK_EVERY_MS = 800
/** The marks of a process that died stand for 15 minutes, and their files were brought forward by the first look. */
const MOST_PAUSE_MS = 60_000

/** Where the document of a mark stood, by the mark's id, and when it is to be looked at again. */
type Stood = ReadonlyMap<string, { readonly version: number; readonly pause: number; readonly lookAt: number }>

/**
 * The feed tells of documents, and a process that dies leaves some of them behind their journals: then whoever follows
 * the feed brings them forward, as whoever reads would. A live owner moves each document that lags five times a second,
 * so only those are looked at that stand where they stood at the look before, and those that go on standing ever less.
 */
export const followMarks = (feed: ChangeFeed, deps: ForwardDeps): ChangeFeed => {
  const { clock } = deps
  let stood: Stood = new Map()
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking = false

  const look = async (): Promise<void> => {
    if (looking || clock.monotonic() - lookedAt < LOOK_EVERY_MS) return
    looking = true
    lookedAt = clock.monotonic()
    // The store is away, which the feed says itself: what stays behind is looked for again.
    stood = await rollStill(deps, stood, lookedAt).catch(() => stood)
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
const rollStill = async ({ collections, late }: ForwardDeps, before: Stood, at: number): Promise<Stood> => {
  const { behind, progress } = collections
  const options = { ...BOUNDED, comment: FEED } as const
  const marks = await behind.find({ owner: { $ne: late.owner } }, options).toArray()
  const isDue = (id: string): boolean => (before.get(id)?.lookAt ?? at) <= at
  const due = marks.filter(({ _id }) => isDue(String(_id)))
  const found =
    due.length === 0
      ? []
      : await progress
          .find<Pick<ProgressDocument, 'fileId' | 'version'>>(
            { fileId: { $in: [...new Set(due.map(({ fileId }) => fileId))] } },
            { ...options, projection: { _id: 0, fileId: 1, version: 1 } },
          )
          .toArray()
  // One whose document is gone stands at 0, and there is nothing to bring forward.
  const versions = new Map(found.map(({ fileId, version = 0 }) => [fileId, version]))
  const next = new Map(before)
  for (const { _id, fileId } of due) {
    const known = before.get(String(_id))
    const version = versions.get(fileId) ?? 0
    const pause = known?.version === version ? Math.min(2 * known.pause, MOST_PAUSE_MS) : LOOK_EVERY_MS
    next.set(String(_id), { version, pause, lookAt: pause === LOOK_EVERY_MS ? at : at + pause })
  }
  await rollMarked(
    { collections },
    due.filter(({ _id, fileId }) => versions.has(fileId) && before.get(String(_id))?.version === versions.get(fileId)),
  )
  const standing = new Set(marks.map(({ _id }) => String(_id)))
  return new Map([...next].filter(([id]) => standing.has(id)))
}
