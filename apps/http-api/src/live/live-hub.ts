import type { ChangeFeed, ClientKrn, Clock, FeedEvent, FileState, ProgressReader } from '@pebbles/core'
import { recordOf } from '@pebbles/wire'
import { formatEventId, parseEventId } from './event-id.ts'
import type { Frame, LiveListener } from './live-listener.ts'

export interface LiveHub {
  /**
   * Takes a place at once, calls `begin`, says hello, tells again what was missed since `lastEventId`, then every change.
   * Answers how to leave. Rejects, before `begin` and without a place, when the store is away.
   */
  readonly join: (listener: LiveListener, lastEventId: string | null, begin: () => void) => Promise<() => void>
  /** An event that tells a listener to load anew, and goes on from here. */
  readonly resetText: () => string
  /** Places that are taken. */
  readonly size: () => number
  readonly stop: () => Promise<void>
}

export interface LiveHubDeps {
  readonly feed: ChangeFeed
  readonly reader: Pick<ProgressReader, 'list'>
  readonly clock: Clock
  readonly stalledAfterMs: number
  readonly log: { readonly warn: (facts: object, message: string) => void }
}

const PAGE = 500
const WAIT_MS = 1_000
const RETRY_MS = 1_000
const LOOK_FOR_STALLED_EVERY_MS = 2_000
const COMMENT_EVERY_MS = 15_000
/** Removals are known for 15 days: before they are forgotten, a resume point is too old. */
const RESUMABLE_MS = 14 * 86_400_000
const MOST_PAGES_TOLD_AGAIN = 200

