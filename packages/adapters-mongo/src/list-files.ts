import type { ClientKrn, FileId, FileState, ListFilter, ListPosition } from '@pebbles/core'
import { foldName, statusOf } from '@pebbles/core'
import { type Filter, ObjectId } from 'mongodb'
import { BOUNDED } from './collections.ts'
import type { ProgressDocument } from './documents.ts'
import { ofClient, partsOfClient } from './names.ts'
import { LISTED_FIELDS, type ListedDocument, oldState } from './old-documents.ts'
import { toTime } from './old-values.ts'
import type { ReadDeps } from './read-issues.ts'
import { isLive, toIso, toState } from './snapshots.ts'

/** Newest first by the time as text, then by id: a total order, exact but for old times of other precisions. */
export const listFiles = async (
  deps: ReadDeps,
  filter: ListFilter,
  limit: number,
  after: ListPosition | null,
): Promise<readonly FileState[]> =>
  findFiles(deps, filter, limit, NEWEST, after === null ? {} : await laterThan(deps, filter, after))

export const scanFiles = (
  deps: ReadDeps,
  filter: ListFilter,
  limit: number,
  after: FileId | null,
): Promise<readonly FileState[]> =>
  findFiles(deps, filter, limit, BY_ID, after === null ? {} : { _id: { $gt: new ObjectId(after) } })

export const pickFiles = (
  deps: ReadDeps,
  filter: ListFilter,
  fileIds: readonly FileId[],
): Promise<readonly FileState[]> =>
  findFiles(deps, filter, fileIds.length, BY_ID, { _id: { $in: fileIds.map((fileId) => new ObjectId(fileId)) } })

/** A position has the time in milliseconds; the row's own text, which may be longer or shorter, is where it stands. */
const laterThan = async (
  deps: ReadDeps,
  { client }: ListFilter,
  { updatedAt, fileId }: ListPosition,
): Promise<Filter<ProgressDocument>> => {
  const _id = new ObjectId(fileId)
  const row = await deps.collections.progress.findOne(
    { clientKrn: ofClient(deps, client), _id },
    { ...BOUNDED, projection: { updatedAt: 1 } },
  )
  const text = row !== null && toTime(row.updatedAt) === updatedAt ? row.updatedAt : toIso(updatedAt)
  return { $or: [{ updatedAt: { $lt: text } }, { updatedAt: text, _id: { $lt: _id } }] }
}

interface Order {
  readonly sort: Readonly<Record<string, 1 | -1>>
  readonly compare: (a: Row, b: Row) => number
}

interface Row {
  readonly state: FileState
  /** The time as it is stored, which is what a server compares. */
  readonly updatedAt: string
}

const byId = (a: Row, b: Row): number => compareTexts(a.state.fileId, b.state.fileId)
const BY_ID: Order = { sort: { _id: 1 }, compare: byId }
const NEWEST: Order = {
  sort: { updatedAt: -1, _id: -1 },
  compare: (a, b) => compareTexts(b.updatedAt, a.updatedAt) || byId(b, a),
}
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const findFiles = async (
  deps: ReadDeps,
  filter: ListFilter,
  limit: number,
  order: Order,
  place: Filter<ProgressDocument>,
): Promise<readonly FileState[]> => {
  if (filter.q?.includes('\0') === true || limit === 0) return []
  const parts = partsOfClient(deps, filter.client)
  const rows = new Map<FileId, Row>()
  // What is in both was given its client between the two, and is what it was read as last.
  for (const part of parts)
    for (const row of await findPart(deps, filter, limit, order, place, part)) rows.set(row.state.fileId, row)
  const found = [...rows.values()]
  if (parts.length > 1) found.sort(order.compare)
  return found.slice(0, limit).map(({ state }) => state)
}

const findPart = async (
  deps: ReadDeps,
  filter: ListFilter,
  limit: number,
  { sort }: Order,
  place: Filter<ProgressDocument>,
  part: ReturnType<typeof partsOfClient>[number],
): Promise<readonly Row[]> => {
  const documents = deps.collections.progress
    .find<ListedDocument>(
      { ...part, $and: [place, ...conditionsOf(filter)] },
      { ...BOUNDED, projection: LISTED_FIELDS, batchSize: Math.min(limit + 10, 1_000) },
    )
    .sort(sort)
  const rows: Row[] = []
  for await (const document of documents) {
    const state = stateOf(document, filter.client)
    if (state === null || !matches(state, filter)) continue
    if (!isLive(document)) deps.oldNames.remember(state)
    rows.push({ state, updatedAt: document.updatedAt })
    if (rows.length === limit) break
  }
  return rows
}

const stateOf = (document: ListedDocument, client: ClientKrn): FileState | null => {
  // A roll back by hand takes the client from files of ours, too.
  if (isLive(document)) return toState({ ...document, clientKrn: client })
  return document.fileId === undefined || document.adopting === true ? oldState(document, client) : null
}

/** What a server can tell; each lets at least through what `matches`, which is exact for old documents, too. */
const conditionsOf = ({ email, completed, q, status, updatedSince, stalledBefore }: ListFilter) => {
  const conditions: Filter<ProgressDocument>[] = []
  if (email !== undefined) conditions.push({ email })
  if (completed !== undefined) conditions.push({ isCompleted: completed ? true : { $ne: true } })
  if (q !== undefined)
    conditions.push({ $or: [{ foldedName: { $regex: literally(q) } }, { foldedName: { $exists: false } }] })
  if (updatedSince !== undefined) conditions.push({ updatedAt: { $gte: secondOf(updatedSince) } })
  switch (status) {
    case undefined:
      break
    case 'running':
      conditions.push({ isCompleted: { $ne: true }, updatedAt: { $gte: secondOf(stalledBefore) } })
      break
    case 'stalled':
      conditions.push({ isCompleted: { $ne: true }, updatedAt: { $lt: `${secondOf(stalledBefore)}[` } })
      break
    case 'completed':
      conditions.push({ isCompleted: true, outcome: { $nin: ['failed', 'cancelled'] } })
      break
    case 'failed':
    case 'cancelled':
      conditions.push({ isCompleted: true, outcome: status })
  }
  return conditions
}

/** Every text of a time in this second or later is at least this; `[` comes after the `Z` and the `.` that follow it. */
const secondOf = (ms: number): string => toIso(ms).slice(0, 19)

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

const matches = (state: FileState, filter: ListFilter): boolean =>
  (filter.completed === undefined || (state.completion !== null) === filter.completed) &&
  (filter.q === undefined || foldName(state.filename).includes(filter.q)) &&
  (filter.updatedSince === undefined || state.updatedAt >= filter.updatedSince) &&
  (filter.status === undefined || statusOf(state, filter.stalledBefore, 0) === filter.status)
