import type { Change, FileId, FileState, IssueKind, PatternRow } from '@pebbles/core'
import { ISSUE_KINDS } from '@pebbles/core'
import { BOUNDED, type Collections } from './collections.ts'
import type { RowDocument, TableDocument } from './documents.ts'
import { rowsOf } from './entries.ts'
import { BY_VERSION, entriesOf, IN_ORDER } from './entry-ids.ts'
import { sendUpdates, type UpdateStatement } from './send-writes.ts'
import { isDuplicate } from './store-errors.ts'

/** A table at the version that a state names; `ahead` when another has written it meanwhile: read the state again. */
export type TableAt = { readonly rows: readonly PatternRow[] } | 'ahead'

export interface TableQuestion {
  readonly state: FileState
  readonly kind: IssueKind
}

export const tableKey = (fileId: FileId, kind: IssueKind): string => `${fileId}\n${kind}`

/** Reads tables at the versions that their states name; one that a crash left behind is rolled forward. */
export const readTables = async (
  collections: Collections,
  questions: readonly TableQuestion[],
): Promise<ReadonlyMap<string, TableAt>> => {
  const answers = new Map<string, TableAt>()
  const asked = questions.filter(({ state, kind }) => {
    if (state.issues[kind].tableVersion === 0) answers.set(tableKey(state.fileId, kind), { rows: [] })
    return state.issues[kind].tableVersion > 0
  })
  if (asked.length === 0) return answers
  const files = [...new Set(asked.map(({ state }) => state.fileId))]
  const documents = await collections.tables
    .find({ fileId: files.length === 1 ? (files[0] as FileId) : { $in: files } }, BOUNDED)
    .toArray()
  const found = new Map(documents.map((document) => [tableKey(document.fileId, document.kind), document]))
  for (const { state, kind } of asked) {
    const key = tableKey(state.fileId, kind)
    const document = found.get(key)
    const version = document?.version ?? 0
    const wanted = state.issues[kind].tableVersion
    const rows = document === undefined ? [] : toRows(document)
    if (version > wanted) answers.set(key, 'ahead')
    else if (version === wanted) answers.set(key, { rows })
    else answers.set(key, { rows: await rollTable(collections, state, kind, version, rows) })
  }
  return answers
}

const rollTable = async (
  collections: Collections,
  { fileId, issues }: FileState,
  kind: IssueKind,
  version: number,
  rows: readonly PatternRow[],
): Promise<readonly PatternRow[]> => {
  const upTo = issues[kind].tableVersion
  const entries = await collections.journal
    .find(entriesOf(fileId, version, upTo), {
      ...BOUNDED,
      hint: BY_VERSION,
      projection: { patterns: 1, version: 1 },
    })
    .sort(IN_ORDER)
    .toArray()
  const changed = new Map<number, PatternRow>()
  for (const entry of entries) for (const row of rowsOf(entry, kind)) changed.set(row.no, row)
  await writeTables(collections, [{ fileId, kind, from: version, to: upTo, rows: changed }])
  const all = new Map(rows.map((row) => [row.no, row]))
  for (const row of changed.values()) all.set(row.no, row)
  return [...all.values()].sort((a, b) => a.no - b.no)
}

/** What a table lacks from one of its versions to a later: all rows that changed between them, as they are in the end. */
export interface TableGap {
  readonly fileId: FileId
  readonly kind: IssueKind
  readonly from: number
  readonly to: number
  readonly rows: ReadonlyMap<number, RowDocument>
}

/** What a change brings to tables. */
export const gapsOf = (change: Change): readonly TableGap[] => {
  if (change.kind !== 'update') return []
  const { before, after, entry } = change
  const { fileId, version } = entry
  return ISSUE_KINDS.filter((kind) => after.issues[kind].tableVersion === version).map((kind) => ({
    ...{ fileId, kind, from: before?.issues[kind].tableVersion ?? 0, to: version },
    rows: new Map(entry.patterns[kind].map((row) => [row.no, row])),
  }))
}

/** Brings tables forward. One that is not where it should be is left to who reads it next. */
export const writeTables = async ({ db, tables }: Collections, gaps: readonly TableGap[]): Promise<void> => {
  try {
    await sendUpdates(db, tables.collectionName, gaps.map(writeOf))
  } catch (error) {
    // Refused as a second table of its file and kind: another has written this one already.
    if (!isDuplicate(error)) throw error
  }
}

/**
 * Only where none of the rows is missing, nor newer: one that is further than `from` got there by a part of these very
 * rows, so the last of each is right for it, too.
 */
const writeOf = ({ fileId, kind, from, to, rows }: TableGap): UpdateStatement => ({
  q: { fileId, kind, version: { $gte: from, $lt: to } },
  u: {
    $set: {
      version: to,
      ...Object.fromEntries(
        [...rows.values()].map(({ no, template, count, into }) => [
          `rows.${no}`,
          { t: template, c: count, ...(into === undefined ? {} : { i: into }) },
        ]),
      ),
    },
  },
  ...(from === 0 ? { upsert: true } : {}),
})

const toRows = ({ rows }: TableDocument): readonly PatternRow[] =>
  Object.entries(rows ?? {})
    .map(([no, { t, c, i }]) => ({ no: Number(no), template: t, count: c, ...(i === undefined ? {} : { into: i }) }))
    .sort((a, b) => a.no - b.no)
