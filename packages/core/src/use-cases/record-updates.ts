import type { Clock } from '../ports/clock.ts'
import {
  type Change,
  isStoreUnavailable,
  type Opened,
  type ProgressStore,
  StoreUnavailable,
} from '../ports/progress-store.ts'
import type { RecordUpdate } from '../progress/update.ts'
import { fileKey } from '../tenancy/file-key.ts'
import { createGroupQueue, type Group } from './group-queue.ts'
import type { Outcome } from './outcome.ts'
import { createPendingCall, maskIssues, type PendingCall, type PendingUpdate, storedBytes } from './pending-update.ts'
import { type FilePlan, openRequest, planFile } from './plan-file.ts'
import { createTableCache } from './table-cache.ts'
import { createTries, mostWaited, msLeft } from './tries.ts'

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
   * the update is durable. Updates of one file are applied in the order in which they were handed over: what cannot
   * be applied yet takes along what its call brings for the same file after it, so that a repeat of all that is
   * `unavailable` finds nothing that came later applied before it. What other calls bring has a try of its own.
   * Rejects only by a bug; a store that is away is the outcome `unavailable`.
   */
  readonly record: (commands: readonly RecordUpdate[]) => Promise<readonly Outcome[]>
}

interface PlannedFile {
  readonly file: string
  readonly items: readonly PendingUpdate[]
  readonly plan: FilePlan
}

