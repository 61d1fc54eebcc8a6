import type { Change, CommitResult, RecentStates } from '@pebbles/core'
import { fileKey } from '@pebbles/core'
import { finishClosing, takeOver } from './close-lives.ts'
import type { EntryDocument } from './documents.ts'
import { toEntryDocument } from './entries.ts'
import { dropChunks, type PackedIssues, packIssues, writeChunks } from './issue-chunks.ts'
import type { LateSnapshots } from './late-snapshots.ts'
import type { LateTables } from './late-tables.ts'
import type { Reservations } from './reservations.ts'
import { sendInserts } from './send-writes.ts'
import { reservationOf, type Step, writeSnapshots } from './snapshots.ts'
import type { StoreDeps } from './store-deps.ts'
import { isAway } from './store-errors.ts'

interface Commit {
  readonly change: Change
  readonly packed: PackedIssues
  readonly entry: EntryDocument
}

/**
 * The insert of an entry is the commit; the snapshot follows it, and later the tables. Of whatever has no answer the next look, a
 * thorough one, finds out by the update ids what became of it, and rolls the file forward.
 */
export const commitChanges = async (deps: CommitDeps, changes: readonly Change[]): Promise<readonly CommitResult[]> => {
  const results: CommitResult[] = changes.map(() => 'conflict')
  const standing = await standingChanges(deps, changes)
  const made = await commitStanding(
    deps,
    standing.map((index) => changes[index] as Change),
  )
  for (const [place, index] of standing.entries()) results[index] = made[place] as CommitResult
  for (const [index, change] of changes.entries())
    if (change.before !== null && results[index] !== 'committed') deps.recent.share(change.before)
  return results
}

type CommitDeps = StoreDeps & {
  readonly reservations: Reservations
  readonly recent: RecentStates
  readonly late: LateSnapshots
  readonly tables: LateTables
}

/** Those that something stands for: a file, or a reservation of this process for this very owner. */
const standingChanges = async (deps: CommitDeps, changes: readonly Change[]): Promise<readonly number[]> => {
  const { reservations } = deps
  const standing: number[] = []
  for (const [index, change] of changes.entries()) {
    const { entry } = change
    const first = change.kind === 'update' && change.before === null ? change.after : null
    const may = first === null ? 'yes' : reservations.mayCommit(fileKey(first), entry.fileId, first.email)
    if (may === 'yes') standing.push(index)
    if (may === 'another owner' && first !== null) await takeOver(deps, reservationOf(first))
  }
  return standing
}

const commitStanding = async (deps: CommitDeps, changes: readonly Change[]): Promise<readonly CommitResult[]> => {
  if (changes.length === 0) return []
  const { collections } = deps
  const commits = changes.map((change): Commit => {
    const packed = change.kind === 'update' ? packIssues(change.entry, change.entry.issues) : NO_ISSUES
    return { change, packed, entry: toEntryDocument(change, packed.fields) }
  })
  await writeChunks(
    collections,
    commits.map(({ packed }) => packed),
  )
  const refused = await insertEntries(deps, commits)
  if (refused === 'unknown') return changes.map(() => 'unknown')
  const lost = commits.filter((_, index) => refused.has(index))
  if (lost.length > 0)
    await ignoreAway(
      dropChunks(
        collections,
        lost.map(({ packed }) => packed),
      ),
    )

  const kept = commits.filter((_, index) => !refused.has(index))
  const settled = await settle(deps, kept)
  const unsettled = new Set(settled ? [] : kept)
  return commits.map((commit, index) => {
    if (refused.has(index)) return 'conflict'
    return unsettled.has(commit) ? 'unknown' : 'committed'
  })
}

const NO_ISSUES: PackedIssues = { fields: {}, chunks: [] }

/** Which of the entries were refused, for their version or for an id; `unknown` when there is no answer. */
const insertEntries = async (
  { collections }: StoreDeps,
  commits: readonly Commit[],
): Promise<ReadonlySet<number> | 'unknown'> => {
  const { db, journal } = collections
  try {
    return await sendInserts(
      db,
      journal.collectionName,
      commits.map(({ entry }) => entry),
    )
  } catch (error) {
    if (isAway(error)) return 'unknown'
    throw error
  }
}

/** Snapshots; tables only when these are written. False when it stays open whether the snapshots hold what was committed. */
const settle = async (deps: CommitDeps, commits: readonly Commit[]): Promise<boolean> => {
  const { collections, recent, late, tables } = deps
  const changes = commits.map(({ change }) => change)
  const steps = changes.flatMap((change): Step[] => (change.kind === 'update' ? [change] : []))
  const due = late.take(steps)
  let written = false
  try {
    // One that was not there, or ahead, was moved, handed to the old version, or written by another: look at it again.
    const found = await writeSnapshots(collections, due.steps)
    written = true
    if (found) for (const { after } of steps) recent.keep(after)
    for (const { change, entry } of commits)
      if (change.kind === 'remove') {
        await finishClosing(deps, { ...reservationOf(change.before), version: entry.version }, entry)
        // Not before: while the end has no answer, what waits is what this process shows.
        late.forget(change.before.fileId)
      }
  } catch (error) {
    if (isAway(error)) return false
    throw error
  } finally {
    due.end(written)
  }
  await tables.take(changes)
  return true
}

const ignoreAway = async (write: Promise<void>): Promise<void> => {
  try {
    await write
  } catch (error) {
    if (!isAway(error)) throw error
  }
}
