import type { DatabaseSync } from 'node:sqlite'
import type { Channel, EndState, FileId, HistoryRow, StreamRef, UpdateEntry } from '@pebbles/core'
import { prepareQuery, type Row } from './query.ts'
import type { Streams } from './streams.ts'

/** Where a file stood before an entry: its short name, and what its row must still say. */
export interface Place {
  readonly stream: number
  readonly version: number
  readonly fileId: FileId
}

/** An entry that ends a life of a name. */
interface ClosingEntry {
  readonly kind: 'deleted' | 'moved'
  readonly version: number
  readonly at: number
  /** An email. */
  readonly by: string
}

const COLUMNS =
  'entry, stream, version, kind, at, updates, done, warn, failed, total, outcome, reason, sent_at, sources, email, previous'

/** Writes entries. Each comes before the file's row moves on: the row leads to the entry before it. */
export const prepareJournal = (db: DatabaseSync) => {
  const insertFirst = db.prepare(
    `INSERT INTO journal (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`,
  )
  const insertNext = db.prepare(
    `INSERT INTO journal (${COLUMNS}) SELECT ?, stream, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, seq FROM progress
     WHERE stream = ? AND version = ? AND file_id = ?`,
  )
  const insertClosing = db.prepare(
    `INSERT INTO journal (${COLUMNS})
     SELECT ?, stream, ?, ?, ?, 0, 0, 0, 0, NULL, NULL, NULL, NULL, '', ?, seq FROM progress
     WHERE stream = ? AND version = ? AND file_id = ?`,
  )

  const begin = (entry: number, stream: number, update: UpdateEntry): void => {
    const { version, email } = update
    insertFirst.run(entry, stream, version, ...valuesOf(update), email)
  }
  /** False, and nothing written, when the file is not at this place any more: the optimistic lock. */
  const append = (entry: number, { stream, version, fileId }: Place, update: UpdateEntry): boolean =>
    insertNext.run(entry, update.version, ...valuesOf(update), null, stream, version, fileId).changes !== 0
  const close = (entry: number, { stream, version, fileId }: Place, closing: ClosingEntry): boolean =>
    insertClosing.run(entry, closing.version, closing.kind, closing.at, closing.by, stream, version, fileId).changes !==
    0
  return { begin, append, close }
}

const valuesOf = ({ kind, at, updates, delta, total, completion, sources }: UpdateEntry) =>
  [
    kind,
    at,
    updates.length,
    delta.done,
    delta.warn,
    delta.failed,
    total,
    completion?.outcome ?? null,
    completion?.reason ?? null,
    completion?.sentAt ?? null,
    sources.join(','),
  ] as const

const nextMark = `SELECT entry FROM journal
  WHERE stream = ? AND version % 64 = 0 AND version >= ? ORDER BY version LIMIT 1`

/** Reads entries, oldest first, by walking back from the next mark or the newest one. */
export const prepareHistory = (db: DatabaseSync, streams: Streams) => {
  const mark = prepareQuery(db, nextMark)
  const newest = prepareQuery(
    db,
    `SELECT coalesce((SELECT seq FROM progress WHERE file_id = ?1), (SELECT max(seq) FROM former WHERE file_id = ?1))`,
  )
  const walk = prepareQuery(
    db,
    `WITH RECURSIVE walk AS (
       SELECT * FROM journal WHERE entry = ?1
       UNION ALL
       SELECT journal.* FROM walk JOIN journal ON journal.entry = walk.previous WHERE walk.version > ?2 + 1
     )
     SELECT version, kind, at, updates, done, warn, failed, total, outcome, sources FROM walk
     WHERE version > ?2 AND version <= ?3`,
  )

  /** Entries of all kinds, every version from `after` on, up to `last`. */
  const between = (stream: number, fileId: FileId, after: number, last: number): Row[] => {
    const start = mark.get(stream, last) ?? newest.get(fileId)
    return walk.all(start?.[0] as number | null, after, last).reverse()
  }

  /** Of one transaction. */
  return ({ fileId, version }: StreamRef, limit: number, after: number): HistoryRow[] => {
    const stream = streams.findEver(fileId)
    const rows: HistoryRow[] = []
    // Versions have no gap, but an entry that is no update is not shown.
    for (let at = after; stream !== null && rows.length < limit && at < version; ) {
      const last = Math.min(at + limit - rows.length, version)
      for (const row of between(stream, fileId, at, last)) if (row[1] === 'update') rows.push(toHistoryRow(row))
      at = last
    }
    return rows
  }
}

const toHistoryRow = (row: Row): HistoryRow => {
  const [version, , at, updates, done, warn, failed, total, outcome, sources] = row as unknown as [
    version: number,
    kind: string,
    at: number,
    updates: number,
    done: number,
    warn: number,
    failed: number,
    total: number | null,
    outcome: EndState | null,
    sources: string,
  ]
  return {
    version,
    at,
    updates,
    counts: { done, warn, failed },
    total,
    isLast: outcome !== null,
    outcome,
    sources: sources.split(',') as Channel[],
  }
}

/** How many stretches of 64 entries one call takes away. */
const MARKS_AT_ONCE = 8

/**
 * Takes a journal away that nothing leads to any more, the oldest part first, so that the rest can still be walked.
 * Answers how many entries went: 0 when none is left. `newest` is the last entry.
 */
export const prepareJournalPurge = (db: DatabaseSync) => {
  const mark = prepareQuery(db, nextMark)
  const remove = db.prepare(
    `WITH RECURSIVE walk (entry, previous) AS (
       SELECT entry, previous FROM journal WHERE entry = ?
       UNION ALL
       SELECT journal.entry, journal.previous FROM walk JOIN journal ON journal.entry = walk.previous
     )
     DELETE FROM journal WHERE entry IN (SELECT entry FROM walk)`,
  )
  return (stream: number, newest: number): number => {
    let gone = 0
    for (let turn = 0; turn < MARKS_AT_ONCE; turn += 1) {
      const [entry] = mark.get(stream, 0) ?? [newest]
      const { changes } = remove.run(entry as number)
      if (changes === 0) break
      gone += Number(changes)
    }
    return gone
  }
}
