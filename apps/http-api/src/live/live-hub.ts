import type { ChangeFeed, ClientKrn, Clock, ProgressReader } from '@pebbles/core'
import { commentText, createEventFrames, helloText, resetText } from './event-frames.ts'
import { type EventId, formatEventId, parseEventId } from './event-id.ts'
import type { Frame } from './frame-queue.ts'
import { hears, type LiveListener } from './live-listener.ts'
import { createReplays } from './replays.ts'
import { createStalledFiles } from './stalled-files.ts'

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

const STOPS = 'the server stops'
const PAGE = 500
const WAIT_MS = 1_000
const RETRY_MS = 1_000
const LOOK_FOR_STALLED_EVERY_MS = 2_000
const COMMENT_EVERY_MS = 15_000
const COMMENT_DUE_EVERY_MS = 250
/** Removals are known for 15 days: before they are forgotten, a resume point is too old. */
const RESUMABLE_MS = 14 * 86_400_000

/** One reader of the feed for a whole process, and its listeners. It rests while nobody listens. */
export const createLiveHub = ({ feed, reader, clock, stalledAfterMs, log }: LiveHubDeps): LiveHub => {
  const listeners = new Map<ClientKrn, Set<LiveListener>>()
  let count = 0
  let position: string | null = null
  let knownUntil = clock.now()
  let running: Promise<void> | null = null
  let waking: Promise<void> | null = null
  let looking: Promise<void> | null = null
  /** Versions by file, of the time that a look for stalled ones takes: what that has read may be older. */
  const toldMeanwhile = new Map<string, number>()
  let stopped = false

  const frames = createEventFrames({ clock, stalledAfterMs })
  const stalled = createStalledFiles({ reader, stalledAfterMs })
  const replays = createReplays({ feed, clock, frames, stalled, here: () => position ?? '' })
  const reset = (): string => resetText(position ?? '', knownUntil)

  const tell = (client: ClientKrn, filename: string, made: Frame): void => {
    for (const listener of listeners.get(client) ?? []) {
      if (hears(listener, filename)) listener.offer(made)
    }
  }
  const everybody = function* (): Iterable<LiveListener> {
    for (const group of listeners.values()) yield* group
  }

  /** Also while the store is away: a stream that says nothing is taken for dead by pages and proxies. */
  const commentOn = (): NodeJS.Timeout => {
    let commentedAt = clock.monotonic()
    const comments = setInterval(() => {
      if (position === null || clock.monotonic() - commentedAt < COMMENT_EVERY_MS) return
      commentedAt = clock.monotonic()
      const text = commentText({ position, knownUntil })
      for (const listener of everybody()) listener.comment(text)
    }, COMMENT_DUE_EVERY_MS)
    return comments.unref()
  }

  const follow = async (): Promise<void> => {
    let lookedAt = clock.monotonic()
    const comments = commentOn()
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
          const made = frames.ofEvent(event, knownUntil)
          if (looking !== null) toldMeanwhile.set(made.subject, made.version)
          tell(client, filename, made)
        }
        position = page.position
        if (clock.monotonic() - lookedAt >= LOOK_FOR_STALLED_EVERY_MS) {
          lookedAt = clock.monotonic()
          looking ??= tellStalled()
        }
        if (page.events.length === 0) await feed.awaitChange(position, WAIT_MS)
      } catch (err) {
        log.warn({ err }, 'the live feed is interrupted')
        await clock.sleep(RETRY_MS)
      }
    }
    clearInterval(comments)
    // Whoever comes later begins at the feed's position then.
    position = null
    running = null
  }

  /** What was silent for long enough since the last look is told. Beside the changes, which it must not hold up. */
  const tellStalled = async (): Promise<void> => {
    const now = clock.now()
    toldMeanwhile.clear()
    try {
      await stalled.tell(listeners.keys(), knownUntil, now, (state) => {
        // Until all are told, ids say the earlier time: who is cut off before that must hear of the rest.
        const made = frames.ofState(state, { position: position ?? '', knownUntil })
        if ((toldMeanwhile.get(made.subject) ?? 0) <= made.version) tell(state.client, state.filename, made)
      })
      // Also back, where the clock was set right: what stalls from now on is still to be told.
      knownUntil = now
    } catch (err) {
      log.warn({ err }, 'files that became stalled are told later')
    }
    looking = null
  }

  const tellAgain = async (listener: LiveListener, since: EventId | null): Promise<void> => {
    if (since === null || clock.now() - since.knownUntil > RESUMABLE_MS) listener.reset()
    else await replays.tell(listener, since)
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
        listener.end(STOPS)
        return () => undefined
      }
      const group = listeners.get(listener.client) ?? new Set()
      listeners.set(listener.client, group.add(listener))
      running ??= follow()
      const since = lastEventId === null ? null : parseEventId(lastEventId)
      // A listener that is cut off again right after this hello must come back to where it was.
      listener.greet(helloText(formatEventId(since ?? { position, knownUntil })))
      if (lastEventId !== null) void listener.replay(() => tellAgain(listener, since))
      return () => leave(listener)
    },
    resetText: reset,
    size: () => count,
    stop: async () => {
      stopped = true
      for (const listener of [...everybody()]) {
        listener.end(STOPS)
        leave(listener)
      }
      await Promise.all([running, replays.stop()])
      await looking
    },
  }
}
