import type { FeedPosition } from '@pebbles/core'

/** What a listener names to go on: the feed's position, and until when it knows which files are stalled (ms). */
export interface EventId {
  readonly position: FeedPosition
  readonly knownUntil: number
}

const FORM = /^([A-Za-z0-9_:.+/=-]{1,512})~([0-9a-z]{1,11})$/

export const formatEventId = ({ position, knownUntil }: EventId): string => `${position}~${knownUntil.toString(36)}`

export const parseEventId = (text: string): EventId | null => {
  const [, position, time] = FORM.exec(text) ?? []
  return position === undefined || time === undefined ? null : { position, knownUntil: Number.parseInt(time, 36) }
}