const MAX_GROUP_UPDATES = 4_000
/** How long an update may wait behind a group that then fails, and still have a try of its own. */
const WAITED_MS = 1_500
/** Some 150 MB at most. */
const CACHED_TABLES_WEIGHT = 6 * 1_024 * 1_024

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
  const cache = createTableCache(CACHED_TABLES_WEIGHT)
  const queue = createGroupQueue({
    ...{ clock, maxGroupUpdates, lingerMs, groupsAtOnce: store.groupsAtOnce ?? 1 },
    commit: (group) => commit(group),
  })

  const record = (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> =>
    new Promise((answer, fail) => {
      if (commands.length === 0) return answer([])
      const call = createPendingCall(commands.length, answer, fail)
      const since = clock.monotonic()
      for (let place = 0; place < commands.length; place += 1)
        submit(commands[place] as RecordUpdate, call, place, since)
      queue.wake()
    })

  const submit = (command: RecordUpdate, call: PendingCall, place: number, since: number): void => {
    const masking = maskIssues(command, clock)
    const masked = masking instanceof Promise ? null : masking
    const file = fileKey(command)
    const bytes = storedBytes(command)
    const item: PendingUpdate = { command, file, masked, bytes, attempted: false, call, place, since }
    queue.add(item)
    if (!(masking instanceof Promise)) return
    masking.then(
      (masked) => {
        item.masked = masked
        queue.wake()
      },
      (bug) => {
        fail([item], bug)
        queue.wake()
      },
    )
  }

  const commit = async (group: Group): Promise<void> => {
    const started = clock.monotonic()
    const left = await attempt(group, false, started)
    let updates = 0
    for (const [file, items] of group) {
      updates += items.length
      if (!left.has(file)) queue.release(file)
    }
    const ms = clock.monotonic() - started
    onGroup?.({ updates, files: group.size, ms })
    // Also behind one that was stored in the end.
    giveUpWaiting(new Error('the store is slow'), mostWaited(ms))
    // A file that others write, too, must not hold up the rest: it goes on by itself.
    for (const [file, items] of left) void persist(file, items, started)
  }

  const persist = async (file: string, items: readonly PendingUpdate[], started: number): Promise<void> => {
    let left: Group = new Map([[file, items]])
    const tries = createTries(clock, started)
    while (left.size > 0) {
      if (await tries.again()) {
        left = await attempt(left, true, started)
        continue
      }
      const slow = tries.lastMs() > WAITED_MS
      const waiting = [...left.values()].flat()
      const isOpen = waiting.some(({ attempted }) => attempted)
      const why = isOpen
        ? 'the store did not say what became of a commit'
        : 'the file is written by others all the time'
      const cause = new Error(slow ? 'the store is slow' : why)
      giveUp(waiting, cause)
      if (slow) giveUpWaiting(cause, WAITED_MS)
      break
    }
    queue.release(file)
    queue.wake()
  }

  /**
   * One round: open, plan, commit. What has to be tried again comes back. A commit that would end too late if it took as
   * long as the look is not begun: then it is sure that nothing was stored.
   */
  const attempt = async (group: Group, thorough: boolean, started: number): Promise<Group> => {
    const left = new Map<string, readonly PendingUpdate[]>()
    let changing: readonly PlannedFile[] = []
    try {
      const files = [...group]
      const asked = clock.monotonic()
      const requests = files.map(([, items]) => openRequest(items, thorough, cache))
      const opened = await store.open(requests, msLeft(clock, started))
      const lookMs = clock.monotonic() - asked
      const plans: PlannedFile[] = []
      for (const [index, [file, items]] of files.entries()) {
        const answer = opened[index] as Opened
        const plan = answer.kind === 'busy' ? null : await planFile(items, answer, cache, clock)
        if (plan === null || plan.unsure) left.set(file, items)
        else plans.push({ file, items, plan })
      }
      changing = plans.filter(({ plan }) => plan.change !== null)
      if (changing.length > 0 && lookMs > msLeft(clock, started)) throw new StoreUnavailable('the store is slow')
      const changes = changing.map(({ plan }) => plan.change as Change)
      const results = changes.length === 0 ? [] : await store.commit(changes, msLeft(clock, started))
      let next = 0
      for (const planned of plans) {
        const end = planned.plan.change === null ? 'committed' : results[next++]
        if (end === 'committed') settlePlan(planned.items, planned.plan)
        else left.set(planned.file, end === 'unknown' ? inDoubt(planned) : planned.items)
      }
    } catch (cause) {
      const items = [...group.values()].flat()
      left.clear()
      if (isStoreUnavailable(cause)) {
        giveUp(items, cause)
        giveUpWaiting(cause, Math.min(WAITED_MS, mostWaited(clock.monotonic() - started)))
      } else if (group.size === 1) fail(items, cause)
      // A bug that one file meets must not fail the others: each goes on by itself.
      else {
        for (const [file, its] of group) left.set(file, its)
        for (const planned of changing) left.set(planned.file, inDoubt(planned))
      }
    }
    return left
  }

  /** A repeat in the very group of its first stays one, whatever became of the commit. */
  const inDoubt = ({ items, plan }: PlannedFile): readonly PendingUpdate[] =>
    items.map((item, place) => (plan.holds(place) ? { ...item, attempted: true } : item))

  const settlePlan = (items: readonly PendingUpdate[], plan: FilePlan): void => {
    const outcomes = plan.outcomes()
    plan.keepTables()
    for (let index = 0; index < items.length; index += 1) {
      const { call, place } = items[index] as PendingUpdate
      call.settle(place, outcomes[index] as Outcome)
    }
  }

  const giveUp = (items: readonly PendingUpdate[], cause: Error): void => {
    for (const { call, place } of [...items, ...queue.takeAlong(items)])
      call.settle(place, { kind: 'unavailable', cause })
  }

  const fail = (items: readonly PendingUpdate[], bug: unknown): void => {
    // Whoever was told of it may bring all of it again: nothing of it goes on meanwhile.
    queue.takeAlong(items)
    for (const { call } of items) call.fail(bug)
  }

  /** The store is away or slow: what has waited for longer gets its answer now, as its own try would end too late. */
  const giveUpWaiting = (cause: Error, longestMs: number): void => {
    giveUp(queue.takeOlder(clock.monotonic() - longestMs), cause)
  }

  return { record }
}