/** One reader of the feed for a whole process, and its listeners. It rests while nobody listens. */
export const createLiveHub = ({ feed, reader, clock, stalledAfterMs, log }: LiveHubDeps): LiveHub => {
  const listeners = new Map<ClientKrn, Set<LiveListener>>()
  let count = 0
  let position: string | null = null
  let knownUntil = clock.now()
  let running: Promise<void> | null = null
  let waking: Promise<void> | null = null
  let stopped = false

  const frameOf = (event: FeedEvent, until = knownUntil): Frame => {
    const id = formatEventId({ position: event.position, knownUntil: until })
    if (event.kind === 'removed') {
      const { client, filename, fileId } = event
      return frame(fileId, Number.POSITIVE_INFINITY, 'deleted', id, () => ({ id: fileId, clientKrn: client, filename }))
    }
    return stateFrame(event.state, id)
  }
  const stateFrame = (state: FileState, id: string): Frame =>
    frame(state.fileId, state.version, 'progress', id, () => recordOf(state, { now: clock.now(), stalledAfterMs }))
  const reset = (): string => {
    const id = formatEventId({ position: position ?? '', knownUntil })
    return `event: reset\nid: ${id}\ndata: {}\n\n`
  }

  const tell = (client: ClientKrn, filename: string, made: Frame): void => {
    for (const listener of listeners.get(client) ?? []) {
      if (listener.filename === null || listener.filename === filename) listener.offer(made)
    }
  }
  const everybody = function* (): Iterable<LiveListener> {
    for (const group of listeners.values()) yield* group
  }

  const follow = async (): Promise<void> => {
    let lookedAt = clock.monotonic()
    let commentedAt = clock.monotonic()
    while (count > 0 && !stopped) {
      try {
        position ??= await feed.position()
        const page = await feed.changes(position, PAGE)
        if (page === null) {
          position = await feed.position()
          for (const listener of everybody()) listener.reset()
          continue
        }
        for (const event of page.events) {
          const { client, filename } = event.kind === 'changed' ? event.state : event
          tell(client, filename, frameOf(event))
        }
        position = page.position
        if (clock.monotonic() - lookedAt >= LOOK_FOR_STALLED_EVERY_MS) {
          lookedAt = clock.monotonic()
          await tellStalled()
        }
        if (clock.monotonic() - commentedAt >= COMMENT_EVERY_MS) {
          commentedAt = clock.monotonic()
          for (const listener of everybody()) listener.comment(':\n\n')
        }
        if (page.events.length === 0) await feed.awaitChange(position, WAIT_MS)
      } catch (err) {
        log.warn({ err }, 'the live feed is interrupted')
        await clock.sleep(RETRY_MS)
      }
    }
    // Whoever comes later begins at the feed's position then.
    position = null
    running = null
  }

  /** Becoming stalled is no write: what was silent for long enough since the last look is told now. */
  const tellStalled = async (): Promise<void> => {
    const now = clock.now()
    const from = knownUntil
    if (now <= from) return
    for (const client of [...listeners.keys()]) {
      for (const state of await stalledBetween(client, from, now)) {
        tell(client, state.filename, stateFrame(state, formatEventId({ position: position ?? '', knownUntil: now })))
      }
    }
    knownUntil = now
  }
  const stalledBetween = (client: ClientKrn, from: number, until: number): Promise<readonly FileState[]> =>
    reader.list(
      { client, status: 'stalled', updatedSince: from - stalledAfterMs, stalledBefore: until - stalledAfterMs },
      1_000,
      null,
    )

  const tellAgain = async (listener: LiveListener, lastEventId: string): Promise<void> => {
    const since = parseEventId(lastEventId)
    const isTooOld = since === null || clock.now() - since.knownUntil > RESUMABLE_MS
    let at: string | null = isTooOld ? null : since.position
    for (let pages = 0; at !== null && since !== null; pages += 1) {
      const page = pages < MOST_PAGES_TOLD_AGAIN ? await feed.changes(at, PAGE) : null
      if (page === null) {
        at = null
        break
      }
      for (const event of page.events) {
        const { client, filename } = event.kind === 'changed' ? event.state : event
        if (client === listener.client && (listener.filename === null || listener.filename === filename))
          listener.offerPast(frameOf(event, since.knownUntil))
      }
      at = page.position
      if (page.events.length < PAGE) {
        const until = Math.max(since.knownUntil, clock.now())
        for (const state of await stalledBetween(listener.client, since.knownUntil, until)) {
          if (listener.filename === null || listener.filename === state.filename)
            listener.offerPast(stateFrame(state, formatEventId({ position: at, knownUntil: until })))
        }
        return
      }
    }
    listener.reset()
  }

  /** One look for all who come at once: each by itself would leave out what happened since those before it. */
  const wake = (): Promise<void> => {
    waking ??= feed
      .position()
      .then((at) => {
        position ??= at
        knownUntil = clock.now()
      })
      .finally(() => {
        waking = null
      })
    return waking
  }

  const leave = (listener: LiveListener): void => {
    const group = listeners.get(listener.client)
    if (group?.delete(listener) !== true) return
    count -= 1
    if (group.size === 0) listeners.delete(listener.client)
  }

  return {
    join: async (listener, lastEventId, begin) => {
      // Its place is taken before anything is waited for: else more come in than there are places.
      count += 1
      try {
        if (position === null && !stopped) await wake()
        begin()
      } catch (error) {
        count -= 1
        throw error
      }
      if (position === null || stopped) {
        // One who was cut off by the stop comes back at once, on the same connection: it would never end.
        count -= 1
        listener.end()
        return () => undefined
      }
      const group = listeners.get(listener.client) ?? new Set()
      listeners.set(listener.client, group.add(listener))
      running ??= follow()
      const here = formatEventId({ position, knownUntil })
      const resumes = lastEventId !== null && parseEventId(lastEventId) !== null
      // A listener that is cut off again right after this hello must come back to where it was.
      listener.greet(`retry: 2000\nevent: hello\nid: ${resumes ? lastEventId : here}\ndata: {}\n\n`)
      if (lastEventId !== null)
        await listener.replay(() => tellAgain(listener, lastEventId).catch(() => listener.end()))
      return () => leave(listener)
    },
    resetText: reset,
    size: () => count,
    stop: async () => {
      stopped = true
      for (const listener of [...everybody()]) {
        listener.end()
        leave(listener)
      }
      await running
    },
  }
}

const frame = (subject: string, version: number, event: string, id: string, data: () => object): Frame => {
  let text: string | null = null
  return {
    subject,
    version,
    text: () => {
      text ??= `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data())}\n\n`
      return text
    },
  }
}
