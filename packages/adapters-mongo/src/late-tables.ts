import type { Change, Clock, FileId, RecentStates } from '@pebbles/core'
import type { Collections } from './collections.ts'
import type { RowDocument } from './documents.ts'
import { joinCalls } from './join-calls.ts'
import { catchTablesUp, gapsOf, type TableGap, tableKey, writeTables } from './pattern-tables.ts'
import { isAway } from './store-errors.ts'

/**
 * Tables of patterns follow their documents some seconds later, one write for many updates: whoever reads one that lags
 * brings it forward from the journal, in whichever process.
 */
export interface LateTables {
  /**
   * Takes what committed changes bring, in the order of their commits. What others write, too, is written at once, as
   * each of them would have to bring it forward before its next commit; else it waits only while too much waits already.
   */
  readonly take: (changes: readonly Change[]) => Promise<void>
  /** Writes what waits, as far as the store answers. */
  readonly stop: () => Promise<void>
}

export interface LateTablesDeps {
  readonly collections: Collections
  readonly clock: Pick<Clock, 'monotonic'>
  /** Others write it, too. */
  readonly isShared: RecentStates['isShared']
}

interface Waiting {
  readonly fileId: FileId
  readonly kind: TableGap['kind']
  readonly from: number
  to: number
  readonly rows: Map<number, RowDocument>
  since: number
}

/** A reader folds what was committed meanwhile: some dozens of entries of a hot file. */
const WAIT_MS = 5_000
const LOOK_EVERY_MS = 500
const MOST_ROWS = 50_000
/** Since when what is to be written at once has waited: before all else. */
const AT_ONCE = -1
const NOTHING = Number.NEGATIVE_INFINITY

export const createLateTables = ({ collections, clock, isShared }: LateTablesDeps): LateTables => {
  /** Those that wait longest come first. */
  let waiting = new Map<string, Waiting>()
  let rows = 0
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const add = (gap: TableGap, since: number): void => {
    const key = tableKey(gap.fileId, gap.kind)
    const waits = waiting.get(key)
    if (waits?.to === gap.from) {
      rows -= waits.rows.size
      waits.to = gap.to
      waits.since = Math.min(waits.since, since)
      for (const [no, row] of gap.rows) waits.rows.set(no, row)
      rows += waits.rows.size
      return
    }
    // What others wrote between the two is in neither: the table was read since, and brought to where this one begins.
    // Where it was not, as this one comes late, it is caught up.
    remove(key)
    waiting.set(key, { ...gap, rows: new Map(gap.rows), since })
    rows += gap.rows.size
  }

  const remove = (key: string): void => {
    rows -= waiting.get(key)?.rows.size ?? 0
    waiting.delete(key)
  }

  const write = async (until: number): Promise<void> => {
    const due = [...waiting].filter(([, { since }]) => since <= until)
    for (const [key] of due) remove(key)
    if (due.length === 0) return
    const gaps = due.map(([, gap]) => gap)
    try {
      if (!(await writeTables(collections, gaps))) await catchTablesUp(collections, gaps)
    } catch (error) {
      // A bug is met again by whoever reads, and can be told of it.
      if (isAway(error)) putBack(due)
      throw error
    }
  }

  const putBack = (due: readonly (readonly [string, Waiting])[]): void => {
    const since = waiting
    waiting = new Map(due)
    rows = due.reduce((sum, [, gap]) => sum + gap.rows.size, 0)
    for (const gap of since.values()) add(gap, gap.since)
    // The journal has it all. What is let go of here is caught up when the next of its table is written, or by who reads.
    for (const key of waiting.keys()) {
      if (rows <= MOST_ROWS) break
      remove(key)
    }
  }

  /** One after the other, so that what is put back is older than all that waits. */
  const writes = joinCalls({
    run: async (untils: readonly number[]) => {
      await write(Math.max(...untils))
      return untils
    },
    atOnce: 1,
  })
  const flush = async (until: number): Promise<void> => void (await writes([until]).catch(() => undefined))

  const wake = (): void => {
    if (stopped || timer !== undefined || waiting.size === 0) return
    timer = setTimeout(() => {
      void flush(clock.monotonic() - WAIT_MS).then(() => {
        timer = undefined
        wake()
      })
    }, LOOK_EVERY_MS)
    timer.unref()
  }

  return {
    take: async (changes) => {
      const now = clock.monotonic()
      let until = stopped ? now : NOTHING
      for (const change of changes) {
        const gaps = gapsOf(change)
        if (gaps.length === 0) continue
        const isUrgent = change.kind === 'update' && isShared(change.after)
        if (isUrgent) until = Math.max(until, AT_ONCE)
        for (const gap of gaps) add(gap, isUrgent ? AT_ONCE : now)
      }
      wake()
      if (rows > MOST_ROWS) until = now
      if (until !== NOTHING) await flush(until)
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await flush(Number.POSITIVE_INFINITY)
    },
  }
}
