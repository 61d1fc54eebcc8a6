import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Clock, EndState, FileId, FileState, ListFilter, ListPosition, ProgressReader } from '@pebbles/core'
import type { Access } from './access.ts'
import { mergeSources, type Source } from './merge.ts'
import { prepareQuery, type Row } from './query.ts'
import { STATE_COLUMNS, toState } from './rows.ts'
import { readInSlices } from './time-slices.ts'

export interface ListFilesDeps {
  readonly db: DatabaseSync
  readonly access: Access
  readonly clock: Clock
}

/** Rows read for the first piece of each range, then for each further one, and for each when most may not match. */
const FIRST_PIECE = 32
const PIECE = 128
const SIFTED_PIECE = 1_000

const EMAIL_AND_NAME = '(?1 IS NULL OR email = ?1) AND (?2 IS NULL OR instr(coalesce(folded, filename), ?2) > 0)'

/** Newest first: one index range for each end a file can come to, merged, so that every status reads the same index. */
export const prepareList = ({ db, access, clock }: ListFilesDeps): ProgressReader['list'] => {
  const order = 'ORDER BY updated_at DESC, file_id DESC'
  const range = 'client = ? AND outcome IS ? AND (updated_at, file_id) < (?, ?) AND (updated_at, file_id) >= (?, ?)'
  const edge = prepareQuery(db, `SELECT updated_at, file_id FROM progress WHERE ${range} ${order} LIMIT 1 OFFSET ?`)
  const rows = prepareQuery(
    db,
    `SELECT ${STATE_COLUMNS} FROM progress
     WHERE ${EMAIL_AND_NAME} AND client = ?3 AND outcome IS ?4
       AND (updated_at, file_id) < (?5, ?6) AND (updated_at, file_id) >= (?7, ?8) ${order}`,
  )

  return async (filter, limit, after) => {
    const { client, email, q, ends, from, before } = criteriaOf(filter)
    const first = after === null || after.updatedAt >= before ? { updatedAt: before, fileId: '' } : after
    const pieces = isSifted(filter) ? [SIFTED_PIECE, SIFTED_PIECE] : [Math.min(FIRST_PIECE, limit), PIECE]
    const sources = ends.map((end) =>
      readPieces<Position>(first, pieces as [number, number], {
        edge: (at, piece) => toPosition(edge.get(client, end, at.updatedAt, at.fileId, from, '', piece - 1)),
        rows: (at, upTo) =>
          rows.all(email, q, client, end, at.updatedAt, at.fileId, upTo?.updatedAt ?? from, upTo?.fileId ?? ''),
      }),
    )
    const merge = mergeSources(
      sources,
      (a, b) => a.updatedAt > b.updatedAt || (a.updatedAt === b.updatedAt && a.fileId > b.fileId),
    )
    const found: FileState[] = []
    await readInSlices(access, clock, (isTimeUp) => merge.take(found, limit, isTimeUp))
    return withoutRepeats(found)
  }
}

/** By id, which nothing changes. */
export const prepareScan = ({ db, access, clock }: ListFilesDeps): ProgressReader['scan'] => {
  const edge = prepareQuery(
    db,
    'SELECT file_id FROM progress WHERE client = ? AND file_id > ? ORDER BY file_id LIMIT 1 OFFSET ?',
  )
  const rows = prepareQuery(
    db,
    `SELECT ${STATE_COLUMNS} FROM progress
     WHERE ${EMAIL_AND_NAME} AND client = ?3 AND file_id > ?4 AND file_id <= ?5
       AND updated_at >= ?6 AND updated_at < ?7 AND instr(?8, coalesce(outcome, '${OPEN}')) > 0
     ORDER BY file_id`,
  )

  return async (filter, limit, after) => {
    const { client, email, q, ends, from, before } = criteriaOf(filter)
    const wanted = ends.map((end) => end ?? OPEN).join()
    const source = readPieces<string>(after ?? '', [limit, SIFTED_PIECE], {
      edge: (at, piece) => (edge.get(client, at, piece - 1)?.[0] as string | undefined) ?? null,
      rows: (at, upTo) => rows.all(email, q, client, at, upTo ?? LAST_ID, from, before, wanted),
    })
    const merge = mergeSources([source], () => false)
    const found: FileState[] = []
    await readInSlices(access, clock, (isTimeUp) => merge.take(found, limit, isTimeUp))
    return found
  }
}

