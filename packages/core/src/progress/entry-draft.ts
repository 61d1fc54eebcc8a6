import type { PatternTable } from '../patterns/pattern-table.ts'
import type { Email } from '../tenancy/email.ts'
import { addCounts, NO_COUNTS } from './counts.ts'
import type { Standing } from './decide.ts'
import { type EntrySums, standingAfter, topPatterns } from './evolve.ts'
import type { FileId } from './file-state.ts'
import type { ByKind, IssueKind } from './issue.ts'
import type { AppliedUpdate, UpdateEntry } from './journal-entry.ts'
import type { Channel, RecordUpdate } from './update.ts'

interface GrowingColumns {
  readonly lines: (number | null)[]
  readonly messages: string[]
  readonly patterns: number[]
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Folds the accepted updates of one group into one journal entry. */
export interface EntryDraft {
  /** The file as it would stand after what was joined so far; null before a file's first update. */
  readonly standing: () => Standing | null
  /** Joins an accepted update; its issues are added one by one, so that long bodies can pause. */
  readonly join: (command: RecordUpdate) => void
  readonly addIssue: (kind: IssueKind, line: number | null, message: string, pattern: number) => void
  readonly isEmpty: () => boolean
  readonly finish: (tables: Partial<ByKind<PatternTable>>) => UpdateEntry
}

export const createEntryDraft = (
  before: Standing | null,
  stream: { readonly fileId: FileId; readonly version: number; readonly at: number },
): EntryDraft => {
  const updates: AppliedUpdate[] = []
  const sources = new Set<Channel>()
  const issues: ByKind<GrowingColumns> = { error: noColumns(), warning: noColumns() }
  const sums: Writable<EntrySums> = { email: '' as Email, delta: NO_COUNTS, total: null, completion: null }
  let known = before

  return {
    standing: () => known,
    join: (command) => {
      const completed = known?.completion != null
      const keepsTotal = completed || (command.keepTotal === true && known !== null && known.total !== null)
      updates.push({ id: command.id, hash: command.hash })
      sources.add(command.channel)
      sums.email = command.email
      sums.delta = addCounts(sums.delta, command.counts)
      // A late update adds its lines; total and end stay as the completing update left them.
      if (!keepsTotal) sums.total = command.total ?? sums.total
      if (!completed && command.end !== undefined)
        sums.completion = { ...command.end, at: stream.at, sentAt: command.sentAt }
      known = standingAfter(before, sums)
    },
    addIssue: (kind, line, message, pattern) => {
      issues[kind].lines.push(line)
      issues[kind].messages.push(message)
      issues[kind].patterns.push(pattern)
    },
    isEmpty: () => updates.length === 0,
    finish: (tables) => {
      if (updates.length === 0) throw new Error('an entry without updates')
      return {
        kind: 'update',
        fileId: stream.fileId,
        version: stream.version,
        at: stream.at,
        email: sums.email,
        delta: sums.delta,
        total: sums.total,
        completion: sums.completion,
        updates: updates as [AppliedUpdate, ...AppliedUpdate[]],
        issues,
        sources: [...sources],
        patterns: { error: changedRows(tables.error), warning: changedRows(tables.warning) },
      }
    },
  }
}

const noColumns = (): GrowingColumns => ({ lines: [], messages: [], patterns: [] })

/**
 * A merge can free a place among the most frequent, for a pattern that did not change. So then the entry
 * names the whole top again, and a state can always be folded from entries alone.
 */
const changedRows = (table: PatternTable | undefined): UpdateEntry['patterns']['error'] => {
  const changed = table?.takeChanges() ?? []
  if (table === undefined || !changed.some((row) => row.into !== undefined)) return changed
  const named = new Set(changed.map((row) => row.no))
  const top = new Set(topPatterns(table.rows().filter((row) => row.into === undefined)).map((pattern) => pattern.no))
  return [...changed, ...table.rows().filter((row) => top.has(row.no) && !named.has(row.no))]
}
