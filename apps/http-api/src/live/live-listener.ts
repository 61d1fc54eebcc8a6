import type { Writable } from 'node:stream'
import type { ClientKrn, FileName } from '@pebbles/core'

/** One event, ready to be sent; its text is made once for all listeners. */
export interface Frame {
  /** What it is about: a newer frame of the same subject takes the place of one that waits. */
  readonly subject: string
  /** Orders frames of one subject. */
  readonly version: number
  readonly text: () => string
}

/** One open stream. It never queues more than the newest frame of each file. */
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
  readonly isOpen: () => boolean
  readonly end: () => void
}

const MOST_WAITING = 10_000

export const createLiveListener = (
  response: Writable,
  scope: { readonly client: ClientKrn; readonly filename: FileName | null },
  resetFrame: () => string,
): LiveListener => {
  const waiting = new Map<string, Frame>()
  const held = new Map<string, Frame>()
  let replaying = false

  const isOpen = (): boolean => !response.writableEnded && !response.destroyed
  const isFree = (): boolean => isOpen() && !response.writableNeedDrain
  const flush = (): void => {
    for (const [subject, frame] of waiting) {
      if (!isFree()) return
      waiting.delete(subject)
      response.write(frame.text())
    }
  }
  response.on('drain', flush)

  const put = (queue: Map<string, Frame>, frame: Frame): void => {
    const older = queue.get(frame.subject)
    if (older !== undefined && older.version > frame.version) return
    // Away and in again: the newest is the last, so ids stay in order.
    queue.delete(frame.subject)
    queue.set(frame.subject, frame)
    // So far behind, telling it to load anew is cheaper for both.
    if (queue.size > MOST_WAITING) reset()
  }
  const reset = (): void => {
    held.clear()
    waiting.clear()
    waiting.set('reset', { subject: 'reset', version: 0, text: resetFrame })
  }

  return {
    ...scope,
    offer: (frame) => {
      put(replaying ? held : waiting, frame)
      flush()
    },
    offerPast: (frame) => {
      put(waiting, frame)
      flush()
    },
    replay: async (past) => {
      replaying = true
      await past().finally(() => {
        replaying = false
        for (const frame of held.values()) put(waiting, frame)
        held.clear()
        flush()
      })
    },
    reset: () => {
      reset()
      flush()
    },
    greet: (text) => {
      if (isOpen()) response.write(text)
    },
    comment: (text) => {
      if (isFree() && !replaying) response.write(text)
    },
    isOpen,
    end: () => {
      response.end(': the server stops\n\n')
    },
  }
}
