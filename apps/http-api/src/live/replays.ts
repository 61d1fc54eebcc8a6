import type { ChangeFeed, Clock, FeedEvent, FeedPosition } from '@pebbles/core'
import type { EventFrames } from './event-frames.ts'
import type { EventId } from './event-id.ts'
import { hears, type LiveListener } from './live-listener.ts'
import type { StalledFiles } from './stalled-files.ts'

export interface Replays {
  /** Tells a listener what it missed; resolves when it was, or was told to load anew, or is gone. */
  readonly tell: (listener: LiveListener, since: EventId) => Promise<void>
  readonly stop: () => Promise<void>
}

export interface ReplayDeps {
  readonly feed: Pick<ChangeFeed, 'changes' | 'covers'>
  readonly clock: Clock
  readonly frames: EventFrames
  readonly stalled: StalledFiles
  /** Where the live feed stands: all that comes after it each listener is told anyway. */
  readonly here: () => FeedPosition
}

interface Missing extends EventId {
  readonly listener: LiveListener
  readonly cameAt: number
  readonly done: () => void
}

const PAGE = 500
/** What is read of the past goes by the connections that updates need. */
const AT_ONCE = 2
/** Beyond so many changes, or after so long a wait (ms), to load anew is cheaper for both. */
const MOST_CHANGES = 100_000
const LONGEST_WAIT_MS = 30_000

/**
 * All listeners of a process that was started anew come back at once. They are told of the past together: once it is
 * read, from where the one stands that is furthest behind, and each is told what is its own and after its own place.
 */
export const createReplays = ({ feed, clock, frames, stalled, here }: ReplayDeps): Replays => {
  let waiting: readonly Missing[] = []
  const running = new Set<Promise<void>>()

  const next = (): void => {
    while (running.size < AT_ONCE) {
      dropLost()
      const [first, ...others] = waiting
      if (first === undefined) return
      const furthest = others.reduce((one, other) => (feed.covers(other.position, one.position) ? other : one), first)
      const together = new Set(
        waiting.filter((one) => one === furthest || feed.covers(furthest.position, one.position)),
      )
      waiting = waiting.filter((one) => !together.has(one))
      const run = replay(furthest, [...together])
        .catch(() => {
          // The store is away: whoever is cut off comes back to where it was.
          for (const { listener } of together) if (listener.isReplaying()) listener.end('come back')
        })
        .finally(() => {
          const again = new Set(waiting)
          for (const one of together) if (!again.has(one)) one.done()
          running.delete(run)
          next()
        })
      running.add(run)
    }
  }

  const dropLost = (): void => {
    const late = clock.monotonic() - LONGEST_WAIT_MS
    waiting = waiting.filter((one) => {
      if (one.listener.isReplaying() && one.cameAt >= late) return true
      if (one.listener.isReplaying()) one.listener.reset()
      one.done()
      return false
    })
  }

  const replay = async (furthest: Missing, all: readonly Missing[]): Promise<void> => {
    const goal = here()
    const knownUntil = Math.min(...all.map((one) => one.knownUntil))
    let at = furthest.position
    for (let told = 0; ; ) {
      const members = all.filter(({ listener }) => listener.isReplaying())
      if (members.length === 0) return
      const page = told < MOST_CHANGES ? await feed.changes(at, PAGE) : null
      if (page === null) {
        giveUp(furthest, members, at)
        return
      }
      const behind = members.filter(({ position }) => !feed.covers(page.position, position))
      tellEach(behind, page.events, knownUntil)
      told += page.events.length
      at = page.position
      // Where all is busy no page is ever empty.
      if (page.events.length === 0 || feed.covers(goal, at)) break
    }
    await tellStalled(all, { position: at, knownUntil })
  }

  /** One place is unknown, or too far back: that is no matter of those that are further on. */
  const giveUp = (furthest: Missing, members: readonly Missing[], at: FeedPosition): void => {
    const others = new Set(
      members.filter(({ position }) => position !== furthest.position && feed.covers(at, position)),
    )
    for (const one of members) if (!others.has(one) && one.listener.isReplaying()) one.listener.reset()
    waiting = [...others, ...waiting]
  }

  const tellEach = (members: readonly Missing[], events: readonly FeedEvent[], knownUntil: number): void => {
    const byClient = Map.groupBy(members, ({ listener }) => listener.client)
    for (const event of events) {
      const { client, filename } = event.kind === 'changed' ? event.state : event
      const its = byClient.get(client)
      if (its === undefined) continue
      const frame = frames.ofEvent(event, knownUntil)
      for (const { listener } of its) if (hears(listener, filename)) listener.offerPast(frame)
    }
  }

  const tellStalled = async (members: readonly Missing[], { position, knownUntil }: EventId): Promise<void> => {
    const byClient = Map.groupBy(members, ({ listener }) => listener.client)
    await stalled.tell(byClient.keys(), knownUntil, clock.now(), (state) => {
      const frame = frames.ofState(state, { position, knownUntil })
      for (const { listener } of byClient.get(state.client) ?? [])
        if (hears(listener, state.filename)) listener.offerPast(frame)
    })
  }

  return {
    tell: (listener, since) =>
      new Promise((done) => {
        waiting = [...waiting, { ...since, listener, cameAt: clock.monotonic(), done }]
        next()
      }),
    stop: async () => {
      for (const { done } of waiting) done()
      waiting = []
      await Promise.all(running)
    },
  }
}
