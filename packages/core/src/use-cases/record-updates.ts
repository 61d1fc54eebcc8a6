import type { Clock } from '../ports/clock.ts'
import type { Change, ProgressStore } from '../ports/progress-store.ts'
import type { RecordUpdate } from '../progress/update.ts'
import { fileKey } from '../tenancy/file-key.ts'
import type { Outcome } from './outcome.ts'
import {
  asAttempted,
  createPendingCall,
  maskIssues,
  type PendingCall,
  type PendingUpdate,
  storedBytes,
} from './pending-update.ts'
import { type FilePlan, openRequest, planFile } from './plan-file.ts'
import { createTableCache } from './table-cache.ts'

export interface RecorderDeps {
  readonly store: ProgressStore
  readonly clock: Clock
  /** How many updates share a commit at most, 4,000 unless said: more cost less each, and keep the process busy longer. */
  readonly maxGroupUpdates?: number
  /**
   * How long (ms) a group may wait for more while many wait and more come; 0 unless said. For callers for whom nobody
   * waits: what they bring for one file is then written once.
   */
  readonly lingerMs?: number
  /** Told after each group: how many updates shared it and how long its commit took, for metrics. */
  readonly onGroup?: (group: { readonly updates: number; readonly files: number; readonly ms: number }) => void
}

/** The one way in for updates, whatever channel they come by. */
export interface Recorder {
  /**
   * Applies updates, each exactly once for its id, and answers each with one outcome, in order. An answer means that
   * the update is durable. Updates of one file are applied in the order in which they were handed over.
   * Rejects only by a bug; a store that is away is the outcome `unavailable`.
   */
  readonly record: (commands: readonly RecordUpdate[]) => Promise<readonly Outcome[]>
}

const MAX_GROUP_BYTES = 8 * 1024 * 1024
const MAX_GROUP_UPDATES = 4_000
/**
 * How long one file is tried again, when others keep winning its version or the store is slow, before its callers get
 * `unavailable`: they are to be answered within 10 s.
 */
const GIVE_UP_AFTER_MS = 10_000
/** How long an update may wait behind a group that then fails, and still have a try of its own. */
const WAITED_MS = 1_500
const CACHED_PATTERN_ROWS = 50_000
/** Fewer are not worth a group before the turn is over. */
const LEAST_SHARE = 8
/** Fewer are not waited with; so many are not waited for more. */
const MANY = 200
const PLENTY = 4_000
const LINGER_STEP_MS = 20
/** How fast it is forgotten that more were under way at once, with each group. */
const FADING = 0.95

/**
 * Commits in groups: updates that arrive while as many commits are in flight as the store takes at once form the next
 * group, and in a group the updates of one file become one change. So a hot file costs one write for each round trip,
 * not one for each update, and an update that comes alone waits for nobody.
 */
