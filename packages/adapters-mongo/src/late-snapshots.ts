import type { Clock, FileId, FileState, RecentStates } from '@pebbles/core'
import { ISSUE_KINDS } from '@pebbles/core'
import { ObjectId } from 'mongodb'
import { insertMark, type Named, removeMarks } from './behind-marks.ts'
import { type Collections, isRolledBack } from './collections.ts'
import { joinCalls } from './join-calls.ts'
import { type Step, writeSnapshots } from './snapshots.ts'

/** What is to be written before anybody is answered; `end` says that it was, or that this is open. */
export interface DueSnapshots {
  readonly steps: readonly Step[]
  readonly end: (written: boolean) => void
}

/**
 * Documents of files that are written again and again follow their journals a moment later, one write for many updates.
 * A mark in the store says of each such file that its document may be behind, before it ever is; whoever reads looks at
 * the marks first (`bringForward`), and brings those files forward. So a read after an answer sees what was answered.
 */
export interface LateSnapshots {
  /** Tells the marks of this process from those of others. */
  readonly owner: string
  /** Takes steps whose entries stand. Some may wait; the rest has to be written, and then ended. */
  readonly take: (steps: readonly Step[]) => DueSnapshots
  /** A life has ended: nothing of it is to be written any more. */
  readonly forget: (fileId: FileId) => void
  /** Resolves when what waited at the call is written. */
  readonly flush: () => Promise<void>
  /** Writes what waits, and takes the marks away, as far as the store answers. */
  readonly stop: () => Promise<void>
}

export interface LateDeps {
  readonly collections: Collections
  readonly clock: Pick<Clock, 'monotonic'>
  /** Others write it, too, and read it before each of their commits: it is written with each of ours, so as not to lag. */
  readonly isShared: RecentStates['isShared']
}

interface Mark extends Named {
  /** From before it was sent, by this process's own clock. */
  readonly since: number
}

/** One for each file that is being written, changed in place. */
interface Slot {
  /** Commits one soon after the other. */
  row: number
  lastAt: number
  mark: Mark | null
  marking: boolean
  /** Writes of its document that are under way. */
  writing: number
}

/** So many commits in a row, each so soon (ms) after the last, and the next documents may wait. */
const ROW = 2
const SOON_MS = 500
const FLUSH_EVERY_MS = 200
/** Whoever reads in another process looks at the journals of all that a client has of these. */
const MOST_MARKS = 1_000
/** A file that was not written for so long needs no mark. */
const COLD_MS = 1_000
/** A mark that is older is not relied on: after three times as long the sweep may take it for one that was left behind. */
const MARK_GOOD_MS = 300_000
export const MARK_LEFT_MS = 3 * MARK_GOOD_MS

