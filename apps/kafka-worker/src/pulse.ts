import type { Clock } from '@pebbles/core'

/** What was heard of one consumer, and when. Nothing is asked of a broker for it: one that hangs would not answer. */
export interface Pulse {
  readonly joined: () => void
  /** The group changes: it waits to join anew. */
  readonly left: () => void
  /** Answers whether it works: a heartbeat alone says so little as a fetch before it has joined. */
  readonly heard: (kind: 'fetch' | 'batch' | 'heartbeat') => boolean
  readonly isMember: () => boolean
  /** Why it has to be replaced, by what was not heard for so long; null while it lives. */
  readonly fault: () => string | null
  /** For a while nothing was heard at all. */
  readonly isSilent: () => boolean
  /** For too long it neither fetched nor finished anything; that is a fault where something is to be fetched. */
  readonly isIdle: () => boolean
}

/** An idle consumer is heard of twice in a second. */
const SILENT_AFTER_MS = 8_000
const IDLE_AFTER_MS = 15_000
/** No heartbeat was answered for longer than the group waits for one: it has given the partitions to others. */
const FORGOTTEN_AFTER_MS = 20_000
/** Nothing heard at all for so long, joining included. */
const LOST_AFTER_MS = 90_000

export const createPulse = ({ monotonic }: Pick<Clock, 'monotonic'>): Pulse => {
  let isMember = false
  let heardAt = monotonic()
  let workedAt = heardAt
  let beatAt = heardAt
  const isOlder = (at: number, ms: number): boolean => monotonic() - at > ms
  return {
    joined: () => {
      isMember = true
      workedAt = monotonic()
      beatAt = workedAt
    },
    left: () => {
      isMember = false
    },
    heard: (kind) => {
      heardAt = monotonic()
      if (kind === 'heartbeat') beatAt = heardAt
      if (kind === 'heartbeat' || !isMember) return false
      workedAt = heardAt
      return true
    },
    isMember: () => isMember,
    fault: () => {
      if (isOlder(heardAt, LOST_AFTER_MS)) return 'nothing was heard of the broker'
      return isMember && isOlder(beatAt, FORGOTTEN_AFTER_MS) ? 'the group does not answer' : null
    },
    isSilent: () => isOlder(heardAt, SILENT_AFTER_MS),
    isIdle: () => isOlder(workedAt, IDLE_AFTER_MS),
  }
}
