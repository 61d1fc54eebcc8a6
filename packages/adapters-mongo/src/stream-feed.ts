import { type ChangeFeed, type FeedEvent, type FeedPage, StoreUnavailable } from '@pebbles/core'
import type { Access } from './access.ts'
import { FEED } from './across-clients.ts'
import { type ChangeStream, openChangeStream, type StreamDeps, type StreamedChange } from './change-stream.ts'
import { BOUNDED } from './collections.ts'
import { changedEvent, removedEvent, type Untold } from './feed-events.ts'
import { LISTED_FIELDS } from './old-documents.ts'
import type { StoreDeps } from './store-deps.ts'
import { isAway } from './store-errors.ts'

/** Streams that are kept open between two looks: that of the process's listeners, and two of those who come back. */
const KEPT_OPEN = 3

/** Changes may come as fast as they are looked for: then what there is by now is told, and the rest next time. */
const PAGE_WITHIN_MS = 100

/**
 * The feed by the change stream of a replica set: positions are its resume tokens, good at any process. A stream that
 * ended, by whatever, is opened again at the position of the next look; what the server cannot go on from is unknown.
 */
export const createStreamFeed = (
  deps: StoreDeps & StreamDeps & { readonly access: Access; readonly storeId: string },
): ChangeFeed => {
  const { access, clock, storeId } = deps
  const write = (token: string): string => ['stream', storeId, token.length, token].join('.')
  const read = (position: string): string | null => {
    const [, of, length, token = ''] = FORM.exec(position) ?? []
    return of === storeId && token.length === Number(length) ? token : null
  }

  const open = new Map<string, ChangeStream>()
  const keep = (stream: ChangeStream): void => {
    open.get(stream.token())?.close()
    open.delete(stream.token())
    open.set(stream.token(), stream)
    for (const [token, oldest] of open) {
      if (open.size <= KEPT_OPEN) break
      open.delete(token)
      oldest.close()
    }
  }
  /** Null when the server does not know the position. A stream has one user at a time. */
  const withStream = async <T>(after: string, work: (stream: ChangeStream) => Promise<T>): Promise<T | null> => {
    const token = read(after)
    if (token === null) return null
    const use = async (stream: ChangeStream): Promise<T> => {
      try {
        const done = await work(stream)
        keep(stream)
        return done
      } catch (error) {
        stream.close()
        throw error
      }
    }
    const kept = open.get(token)
    open.delete(token)
    if (kept !== undefined)
      try {
        return await use(kept)
      } catch (error) {
        // The server forgets a stream that nobody looks at, and so does one that became the primary.
        if (!isAway(error)) throw error
      }
    const opened = await openChangeStream(deps, token)
    return opened === null ? null : use(opened)
  }

  return {
    position: () =>
      access.call(async () => {
        const stream = await openChangeStream(deps, null)
        if (stream === null) throw new StoreUnavailable('MongoDB opens no change stream')
        keep(stream)
        return write(stream.token())
      }),
    changes: (after, limit) =>
      access.call(() =>
        withStream(after, async (stream): Promise<FeedPage> => {
          const began = clock.monotonic()
          const isLong = (): boolean => clock.monotonic() - began > PAGE_WITHIN_MS
          const events = new Map<string, FeedEvent>()
          // Never an empty page while there is more.
          while (events.size < limit && !(events.size > 0 && isLong()) && (await stream.look(0))) {
            const changes = await takeChanges(stream, limit - events.size, isLong)
            for (const { token, event } of await readChanges(deps, stream, changes)) {
              const key = `${event.kind} ${event.kind === 'changed' ? event.state.fileId : event.fileId}`
              events.delete(key)
              events.set(key, { ...event, position: write(token) } as FeedEvent)
            }
          }
          return { events: [...events.values()], position: write(stream.token()) }
        }),
      ),
    covers: (a, b) => {
      const [from, to] = [read(a), read(b)]
      // Tokens are made so that their digits are in the order of what they name.
      return from !== null && to !== null && from <= to
    },
    awaitChange: (after, ms) =>
      access.call(async () => {
        await withStream(after, (stream) => stream.look(ms))
      }, ms + 10_000),
  }
}

const FORM = /^stream\.([0-9a-f]{8,24})\.([0-9]{1,3})\.([0-9A-F]{10,400})$/

/** So many documents, each at its last change; what there is when it is less, or takes long. */
const takeChanges = async (
  stream: ChangeStream,
  limit: number,
  isLong: () => boolean,
): Promise<readonly StreamedChange[]> => {
  const newest = new Map<string, StreamedChange>()
  while (newest.size < limit) {
    const change = stream.take()
    if (change === undefined) {
      if (!isLong() && (await stream.look(0))) continue
      break
    }
    const key = `${change.collection} ${change.id}`
    newest.delete(key)
    newest.set(key, change)
  }
  return [...newest.values()]
}

/**
 * As they are now: a later change of a document that is told of here will tell it again. In the session of the stream:
 * a new primary may know only later that a majority has what the stream has told already, and until then would answer
 * with what was before, though the position has moved past it.
 */
const readChanges = async (
  { collections: { progress, former } }: StoreDeps,
  { session }: ChangeStream,
  changes: readonly StreamedChange[],
): Promise<readonly { readonly token: string; readonly event: Untold }[]> => {
  const idsOf = ({ collectionName }: { readonly collectionName: string }): never[] =>
    changes.flatMap(({ collection, id }) => (collection === collectionName ? [id as never] : []))
  const options = { ...BOUNDED, comment: FEED, session } as const
  const [files, ends] = await Promise.all([
    progress.find({ _id: { $in: idsOf(progress) } }, { ...options, projection: LISTED_FIELDS }).toArray(),
    former.find({ _id: { $in: idsOf(former) } }, options).toArray(),
  ])
  const events = new Map<string, Untold | null>([
    ...files.map((document) => [String(document._id), changedEvent(document)] as const),
    ...ends.map((row) => [String(row._id), removedEvent(row)] as const),
  ])
  return changes.flatMap(({ token, id }) => {
    const event = events.get(String(id)) ?? null
    return event === null ? [] : [{ token, event }]
  })
}