export const createLateSnapshots = ({ collections, clock, isShared }: LateDeps): LateSnapshots => {
  const owner = new ObjectId().toHexString()
  const slots = new Map<FileId, Slot>()
  /** What documents lack. */
  let late = new Map<FileId, Step>()
  /** Those that stand, or are being set. */
  let marks = 0
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const slotOf = (fileId: FileId): Slot => {
    const known = slots.get(fileId)
    if (known !== undefined) return known
    const slot: Slot = { row: 0, lastAt: Number.NEGATIVE_INFINITY, mark: null, marking: false, writing: 0 }
    slots.set(fileId, slot)
    return slot
  }

  const take = (steps: readonly Step[]): DueSnapshots => {
    const now = clock.monotonic()
    const due: Step[] = []
    // Before anything is counted: what fails to be judged must leave no file that seems to be written for ever.
    const plain = steps.map(isPlain)
    for (const [index, step] of steps.entries()) {
      const slot = slotOf(step.after.fileId)
      slot.row = now - slot.lastAt < SOON_MS ? slot.row + 1 : 0
      slot.lastAt = now
      const mayWait = !stopped && !isShared(step.after)
      if (mayWait && isGood(slot.mark, now) && plain[index]) wait(step)
      else {
        slot.writing += 1
        due.push(step)
        if (mayWait && slot.row >= ROW && isMarkable(slot)) void setMark(slot, step.after)
      }
    }
    wake()
    return { steps: due, end: (written) => endDue(due, written) }
  }

  const isMarkable = ({ mark, marking }: Slot): boolean => mark === null && !marking && marks < MOST_MARKS

  /** One that was held up for long comes after those that were taken since. */
  const wait = (step: Step): void => {
    const waits = late.get(step.after.fileId)?.after.version ?? 0
    if (waits < step.after.version) late.set(step.after.fileId, step)
  }

  /** Whatever waits of these files is part of what was written; until that is sure it goes on waiting. */
  const endDue = (steps: readonly Step[], written: boolean): void => {
    for (const { after } of steps) {
      slotOf(after.fileId).writing -= 1
      const waits = late.get(after.fileId)?.after.version ?? Number.POSITIVE_INFINITY
      if (written && waits <= after.version) late.delete(after.fileId)
    }
  }

  /** On its own: until the mark is known to stand the file is written as before. */
  const setMark = async (slot: Slot, { client, filename, fileId }: FileState): Promise<void> => {
    const named: Named = { _id: new ObjectId(), clientKrn: client, filename }
    const since = clock.monotonic()
    slot.marking = true
    marks += 1
    await insertMark(collections, named, { owner, fileId }).then(
      () => {
        slot.mark = { ...named, since }
      },
      // One that has no answer may stand: it does no harm, and the sweep finds it.
      () => {
        marks -= 1
      },
    )
    slot.marking = false
  }

  const writeLate = async (): Promise<void> => {
    const steps = late
    late = new Map()
    for (const fileId of steps.keys()) slotOf(fileId).writing += 1
    let written = false
    try {
      // One that is gone or further was ended, moved or written by others: its next commit is refused, and looks.
      const found = await writeSnapshots(collections, [...steps.values()])
      written = true
      if (!found) await lookForRollBack()
    } finally {
      for (const [fileId, step] of steps) {
        slotOf(fileId).writing -= 1
        if (!written) wait(step)
      }
    }
  }

  /** Documents that were handed to the old version leave no entry that refuses the next: each commit has to see it. */
  const lookForRollBack = async (): Promise<void> => {
    if (!(await isRolledBack(collections))) return
    for (const slot of slots.values())
      if (slot.mark !== null) slot.mark = { ...slot.mark, since: Number.NEGATIVE_INFINITY }
  }

  /** One after the other: who comes while one is under way shares the next. */
  const flushes = joinCalls({
    run: async (calls: readonly null[]) => {
      await writeLate()
      return calls
    },
    atOnce: 1,
  })
  const flush = async (): Promise<void> => void (await flushes([null]))

  /** Off the list first: from then on the file is written before its callers are answered. */
  const takeOff = (isOver: (slot: Slot) => boolean): readonly Mark[] => {
    const over: Mark[] = []
    for (const [fileId, slot] of slots) {
      if (late.has(fileId) || slot.writing > 0 || slot.marking || !isOver(slot)) continue
      slots.delete(fileId)
      if (slot.mark !== null) over.push(slot.mark)
    }
    marks -= over.length
    return over
  }

  const tick = async (): Promise<void> => {
    const now = clock.monotonic()
    try {
      await flush()
      await removeMarks(
        collections,
        takeOff(({ mark, lastAt }) => now - lastAt > COLD_MS || (mark !== null && !isGood(mark, now))),
      )
    } catch {
      // The store is away, which its callers are told. What waits goes on waiting, and the marks stand.
    }
    timer = undefined
    wake()
  }

  const wake = (): void => {
    if (stopped || timer !== undefined || slots.size === 0) return
    timer = setTimeout(() => void tick(), FLUSH_EVERY_MS)
    timer.unref()
  }

  return {
    owner,
    take,
    forget: (fileId) => void late.delete(fileId),
    flush,
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await flush()
      await removeMarks(
        collections,
        takeOff(() => true),
      )
    },
  }
}

const isGood = (mark: Mark | null, now: number): boolean => mark !== null && now - mark.since < MARK_GOOD_MS

/** Changes nothing but what each write of the document has whole: so a later one makes it needless. */
const isPlain = ({ before, after }: Step): boolean =>
  before !== null &&
  before.total === after.total &&
  before.completion === null &&
  after.completion === null &&
  ISSUE_KINDS.every((kind) => before.issues[kind].tableVersion === after.issues[kind].tableVersion)
