import type { Change, FileId, FileState, IssueKind, PatternRow } from '@pebbles/core'
import { ISSUE_KINDS } from '@pebbles/core'
import type { FindOptions } from 'mongodb'
import { BOUNDED, type Collections } from './collections.ts'
import type { RowDocument, TableDocument } from './documents.ts'
import { rowsOf } from './entries.ts'
import { entriesOf } from './entry-ids.ts'
import { readJournals } from './read-journals.ts'
import { sendUpdates, type UpdateStatement } from './send-writes.ts'
import { isDuplicate } from './store-errors.ts'

/** A table at the version that a state names; `ahead` when another has written it meanwhile: read the state again. */
export type TableAt = { readonly rows: readonly PatternRow[] } | 'ahead'

export interface TableQuestion {
  readonly state: FileState
  readonly kind: IssueKind
}

export const tableKey = (fileId: FileId, kind: IssueKind): string => `${fileId}\n${kind}`

/** Reads tables at the versions that their states name; those that are behind are brought forward. */
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
  const found = await findTables(
    collections,
    asked.map(({ state }) => state.fileId),
  )
  const behind: Behind[] = []
  for (const { state, kind } of asked) {
    const key = tableKey(state.fileId, kind)
    const document = found.get(key)
    const version = document?.version ?? 0
    const wanted = state.issues[kind].tableVersion
    const rows = document === undefined ? [] : toRows(document)
    if (version > wanted) answers.set(key, 'ahead')
    else if (version === wanted) answers.set(key, { rows })
    else behind.push({ fileId: state.fileId, kind, from: version, to: wanted, rows })
  }
  for (const { fileId, kind, rows } of await rollTables(collections, behind))
    answers.set(tableKey(fileId, kind), { rows })
  return answers
}

/** What there is of the tables of files, by key. */
const findTables = async (
  { tables }: Collections,
  fileIds: readonly FileId[],
  options: FindOptions = {},
): Promise<ReadonlyMap<string, TableDocument>> => {
  const files = [...new Set(fileIds)]
  const documents = await tables
    .find({ fileId: files.length === 1 ? (files[0] as FileId) : { $in: files } }, { ...BOUNDED, ...options })
    .toArray()
  return new Map(documents.map((document) => [tableKey(document.fileId, document.kind), document]))
}

const TABLES_AT_ONCE = 500

/** A table at a version before the one that is wanted. */
interface Behind extends Omit<TableGap, 'rows'> {
  readonly rows: readonly PatternRow[]
}

/** Brings tables to where they are wanted, many with one look at their journals and one write. */
const rollTables = async (collections: Collections, behind: readonly Behind[]): Promise<readonly Behind[]> => {
  const rolled: Behind[] = []
  for (let at = 0; at < behind.length; at += TABLES_AT_ONCE)
    rolled.push(...(await rollSome(collections, behind.slice(at, at + TABLES_AT_ONCE))))
  return rolled
}

const rollSome = async (collections: Collections, behind: readonly Behind[]): Promise<readonly Behind[]> => {
  const byFile = await readJournals(
    collections.journal,
    behind.map(({ fileId, from, to }) => entriesOf(fileId, from, to)),
    { projection: { patterns: 1, fileId: 1, version: 1 } },
  )
  const gaps = behind.map(({ fileId, kind, from, to }): TableGap => {
    // Its other table may be further behind.
    const its = (byFile.get(fileId) ?? []).filter(({ version }) => version > from && version <= to)
    return { fileId, kind, from, to, rows: new Map(its.flatMap((entry) => rowsOf(entry, kind)).map(byNo)) }
  })
  await writeTables(collections, gaps)
  return behind.map((table, index) => {
    const rows = new Map([...table.rows.map(byNo), ...(gaps[index]?.rows ?? [])])
    return { ...table, rows: [...rows.values()].sort((a, b) => a.no - b.no) }
  })
}

const byNo = (row: RowDocument): readonly [number, RowDocument] => [row.no, row]

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
    rows: new Map(entry.patterns[kind].map(byNo)),
  }))
}

/** Brings tables forward; those that are not where they should be stay as they are. Answers whether there was none. */
export const writeTables = async ({ db, tables }: Collections, gaps: readonly TableGap[]): Promise<boolean> => {
  try {
    return (await sendUpdates(db, tables.collectionName, gaps.map(writeOf))) === gaps.length
  } catch (error) {
    // Refused as a second table of its file and kind: another has written this one already.
    if (!isDuplicate(error)) throw error
    return false
  }
}

/**
 * Brings tables to where these end from wherever they are: one that is further back than its gap begins would stay there
 * until somebody reads it, while its journal grows.
 */
export const catchTablesUp = async (collections: Collections, gaps: readonly TableGap[]): Promise<void> => {
  const found = await findTables(
    collections,
    gaps.map(({ fileId }) => fileId),
    { projection: { rows: 0 } },
  )
  const behind = gaps.flatMap(({ fileId, kind, to }): Behind[] => {
    const from = found.get(tableKey(fileId, kind))?.version ?? 0
    return from < to ? [{ fileId, kind, from, to, rows: [] }] : []
  })
  await rollTables(collections, behind)
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
