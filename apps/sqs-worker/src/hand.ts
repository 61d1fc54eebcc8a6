import { getHeapStatistics } from 'node:v8'
import type { Clock } from '@pebbles/core'
import type { QueueMessage } from '@pebbles/intake'
import type { Received } from './sqs-message.ts'

/** What was received, and not yet deleted or given back. */
export interface Hand {
  /** Resolves when there is room for one more receive, or none is needed any longer; keeps it until it is given back. */
  readonly room: () => Promise<() => void>
  /** Holds messages for as long as something is done with them. */
  readonly hold: (received: readonly Received[], work: Promise<void>) => void
  readonly isEmpty: () => boolean
  /** Lets go whoever waits for room. */
  readonly close: () => void
  /** Resolves when nothing is done any longer with what was in hand at the call. */
  readonly emptied: () => Promise<void>
}

/** The fewest and the most messages that there is room for: of thousands several are for one file, and written as one. */
const LEAST = 480
const MOST = 8_000
const MOST_CHARACTERS = 32 * 1024 * 1024
/** Of all the heap, which is more than its old part: until it is done with, a message is there as it came, parsed and stored. */
const SHARE_OF_HEAP = 0.04
/** What one receive brings at most: of messages, and of characters before the first has come. */
const RECEIVED = 10
const FIRST_CHARACTERS = RECEIVED * 1024 * 1024
/** What is in hand has to be done within a stop: it grows to what is done so soon, and shrinks where it takes so long. */
const SOON_MS = 2_000
const LONG_MS = 4_000
/** At most so much at once for each message that was done: a full hand waits, and nothing is received meanwhile. */
const GROWTH = 3

/** Bounded by how fast it gets empty, and by the heap; `onEmpty` is told each time that it is empty. */
export const createHand = (
  { monotonic }: Pick<Clock, 'monotonic'>,
  onEmpty: () => void,
  heapBytes = getHeapStatistics().heap_size_limit,
): Hand => {
  const mostCharacters = Math.min(MOST_CHARACTERS, heapBytes * SHARE_OF_HEAP)
  const works = new Set<Promise<void>>()
  let most = LEAST
  let messages = 0
  let characters = 0
  /** Receives that are under way, and the characters that one may bring: as the largest of late. */
  let underWay = 0
  let likely = FIRST_CHARACTERS
  let shrunkAt = Number.NEGATIVE_INFINITY
  let closed = false
  let changed = Promise.withResolvers<void>()
  const tell = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const isFull = (): boolean =>
    messages + underWay * RECEIVED >= most || characters + underWay * likely >= mostCharacters

  const adapt = (since: number, done: number): void => {
    const now = monotonic()
    const took = Math.max(1, now - since)
    if (took < SOON_MS) most = Math.min(MOST, most + done * Math.min(GROWTH, SOON_MS / took - 1))
    // Once for all that were taken before.
    if (now - since < LONG_MS || since < shrunkAt) return
    most = Math.max(LEAST, most / 2)
    shrunkAt = now
  }

  return {
    room: async () => {
      while (isFull() && !closed) await changed.promise
      underWay += 1
      return () => {
        underWay -= 1
        tell()
      }
    },
    hold: (received, work) => {
      const since = monotonic()
      const size = received.reduce((sum, { message }) => sum + sizeOf(message), 0)
      messages += received.length
      characters += size
      likely = Math.max(size, likely / 2)
      const held = work.finally(() => {
        messages -= received.length
        characters -= size
        works.delete(held)
        adapt(since, received.length)
        tell()
        if (works.size === 0) onEmpty()
      })
      works.add(held)
    },
    isEmpty: () => works.size === 0,
    close: () => {
      closed = true
      tell()
    },
    emptied: async () => void (await Promise.all(works)),
  }
}

/** An attribute is there as bytes and as text. */
const sizeOf = ({ body, headers }: QueueMessage): number =>
  headers.reduce((sum, [, value]) => sum + 2 * value.byteLength, body?.length ?? 0)
