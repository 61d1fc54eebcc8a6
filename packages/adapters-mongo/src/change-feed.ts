import type { ChangeFeed, FeedEvent, FeedPage } from '@pebbles/core'
import { type Filter, Timestamp } from 'mongodb'
import type { Access } from './access.ts'
import { FEED } from './across-clients.ts'
import { BOUNDED } from './collections.ts'
import type { FormerDocument, ProgressDocument } from './documents.ts'
import { changedEvent, removedEvent, type Untold } from './feed-events.ts'
import { markOf, overlapBefore, type Place, readPosition, type Told, tell, writePosition } from './feed-position.ts'
import { LISTED_FIELDS } from './old-documents.ts'
import type { StoreDeps } from './store-deps.ts'

/** How often a waiting listener looks. */
const POLL_MS = 200
/** Removals are known for 15 days; who was away for nearly as long reloads. */
const KNOWN_S = 14 * 86_400
/** Places that this process gave, with all that was told before them; a position lists only some of it. */
const REMEMBERED_PLACES = 64

/**
 * The feed of a standalone and of a sharded cluster, by the store's own time, which each snapshot and each end of a life
 * carries. On a cluster that time never goes back, also when a primary changes. Writes become visible slightly
 * out of order, so the last seconds before a place are looked at again, and what was told of them is left out.
 */
export const createChangeFeed = (
  deps: StoreDeps & { readonly access: Access; readonly storeId: string },
): ChangeFeed => {
  const { access, clock, storeId } = deps
  const given = new Map<string, Place>()
  const give = (place: Place): string => {
    const position = writePosition(storeId, place)
    given.delete(position)
    given.set(position, place)
    for (const oldest of given.keys()) {
      if (given.size <= REMEMBERED_PLACES) break
      given.delete(oldest)
    }
    return position
  }

  const changes = async (after: string, limit: number): Promise<FeedPage | null> => {
    const place = given.get(after) ?? readPosition(storeId, after)
    if (place === null || !(await isKnown(deps, place))) return null
    const found = await findChanges(deps, place, limit)
    const events: FeedEvent[] = []
    let at = place
    for (const { event, told } of found) {
      at = tell(at, told)
      events.push({ ...event, position: writePosition(storeId, at) } as FeedEvent)
    }
    return { events, position: events.length === 0 ? after : give(at) }
  }

  return {
    position: () =>
      access.call(async () => {
        const at = await newestChange(deps)
        const told = await findMarks(deps, { $gt: overlapBefore(at), $lte: at })
        return give({ at, told })
      }),
    changes: (after, limit) => access.call(() => changes(after, limit)),
    covers: (a, b) => {
      const [from, to] = [readPosition(storeId, a), readPosition(storeId, b)]
      if (from === null || to === null) return false
      // What became visible late was told to one, and maybe not to the other.
      return a === b || from.at.lessThanOrEqual(overlapBefore(to.at))
    },
    awaitChange: (after, ms) =>
      access.call(async () => {
        for (const until = clock.monotonic() + ms; clock.monotonic() < until; ) {
          if ((await changes(after, 1))?.events.length !== 0) return
          await clock.sleep(Math.min(POLL_MS, Math.max(0, until - clock.monotonic())))
        }
      }, ms + 10_000),
  }
}

interface Change {
  readonly told: Told
  readonly event: Untold
}
type Timed<T> = T & { readonly changedAt: Timestamp }

/** Of the future, or older than what is remembered of removals: neither can be gone on from. */
const isKnown = async (deps: StoreDeps, { at }: Place): Promise<boolean> => {
  const newest = await newestChange(deps)
  if (at.greaterThan(newest)) return false
  return at.isZero() || newest.getHighBitsUnsigned() - at.getHighBitsUnsigned() < KNOWN_S
}

const newestChange = async ({ collections: { progress, former } }: StoreDeps): Promise<Timestamp> => {
  const options = { ...BOUNDED, comment: FEED, projection: { changedAt: 1, _id: 0 }, sort: { changedAt: -1 } } as const
  const newest = await Promise.all([
    progress.findOne<Timed<object>>({ changedAt: { $exists: true } }, options),
    former.findOne<Timed<object>>({ changedAt: { $exists: true } }, options),
  ])
  const times = newest.flatMap((found) => (found === null ? [] : [found.changedAt]))
  return times.sort((a, b) => b.compare(a))[0] ?? new Timestamp({ t: 0, i: 0 })
}

/** Late ones first, then what came after the place; at most `limit`. */
const findChanges = async (deps: StoreDeps, place: Place, limit: number): Promise<readonly Change[]> => {
  const told = new Set(place.told.map(({ mark }) => mark))
  const seconds = await findMarks(deps, { $gt: overlapBefore(place.at), $lte: place.at })
  const late = seconds.filter(({ mark }) => !told.has(mark)).map(({ at }) => at)
  const found = late.length === 0 ? [] : await readChanges(deps, { $in: late.slice(0, limit) }, limit)
  const newer = found.length >= limit ? [] : await readChanges(deps, { $gt: place.at }, limit)
  return [...found, ...newer].slice(0, limit)
}

const findMarks = async (
  { collections: { progress, former } }: StoreDeps,
  changedAt: { readonly $gt: Timestamp; readonly $lte: Timestamp },
): Promise<readonly Told[]> => {
  const options = { ...BOUNDED, comment: FEED } as const
  const [files, ends] = await Promise.all([
    progress
      .find<Timed<Pick<ProgressDocument, 'fileId' | 'version'>>>(
        { changedAt },
        { ...options, projection: { _id: 0, changedAt: 1, fileId: 1, version: 1 } },
      )
      .toArray(),
    former
      .find<Timed<Pick<FormerDocument, 'fileId' | 'state'>>>(
        { changedAt },
        { ...options, projection: { _id: 0, changedAt: 1, fileId: 1, state: 1 } },
      )
      .toArray(),
  ])
  return [
    ...files.map(({ changedAt: at, fileId, version }) => ({ at, mark: markOf(fileId ?? '', version ?? 0) })),
    ...ends.map(({ changedAt: at, fileId, state }) => ({ at, mark: markOf(fileId, state) })),
  ].sort(byTime)
}

const readChanges = async (
  { collections: { progress, former } }: StoreDeps,
  changedAt: { readonly $gt: Timestamp } | { readonly $in: readonly Timestamp[] },
  limit: number,
): Promise<readonly Change[]> => {
  const options = { ...BOUNDED, comment: FEED, sort: { changedAt: 1 }, limit } as const
  const [files, ends] = await Promise.all([
    progress
      .find<Timed<ProgressDocument>>({ changedAt } as Filter<ProgressDocument>, {
        ...options,
        projection: { ...LISTED_FIELDS, changedAt: 1 },
      })
      .toArray(),
    former.find<Timed<FormerDocument>>({ changedAt } as Filter<FormerDocument>, options).toArray(),
  ])
  const changed = files.flatMap((document): Change[] => {
    const event = changedEvent(document)
    const { changedAt: at, fileId = '', version = 0 } = document
    return event === null ? [] : [{ told: { at, mark: markOf(fileId, version) }, event }]
  })
  const removed = ends.map((row): Change => {
    const { changedAt: at, fileId, state } = row
    return { told: { at, mark: markOf(fileId, state) }, event: removedEvent(row) }
  })
  return [...changed, ...removed].sort((a, b) => byTime(a.told, b.told)).slice(0, limit)
}

const byTime = (a: Told, b: Told): number => a.at.compare(b.at)
