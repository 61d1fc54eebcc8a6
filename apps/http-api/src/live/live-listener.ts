import type { Writable } from 'node:stream'
import type { ClientKrn, FileName } from '@pebbles/core'
import { createFrameQueue, type Frame, type FrameQueue } from './frame-queue.ts'

/** One open stream. It never queues more than the newest frame of each file, nor more than `MOST_WAITING` of them. */
export interface LiveListener {
  readonly client: ClientKrn
  readonly filename: FileName | null
  readonly offer: (frame: Frame) => void
  /** Until it is over, live frames wait: what is told again of the past goes first, so that ids only ever grow. */
  readonly replay: (past: () => Promise<void>) => Promise<void>
  readonly offerPast: (frame: Frame) => void
  /** To load anew, in the place of all that waits; it waits itself where the listener is slow. */
  readonly reset: () => void
  readonly greet: (text: string) => void
  /** Left out where something waits already, or is being told of the past. */
  readonly comment: (text: string) => void
  /** It is there, is being told of the past, and was not told to load anew since: that has all of the past. */
  readonly isReplaying: () => boolean
  /** Says why, and is gone soon, also when nobody reads it. */
  readonly end: (why: string) => void
}

/** Whether a listener is to be told of this file of its client. */
export const hears = (listener: Pick<LiveListener, 'filename'>, filename: string): boolean =>
  listener.filename === null || listener.filename === filename

/** Bytes. So far behind, to load anew is cheaper for both. */
const MOST_WAITING = 1_048_576
/** The time for the last word to be read, ms. */
const GRACE_MS = 5_000

export const createLiveListener = (
  response: Writable,
  scope: { readonly client: ClientKrn; readonly filename: FileName | null },
  resetFrame: () => string,
): LiveListener => {
  const waiting = createFrameQueue()
  const held = createFrameQueue()
  let replaying = false

  const isOpen = (): boolean => !response.writableEnded && !response.destroyed
  const isFree = (): boolean => isOpen() && !response.writableNeedDrain
  const flush = (): void => {
    while (isFree()) {
      const frame = waiting.take()
      if (frame === undefined) return
      response.write(frame.text())
    }
  }
  response.on('drain', flush)

  const reset = (): void => {
    replaying = false
    held.clear()
    waiting.clear()
    waiting.put({ subject: 'reset', version: 0, text: resetFrame })
    flush()
  }
  const offerTo = (queue: FrameQueue, frame: Frame): void => {
    queue.put(frame)
    flush()
    if (waiting.bytes() + held.bytes() > MOST_WAITING) reset()
  }

  return {
    ...scope,
    offer: (frame) => offerTo(replaying ? held : waiting, frame),
    offerPast: (frame) => {
      if (replaying) offerTo(waiting, frame)
    },
    replay: async (past) => {
      replaying = true
      await past().finally(() => {
        replaying = false
        for (let frame = held.take(); frame !== undefined; frame = held.take()) waiting.put(frame)
        flush()
      })
    },
    reset,
    greet: (text) => {
      if (isOpen()) response.write(text)
    },
    comment: (text) => {
      if (isFree() && !replaying) response.write(text)
    },
    isReplaying: () => replaying && isOpen(),
    end: (why) => {
      if (!isOpen()) return
      response.end(`: ${why}\n\n`)
      const grace = setTimeout(() => response.destroy(), GRACE_MS).unref()
      response.once('close', () => clearTimeout(grace))
    },
  }
}
