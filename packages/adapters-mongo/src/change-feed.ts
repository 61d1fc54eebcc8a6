import type { ChangeFeed, FeedEvent, FeedPage } from '@pebbles/core'
import { type Filter, Timestamp } from 'mongodb'
import type { Access } from './access.ts'
import { FEED } from './across-clients.ts'
import { BOUNDED } from './collections.ts'
import type { FormerDocument, ProgressDocument } from './documents.ts'
import { changedEvent, removedEvent, type Untold } from './feed-events.ts'
import {
  forgetBefore,
  markOf,
  OVERLAP_S,
  type Place,
  readPosition,
  secondsBefore,
  type Told,
  writePosition,
} from './feed-position.ts'
import { LISTED_FIELDS } from './old-documents.ts'
import type { StoreDeps } from './store-deps.ts'

/** How often a waiting listener looks. */
const POLL_MS = 200
/** Removals are known for 15 days; who was away for nearly as long reloads. */
const KNOWN_S = 14 * 86_400
/** Places that this process gave and that were used last, with all that was told before; a position lists some of it. */
const REMEMBERED_PLACES = 64
/**
 * Of shards with several members each has its own majority: a write shows when a member that lags, or an election, lets
 * it, and no sooner than those of other shards that were made after it. No answer waits longer for that than this.
 */
const LATEST_S = 30
const LOOK_WIDELY_EVERY_MS = 5_000

/** A place, and when all that may have shown late was looked for, by the monotonic clock. */
interface GivenPlace extends Place {
  lookedWidelyAt: number
}

/**
 * The feed of a standalone and of a sharded cluster, by the store's own time, which each snapshot and each end of a life
 * carries. On a cluster that time never goes back, also when a primary changes. Writes become visible slightly
 * out of order, so the last seconds before a place are looked at again, and what was told of them is left out; on a
 * cluster now and then the last half minute is.
 */
export const createChangeFeed = (
  deps: StoreDeps & { readonly access: Access; readonly storeId: string; readonly topology: 'standalone' | 'sharded' },
): ChangeFeed => {
  const { access, clock, storeId, topology } = deps
  const remembered = topology === 'sharded' ? LATEST_S : OVERLAP_S
  const given = new Map<string, GivenPlace>()
  const remember = (position: string, place: GivenPlace): void => {
    given.delete(position)
    given.set(position, place)
    for (const oldest of given.keys()) {
      if (given.size <= REMEMBERED_PLACES) break
      given.delete(oldest)
    }
  }
  const give = (place: GivenPlace): string => {
    const position = writePosition(storeId, place)
    remember(position, place)
    return position
  }

  /** What comes after a position, and the place behind it: not given yet, as who only waits goes on from where it was. */
  const look = async (after: string, limit: number): Promise<Look | null> => {
    const known = given.get(after)
    const place = known ?? readPosition(storeId, after)
    if (place === null || !(await isKnown(deps, place))) return null
    // A listener to whom nothing happens stays where it is, while others come and go.
    if (known !== undefined) remember(after, known)
    const now = clock.monotonic()
    // Only from a place of which all is known that was told before it: else all of it would be told again.
    const widely = topology === 'sharded' && known !== undefined && now - known.lookedWidelyAt >= LOOK_WIDELY_EVERY_MS
    const { late, found } = await findChanges(deps, place, limit, widely ? LATEST_S : OVERLAP_S)
    if (widely && late === 0) known.lookedWidelyAt = now
    const told = [...place.told]
    let { at } = place
    const events = found.map(({ event, told: next }): FeedEvent => {
      told.push(next)
      at = next.at.greaterThan(at) ? next.at : at
      return { ...event, position: writePosition(storeId, { at, told }) } as FeedEvent
    })
    const next = forgetBefore({ at, told }, remembered)
    return { events, next: { ...next, lookedWidelyAt: known?.lookedWidelyAt ?? now } }
  }
  const changes = async (after: string, limit: number): Promise<FeedPage | null> => {
    const found = await look(after, limit)
    if (found === null) return null
    const { events, next } = found
    return { events, position: events.length === 0 ? after : give(next) }
  }

  return {
    position: () =>
      access.call(async () => {
        const at = await newestChange(deps)
        const told = await findMarks(deps, { $gt: secondsBefore(at, remembered), $lte: at })
        return give({ at, told, lookedWidelyAt: clock.monotonic() })
      }),
    changes: (after, limit) => access.call(() => changes(after, limit)),
    covers: (a, b) => {
      const [from, to] = [readPosition(storeId, a), readPosition(storeId, b)]
      if (from === null || to === null) return false
      // What became visible late was told to one, and maybe not to the other.
      return a === b || from.at.lessThanOrEqual(secondsBefore(to.at, OVERLAP_S))
    },
    awaitChange: (after, ms) =>
      access.call(async () => {
        for (const until = clock.monotonic() + ms; clock.monotonic() < until; ) {
          if ((await look(after, 1))?.events.length !== 0) return
          await clock.sleep(Math.min(POLL_MS, Math.max(0, until - clock.monotonic())))
        }
      }, ms + 10_000),
  }
}

interface Look {
  readonly events: readonly FeedEvent[]
  readonly next: GivenPlace
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
const findChanges = async (
  deps: StoreDeps,
  place: Place,
  limit: number,
  overlapS: number,
): Promise<{ readonly late: number; readonly found: readonly Change[] }> => {
  const told = new Set(place.told.map(({ mark }) => mark))
  const seconds = await findMarks(deps, { $gt: secondsBefore(place.at, overlapS), $lte: place.at })
  const late = seconds.filter(({ mark }) => !told.has(mark)).map(({ at }) => at)
  const found = late.length === 0 ? [] : await readChanges(deps, { $in: late.slice(0, limit) }, limit)
  const newer = found.length >= limit ? [] : await readChanges(deps, { $gt: place.at }, limit)
  return { late: late.length, found: [...found, ...newer].slice(0, limit) }
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
