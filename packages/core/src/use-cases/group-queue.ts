import type { Clock } from '../ports/clock.ts'
import type { PendingCall, PendingUpdate } from './pending-update.ts'

/** Updates that are committed together, by file: what is for one file stays together, in order. */
export type Group = ReadonlyMap<string, readonly PendingUpdate[]>

export interface GroupQueueDeps {
  readonly clock: Clock
  /** How many groups the store takes at once. */
  readonly groupsAtOnce: number
  readonly maxGroupUpdates: number
  readonly lingerMs: number
  /** Commits a group; the next may begin in its place when it resolves. Never rejects. */
  readonly commit: (group: Group) => Promise<void>
}

/** Updates that wait for a commit, and the one rule for which of them go together, and when. */
export interface GroupQueue {
  readonly add: (item: PendingUpdate) => void
  /** Begins what can begin: to be called when something was added, can be taken now, or was released. */
  readonly wake: () => void
  /** Nothing of this file is in flight any longer. */
  readonly release: (file: string) => void
  /** Takes out what waits since before a time, and could have been taken. */
  readonly takeOlder: (than: number) => readonly PendingUpdate[]
  /** Takes out what waits for the files of these updates, by their own calls. */
  readonly takeAlong: (updates: readonly Pick<PendingUpdate, 'file' | 'call'>[]) => readonly PendingUpdate[]
}

const MAX_GROUP_BYTES = 8 * 1024 * 1024
/** Fewer are not worth a group before the turn is over. */
const LEAST_SHARE = 8
/** Fewer are not waited with; so many are not waited for more. */
const MANY = 200
const PLENTY = 4_000
const LINGER_STEP_MS = 20
/** How fast it is forgotten that more were under way at once, with each group. */
const FADING = 0.95

export const createGroupQueue = (deps: GroupQueueDeps): GroupQueue => {
  const { clock, groupsAtOnce, maxGroupUpdates, lingerMs, commit } = deps
  let waiting: PendingUpdate[] = []
  /** Files with updates in flight: what comes for them meanwhile waits, so that order within a file holds. */
  const busy = new Set<string>()
  /** Whether the next group waits for its turn. */
  let taking = false
  /** Whether nothing of what waited could be taken the last time. */
  let stuck = false
  let underWay = 0
  let inFlight = 0
  /** Updates that waited or were in flight at once, the most of late. */
  let most = 0

  const wake = (): void => {
    if (underWay === groupsAtOnce || waiting.length === 0) return
    if (!stuck && isShareFull()) {
      begin()
      return
    }
    if (taking) return
    taking = true
    void gather().then(() => {
      taking = false
      if (underWay < groupsAtOnce && waiting.length > 0) begin()
    })
  }

  const begin = (): void => {
    const { group, updates } = take()
    stuck = updates === 0
    if (stuck) return
    underWay += 1
    inFlight += updates
    wake()
    void commit(group).then(() => {
      underWay -= 1
      inFlight -= updates
      stuck = false
      wake()
    })
  }

  /** Groups side by side get like shares of what usually is under way. */
  const shareOf = (): number => Math.ceil(Math.max(most, waiting.length + inFlight) / groupsAtOnce)

  /**
   * Then the turn is not waited for: it may hold the requests of both groups, and a store that works elsewhere would
   * have nothing to do meanwhile, and then both at once.
   */
  const isShareFull = (): boolean =>
    lingerMs === 0 && groupsAtOnce > 1 && waiting.length >= Math.max(shareOf(), LEAST_SHARE)

  /**
   * One turn, so that requests parsed in the same turn of the event loop share a group. While another group is under
   * way there is time: as long as more come with each turn they are waited for, or the two would be a large and a tiny one.
   */
  const gather = async (): Promise<void> => {
    let seen: number
    do {
      seen = waiting.length
      await clock.pause()
    } while (underWay > 0 && waiting.length > seen)
    if (lingerMs > 0) await linger()
  }

  const linger = async (): Promise<void> => {
    const until = clock.monotonic() + lingerMs
    let seen = 0
    while (waiting.length > seen && waiting.length >= MANY && waiting.length < PLENTY && clock.monotonic() < until) {
      seen = waiting.length
      await clock.sleep(LINGER_STEP_MS)
    }
  }

  const take = (): { readonly group: Group; readonly updates: number } => {
    const group = new Map<string, PendingUpdate[]>()
    const left: PendingUpdate[] = []
    const held = new Set<string>()
    let bytes = 0
    let updates = 0
    let full = false
    most = Math.max(most * FADING, waiting.length + inFlight)
    const share = shareOf()
    for (const item of waiting) {
      const { file } = item
      full ||= updates > 0 && (bytes + item.bytes > MAX_GROUP_BYTES || updates >= maxGroupUpdates)
      const items = group.get(file)
      const enough = full || (updates >= share && items === undefined)
      if (enough || item.masked === null || busy.has(file) || held.has(file)) {
        held.add(file)
        left.push(item)
        continue
      }
      bytes += item.bytes
      updates += 1
      if (items === undefined) group.set(file, [item])
      else items.push(item)
    }
    waiting = left
    for (const file of group.keys()) busy.add(file)
    return { group, updates }
  }

  const takeOut = (isMeant: (item: PendingUpdate) => boolean): readonly PendingUpdate[] => {
    const { out = [], left = [] } = Object.groupBy(waiting, (item) => (isMeant(item) ? 'out' : 'left'))
    waiting = left
    return out
  }

  return {
    add: (item) => void waiting.push(item),
    wake,
    release: (file) => void busy.delete(file),
    takeOlder: (than) => {
      // They wait in the order in which they came, and mostly none is that old.
      const [oldest] = waiting
      if (oldest === undefined || oldest.since >= than) return []
      return takeOut(({ masked, since }) => masked !== null && since < than)
    },
    takeAlong: (updates) => {
      if (waiting.length === 0) return []
      const files = new Map<PendingCall, Set<string>>()
      for (const { file, call } of updates) files.set(call, (files.get(call) ?? new Set()).add(file))
      return takeOut(({ file, call }) => files.get(call)?.has(file) === true)
    },
  }
}
