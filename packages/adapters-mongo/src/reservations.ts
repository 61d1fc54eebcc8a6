import type { Clock, FileId } from '@pebbles/core'
import { createMemory } from '@pebbles/core'

/** What this process knows of names that are taken and not yet committed on. */
export interface Reservations {
  /** Notes that a caller was told to commit on it. */
  readonly handOut: (name: string, fileId: FileId, email: string) => void
  /**
   * Whether a first commit may be made: nothing else makes it visible than the document that stands for its name. One
   * that has another owner than the first update that was accepted does not do; the name will be reserved anew for that one.
   */
  readonly mayCommit: (name: string, fileId: FileId, email: string) => 'yes' | 'unknown' | 'another owner'
  /** Who a name is to be reserved for, when the request says this one. */
  readonly ownerOf: (name: string, email: string) => string
  /**
   * Whether another's reservation, met in the way, has had its time since it was first met; yes is said once. More time
   * is given with each that was ended: two first writers who end each other's at once would keep each other off for ever.
   */
  readonly isOver: (name: string, fileId: FileId) => boolean
}

const PATIENCE_MS = 100
const MOST_PATIENCE_MS = 5_000
const REMEMBERED = 100_000

export const createReservations = ({ monotonic }: Pick<Clock, 'monotonic'>): Reservations => {
  const handed = createMemory<{ readonly email: string }>(REMEMBERED)
  const owners = createMemory<string>(REMEMBERED)
  const met = createMemory<{ readonly fileId: FileId; readonly since: number; readonly ended: number }>(REMEMBERED)
  return {
    handOut: (name, fileId, email) => handed.put(`${name}\n${fileId}`, { email }),
    mayCommit: (name, fileId, email) => {
      const reserved = handed.take(`${name}\n${fileId}`)
      if (reserved === undefined) return 'unknown'
      if (reserved.email === email) {
        owners.take(name)
        return 'yes'
      }
      owners.put(name, email)
      return 'another owner'
    },
    ownerOf: (name, email) => owners.see(name) ?? email,
    isOver: (name, fileId) => {
      const now = monotonic()
      const known = met.take(name)
      const ended = known?.ended ?? 0
      const waited = known?.fileId === fileId ? now - known.since : -1
      const over = waited >= Math.min(PATIENCE_MS * 2 ** ended, MOST_PATIENCE_MS)
      if (over) met.put(name, { fileId, since: now, ended: ended + 1 })
      else met.put(name, { fileId, since: waited < 0 ? now : (known?.since ?? now), ended })
      return over
    },
  }
}
