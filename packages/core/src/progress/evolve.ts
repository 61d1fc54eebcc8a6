import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { FileName } from '../tenancy/file-name.ts'
import { addCounts, NO_COUNTS } from './counts.ts'
import type { Standing } from './decide.ts'
import type { FileState, FormerLife, IssueDigest, TopPattern } from './file-state.ts'
import type { IssueKind } from './issue.ts'
import type { UpdateEntry } from './journal-entry.ts'
import { advancePace, NO_PACE } from './pace.ts'

/** Who a file's first entry is for: what the entry itself does not say. */
export interface Birth {
  readonly client: ClientKrn
  readonly filename: FileName
  readonly former: readonly FormerLife[]
}

/** The file after an entry: the one fold by which a journal adds up to a state. */
export const evolve = (before: FileState | Birth, entry: UpdateEntry): FileState => {
  const known = 'fileId' in before ? before : null
  return {
    fileId: entry.fileId,
    client: before.client,
    filename: before.filename,
    ...standingAfter(known, entry),
    version: entry.version,
    createdAt: known?.createdAt ?? entry.at,
    updatedAt: Math.max(known?.updatedAt ?? entry.at, entry.at),
    pace: known === null ? { ...NO_PACE, lines: 0 } : advancePace(known.pace, entry.at - known.updatedAt, entry.delta),
    issues: { error: digestAfter(known, entry, 'error'), warning: digestAfter(known, entry, 'warning') },
    former: before.former,
  }
}

/** What an entry adds to a file's sums. */
export type EntrySums = Pick<UpdateEntry, 'email' | 'delta' | 'total' | 'completion'>

/** The part of `evolve` that `decide` looks at; cheap enough to ask between two updates of one group. */
export const standingAfter = (before: Standing | null, entry: EntrySums): Standing => ({
  email: before?.email ?? entry.email,
  counts: addCounts(before?.counts ?? NO_COUNTS, entry.delta),
  total: entry.total ?? before?.total ?? null,
  completion: before?.completion ?? entry.completion,
})

const TOP_PATTERNS = 5
const NO_ISSUES: IssueDigest = { count: 0, tableVersion: 0, top: [] }

const digestAfter = (before: FileState | null, entry: UpdateEntry, kind: IssueKind): IssueDigest => {
  const digest = before?.issues[kind] ?? NO_ISSUES
  const changed = entry.patterns[kind]
  if (changed.length === 0) return digest
  const candidates = new Map<number, TopPattern>(digest.top.map((pattern) => [pattern.no, pattern]))
  for (const { no, template, count, into } of changed) {
    if (into === undefined) candidates.set(no, { no, template, count })
    else candidates.delete(no)
  }
  return {
    count: digest.count + entry.issues[kind].messages.length,
    tableVersion: entry.version,
    top: topPatterns([...candidates.values()]),
  }
}

/** The most frequent first, the older first among equals. */
export const topPatterns = (patterns: readonly TopPattern[]): readonly TopPattern[] =>
  [...patterns].sort((a, b) => b.count - a.count || a.no - b.no).slice(0, TOP_PATTERNS)
