import type { Clock, FeedEvent, FeedPosition, FileState } from '@pebbles/core'
import { recordOf } from '@pebbles/wire'
import { type EventId, formatEventId } from './event-id.ts'
import type { Frame } from './frame-queue.ts'

export interface EventFrames {
  readonly ofEvent: (event: FeedEvent, knownUntil: number) => Frame
  readonly ofState: (state: FileState, id: EventId) => Frame
}

export const createEventFrames = (deps: { readonly clock: Clock; readonly stalledAfterMs: number }): EventFrames => {
  const { clock, stalledAfterMs } = deps
  const ofState = (state: FileState, id: EventId): Frame =>
    frame(state.fileId, state.version, 'progress', id, () => recordOf(state, { now: clock.now(), stalledAfterMs }))
  return {
    ofState,
    ofEvent: (event, knownUntil) => {
      const id: EventId = { position: event.position, knownUntil }
      if (event.kind === 'changed') return ofState(event.state, id)
      const { client, filename, fileId, version } = event
      // Its own version, as a file may come back: it goes to another client, and returns.
      return frame(fileId, version, 'deleted', id, () => ({ id: fileId, clientKrn: client, filename }))
    },
  }
}

export const helloText = (id: string): string => `retry: 2000\nevent: hello\nid: ${id}\ndata: {}\n\n`

/** No event, but with a place: who heard of nothing for days need not go days back. */
export const commentText = (id: EventId): string => `:\nid: ${formatEventId(id)}\n\n`

export const resetText = (position: FeedPosition, knownUntil: number): string =>
  `event: reset\nid: ${formatEventId({ position, knownUntil })}\ndata: {}\n\n`

const frame = (subject: string, version: number, event: string, id: EventId, data: () => object): Frame => {
  let text: string | null = null
  return {
    subject,
    version,
    text: () => {
      text ??= `event: ${event}\nid: ${formatEventId(id)}\ndata: ${JSON.stringify(data())}\n\n`
      return text
    },
  }
}
