import type { Clock } from '../ports/clock.ts'
import type { FileState } from '../progress/file-state.ts'
import { fileKey } from '../tenancy/file-key.ts'
import { createMemory } from './bounded-memory.ts'

type Name = Pick<FileState, 'client' | 'filename'>

/**
 * For stores: what this process last wrote of each file. To go on from there is the same as to have looked at the file
 * then and to have been slow since: whoever else wrote it took the next version, and the commit is refused. So an update
 * of a file that one process has to itself need not read it again.
 */
export interface RecentStates {
  /** At most once for each time it was kept: what is given is the caller's own. */
  readonly take: (name: Name) => FileState | undefined
  readonly keep: (state: FileState) => void
  /** Somebody else writes it, too: for a while it is to be read each time. */
  readonly share: (name: Name) => void
  readonly isShared: (name: Name) => boolean
}

/** Far below the time for which a writer may sleep between its look and its write, as the protocol was checked. */
const KEPT_MS = 5_000
/** How long a file that somebody else writes, too, is read before each of its commits. */
const SHARED_MS = 10_000
const REMEMBERED = 5_000

/** One for each file, changed in place: a map that ever shrinks and grows leaves what it held to the garbage collector. */
interface Slot {
  state: FileState | null
  until: number
  sharedUntil: number
}

export const createRecentStates = ({ monotonic }: Pick<Clock, 'monotonic'>): RecentStates => {
  const slots = createMemory<Slot>(REMEMBERED)
  const slotOf = (name: Name): Slot => {
    const key = fileKey(name)
    const known = slots.see(key)
    if (known !== undefined) return known
    const slot = { state: null, until: 0, sharedUntil: 0 }
    slots.put(key, slot)
    return slot
  }
  return {
    take: (name) => {
      const slot = slots.see(fileKey(name))
      const state = slot?.state ?? null
      if (slot === undefined || state === null) return undefined
      slot.state = null
      return monotonic() < slot.until ? state : undefined
    },
    keep: (state) => {
      const slot = slotOf(state)
      const now = monotonic()
      if (now < slot.sharedUntil) return
      slot.state = copyOf(state)
      slot.until = now + KEPT_MS
    },
    share: (name) => {
      const slot = slotOf(name)
      slot.state = null
      slot.sharedUntil = monotonic() + SHARED_MS
    },
    isShared: (name) => monotonic() < (slots.see(fileKey(name))?.sharedUntil ?? 0),
  }
}

/** By hand, as a general copy costs more than the rest of an update. */
const copyOf = (state: FileState): FileState => ({
  ...state,
  counts: { ...state.counts },
  completion: state.completion === null ? null : { ...state.completion },
  pace: { ...state.pace },
  issues: { error: digestOf(state.issues.error), warning: digestOf(state.issues.warning) },
  former: state.former.length === 0 ? NONE : state.former.map((life) => ({ ...life })),
})

const digestOf = (digest: FileState['issues']['error']): FileState['issues']['error'] => ({
  ...digest,
  top: digest.top.length === 0 ? NONE : digest.top.map((pattern) => ({ ...pattern })),
})

const NONE: readonly never[] = Object.freeze([])