/** By id, one look-up each: an index finds a single row sooner than a range that many of them lie in. */
export const preparePick = ({ db, access, clock }: ListFilesDeps): ProgressReader['pick'] => {
  const row = prepareQuery(
    db,
    `SELECT ${STATE_COLUMNS} FROM progress
     WHERE ${EMAIL_AND_NAME} AND client = ?3 AND file_id = ?4
       AND updated_at >= ?5 AND updated_at < ?6 AND instr(?7, coalesce(outcome, '${OPEN}')) > 0`,
  )

  return async (filter, fileIds) => {
    const { client, email, q, ends, from, before } = criteriaOf(filter)
    const wanted = ends.map((end) => end ?? OPEN).join()
    const left = fileIds.values()
    const next = (): FileState[] | null => {
      const { value: fileId } = left.next()
      return fileId === undefined ? null : row.all(email, q, client, fileId, from, before, wanted).map(toState)
    }
    const found: FileState[] = []
    const merge = mergeSources([{ next }], () => false)
    await readInSlices(access, clock, (isTimeUp) => merge.take(found, fileIds.length, isTimeUp))
    return found
  }
}

/** Stands for the missing end of a file that is still open, where SQL compares texts. */
const OPEN = 'open'
/** Behind every id, as ids are hexadecimal. */
const LAST_ID = 'g'
const NEVER = Number.MAX_SAFE_INTEGER

type Position = Pick<ListPosition, 'updatedAt'> & { readonly fileId: string }

const toPosition = (row: Row | undefined): Position | null =>
  row === undefined ? null : { updatedAt: row[0] as number, fileId: row[1] as FileId }

/** Reads a range piece by piece: `edge` is the key of the piece's last row, null when the range ends before. */
const readPieces = <K>(
  first: K,
  [firstPiece, piece]: readonly [number, number],
  range: { readonly edge: (at: K, piece: number) => K | null; readonly rows: (at: K, upTo: K | null) => Row[] },
): Source<FileState> => {
  let at: K | null = first
  let size = firstPiece
  return {
    next: () => {
      if (at === null) return null
      const edge = range.edge(at, size)
      const rows = range.rows(at, edge)
      at = edge
      size = piece
      return rows.map(toState)
    },
  }
}

interface Criteria {
  readonly client: string
  readonly email: SQLInputValue
  readonly q: SQLInputValue
  readonly ends: readonly (EndState | null)[]
  /** ms: files updated in [from, before). */
  readonly from: number
  readonly before: number
}

const ENDS: readonly (EndState | null)[] = [null, 'succeeded', 'failed', 'cancelled']

const criteriaOf = ({ client, email, completed, q, status, updatedSince, stalledBefore }: ListFilter): Criteria => {
  const ends = ENDS.filter(
    (end) =>
      (completed === undefined || completed === (end !== null)) &&
      (status === undefined || (end === null ? status === 'running' || status === 'stalled' : STATUS[end] === status)),
  )
  return {
    client,
    email: email ?? null,
    q: q ?? null,
    ends,
    from: Math.max(updatedSince ?? -NEVER, status === 'running' ? stalledBefore : -NEVER),
    before: status === 'stalled' ? stalledBefore : NEVER,
  }
}

const STATUS = { succeeded: 'completed', failed: 'failed', cancelled: 'cancelled' } as const satisfies Record<
  EndState,
  string
>

const isSifted = ({ email, q }: ListFilter): boolean => email !== undefined || q !== undefined

/** A file that came to its end between two slices stands in two ranges. */
const withoutRepeats = (files: readonly FileState[]): readonly FileState[] => {
  const seen = new Set<FileId>()
  return files.filter(({ fileId }) => !seen.has(fileId) && seen.add(fileId))
}
