import type { Completion, Counts, HistoryRow, StreamRef } from '@pebbles/core'
import { NO_COUNTS } from '@pebbles/core'
import { BOUNDED } from './collections.ts'
import type { EntryDocument } from './documents.ts'
import { BY_VERSION, entriesOf, IN_ORDER } from './entry-ids.ts'
import { findOldFile, type ReadDeps } from './read-issues.ts'

export const readHistory = async (
  deps: ReadDeps,
  stream: StreamRef,
  limit: number,
  after: number,
): Promise<readonly HistoryRow[]> => {
  const rows = await readRows(deps, stream, limit, after)
  if (rows.length > 0 || stream.version !== 1 || after !== 0) return rows
  const old = await findOldFile(deps, stream.fileId)
  // One that was adopted between the two looks has a journal by now.
  if (old === null) return deps.oldNames.of(stream.fileId) === undefined ? [] : readRows(deps, stream, limit, after)
  const { updatedAt, counts, total, completion } = old.state
  return [rowOf({ version: 1, at: updatedAt, updates: 1, delta: counts, total, completion, sources: [] })]
}

const readRows = async (
  { collections }: ReadDeps,
  { fileId, version }: StreamRef,
  limit: number,
  after: number,
): Promise<readonly HistoryRow[]> => {
  const entries = await collections.journal
    .find<Row>(
      { ...entriesOf(fileId, after, version), kind: { $in: ['update', 'adopt'] } },
      { ...BOUNDED, hint: BY_VERSION, limit, projection: HISTORY_FIELDS },
    )
    .sort(IN_ORDER)
    .toArray()
  return entries.map(toRow)
}

const HISTORY_FIELDS = {
  ...{ version: 1, at: 1, delta: 1, total: 1, completion: 1, sources: 1, base: 1 },
  updates: { $size: '$updates' },
} as const

type Row = Omit<EntryDocument, 'updates'> & { readonly updates: number }

const toRow = ({ version, at, updates, delta, total, completion, sources, base }: Row): HistoryRow =>
  rowOf({
    ...{ version, updates, at: base?.updatedAt ?? at.getTime(), delta: delta ?? NO_COUNTS },
    ...{ total: total ?? null, completion: completion ?? null, sources: sources ?? [] },
  })

const rowOf = ({
  completion,
  delta,
  ...row
}: Pick<HistoryRow, 'version' | 'at' | 'updates' | 'total' | 'sources'> & {
  readonly delta: Counts
  readonly completion: Completion | null
}): HistoryRow => ({ ...row, counts: delta, isLast: completion !== null, outcome: completion?.outcome ?? null })