export const createRecorder = ({
  store,
  clock,
  onGroup,
  maxGroupUpdates = MAX_GROUP_UPDATES,
  lingerMs = 0,
}: RecorderDeps): Recorder => {
  const cache = createTableCache(CACHED_PATTERN_ROWS)
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
  const { groupsAtOnce = 1 } = store

  const record = (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> =>
    new Promise((answer, fail) => {
      if (commands.length === 0) return answer([])
      const call = createPendingCall(commands.length, answer, fail)
      const since = clock.monotonic()
      for (let place = 0; place < commands.length; place += 1)
        submit(commands[place] as RecordUpdate, call, place, since)
      pump()
    })

  const submit = (command: RecordUpdate, call: PendingCall, place: number, since: number): void => {
    const masking = maskIssues(command, clock)
    const masked = masking instanceof Promise ? null : masking
    const bytes = storedBytes(command)
    const slot: PendingUpdate = { command, masked, bytes, attempted: false, call, place, since }
    waiting.push(slot)
    if (!(masking instanceof Promise)) return
    masking.then(
      (masked) => {
        slot.masked = masked
        pump()
      },
      (bug) => {
        waiting = waiting.filter((other) => other !== slot)
        slot.call.fail(bug)
        pump()
      },
    )
  }

  const pump = (): void => {
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
    const files = takeGroup()
    stuck = files.size === 0
    if (stuck) return
    underWay += 1
    pump()
    void commitGroup(files).then(() => {
      underWay -= 1
      stuck = false
      pump()
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

  const takeGroup = (): Map<string, PendingUpdate[]> => {
    const files = new Map<string, PendingUpdate[]>()
    const left: PendingUpdate[] = []
    let bytes = 0
    let updates = 0
    let full = false
    const held = new Set<string>()
    most = Math.max(most * FADING, waiting.length + inFlight)
    // What is for one file stays together.
    const share = shareOf()
    for (const item of waiting) {
      const key = fileKey(item.command)
      full ||= updates > 0 && (bytes + item.bytes > MAX_GROUP_BYTES || updates >= maxGroupUpdates)
      const enough = full || (updates >= share && !files.has(key))
      if (enough || item.masked === null || busy.has(key) || held.has(key)) {
        held.add(key)
        left.push(item)
        continue
      }
      bytes += item.bytes
      updates += 1
      const items = files.get(key)
      if (items === undefined) files.set(key, [item])
      else items.push(item)
    }
    waiting = left
    inFlight += updates
    for (const key of files.keys()) busy.add(key)
    return files
  }

  const commitGroup = async (files: Map<string, PendingUpdate[]>): Promise<void> => {
    const started = clock.monotonic()
    const left = await attempt(files, false)
    for (const key of files.keys()) if (!left.has(key)) busy.delete(key)
    const updates = [...files.values()].reduce((sum, items) => sum + items.length, 0)
    inFlight -= updates
    onGroup?.({
      updates,
      files: files.size,
      ms: clock.monotonic() - started,
    })
    // A file that others write, too, must not hold up the rest: it goes on by itself.
    for (const [key, items] of left) void persist(key, items, started)
  }

  const persist = async (key: string, items: PendingUpdate[], started: number): Promise<void> => {
    let left = new Map([[key, items]])
    let begun = started
    for (let tries = 0; left.size > 0; tries += 1) {
      // A try that takes as long as the last one must end in time, too.
      const [now, before] = [clock.monotonic(), begun]
      if (now - started + (now - before) > GIVE_UP_AFTER_MS) {
        const slow = now - before > WAITED_MS
        const cause = new Error(slow ? 'the store is slow' : 'the file is written by others all the time')
        giveUp([...left.values()].flat(), cause)
        if (slow) giveUpWaiting(cause)
        break
      }
      begun = now
      await clock.sleep(Math.min(200, 2 ** tries) * (0.5 + clock.random()))
      left = await attempt(left, true)
    }
    busy.delete(key)
    pump()
  }

  /** One round: open, plan, commit. What has to be tried again comes back. */
  const attempt = async (
    files: ReadonlyMap<string, PendingUpdate[]>,
    thorough: boolean,
  ): Promise<Map<string, PendingUpdate[]>> => {
    const left = new Map<string, PendingUpdate[]>()
    try {
      const keys = [...files.keys()]
      const groups = [...files.values()]
      const opened = await store.open(groups.map((items) => openRequest(items, thorough, cache)))
      const plans: { key: string; items: PendingUpdate[]; plan: FilePlan }[] = []
      for (const [index, answer] of opened.entries()) {
        const key = keys[index] as string
        const items = groups[index] as PendingUpdate[]
        const plan = answer.kind === 'busy' ? null : await planFile(items, answer, cache, clock)
        if (plan === null || plan.unsure) left.set(key, items)
        else plans.push({ key, items, plan })
      }
      const changing = plans.filter(({ plan }) => plan.change !== null)
      const results = changing.length === 0 ? [] : await store.commit(changing.map(({ plan }) => plan.change as Change))
      const ends = new Map(changing.map((planned, index) => [planned, results[index]]))
      for (const planned of plans) {
        const end = ends.get(planned) ?? 'committed'
        if (end === 'committed') settlePlan(planned.items, planned.plan)
        else left.set(planned.key, end === 'unknown' ? planned.items.map(asAttempted) : planned.items)
      }
    } catch (cause) {
      const items = [...files.values()].flat()
      if (cause instanceof Error && 'code' in cause && cause.code === 'STORE_UNAVAILABLE') {
        giveUp(items, cause)
        giveUpWaiting(cause)
      } else for (const { call } of items) call.fail(cause)
      left.clear()
    }
    return left
  }

  const settlePlan = (items: readonly PendingUpdate[], plan: FilePlan): void => {
    const outcomes = plan.outcomes()
    plan.keepTables()
    for (let index = 0; index < items.length; index += 1) {
      const { call, place } = items[index] as PendingUpdate
      call.settle(place, outcomes[index] as Outcome)
    }
  }

  const giveUp = (items: readonly PendingUpdate[], cause: Error): void => {
    for (const { call, place } of items) call.settle(place, { kind: 'unavailable', cause })
  }

  /** The store is away or slow: what has waited behind it gets its answer now, as its own try would end too late. */
  const giveUpWaiting = (cause: Error): void => {
    const now = clock.monotonic()
    const { late = [], left = [] } = Object.groupBy(waiting, ({ masked, since }) =>
      masked !== null && now - since > WAITED_MS ? 'late' : 'left',
    )
    waiting = left
    giveUp(late, cause)
  }

  return { record }
}
