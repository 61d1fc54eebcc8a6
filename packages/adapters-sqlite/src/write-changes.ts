import type { DatabaseSync } from 'node:sqlite'
import type { Change, CommitResult, EndState, FileState, UpdateEntry } from '@pebbles/core'
import { foldName, ISSUE_KINDS, isInner, NO_COUNTS } from '@pebbles/core'
import { type ClientTotals, prepareClientTotals } from './client-totals.ts'
import type { PackedIssues } from './issue-chunks.ts'
import { prepareJournal } from './journal.ts'
import { newer, SCHEMA_VERSION } from './migrations.ts'
import { prepareQuery } from './query.ts'
import {
  DIGEST_COLUMNS,
  digestValues,
  ENDING_COLUMNS,
  endingValues,
  FIXED_COLUMNS,
  fixedValues,
  MOVING_COLUMNS,
  movingValues,
} from './rows.ts'
import type { Streams } from './streams.ts'

/** A change, and its issues as they are stored. */
export interface PackedChange {
  readonly change: Change
  readonly issues: PackedIssues
}

type Update = Extract<Change, { kind: 'update' }>
type Removal = Extract<Change, { kind: 'remove' }>

/** Writes a group within one write transaction. A change that conflicts leaves nothing behind, the others stand. */
export const prepareChangeWriter = (db: DatabaseSync, path: string, streams: Streams) => {
  const drawSeq = prepareQuery(db, 'UPDATE meta SET seq = seq + ? RETURNING seq, schema')
  const startTotals = prepareClientTotals(db)
  const journal = prepareJournal(db)
  const create = prepareCreate(db, journal)
  const advance = prepareAdvance(db, journal, streams)
  const remove = prepareRemove(db, journal, streams)
  const writeIssues = prepareIssueWriter(db)

  const writeOne = ({ change, issues }: PackedChange, seq: number, totals: ClientTotals): CommitResult => {
    if (change.kind === 'remove') return remove(change, seq, totals)
    const { before } = change
    const stream = before === null ? create(change, seq, totals) : advance(change, before, seq, totals)
    if (stream === null) return 'conflict'
    writeIssues(stream, change.entry, issues)
    return 'committed'
  }

  return (group: readonly PackedChange[]): readonly CommitResult[] => {
    const [last, schema] = drawSeq.get(group.length) as unknown as [number, number]
    // Another process may have brought the file to a schema that this one must not write.
    if (schema !== SCHEMA_VERSION) throw newer(path, schema)
    const totals = startTotals()
    const results = group.map((packed, index) => writeOne(packed, last - group.length + 1 + index, totals))
    totals.write()
    return results
  }
}

type Journal = ReturnType<typeof prepareJournal>

const prepareCreate = (db: DatabaseSync, journal: Journal) => {
  const formerLives = prepareQuery(db, 'SELECT file_id FROM former WHERE client = ? AND filename = ?')
  const columns = [...FIXED_COLUMNS, ...MOVING_COLUMNS, ...ENDING_COLUMNS, ...DIGEST_COLUMNS, 'folded', 'seq']
  const insertFile = db.prepare(
    `INSERT INTO progress (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  )
  const ids = prepareIds(db)

  return ({ after, entry }: Update, seq: number, totals: ClientTotals): number | null => {
    // A life of this name that came and went since it was opened may hold these very updates.
    const known = new Set<unknown>(after.former.map((life) => life.fileId))
    if (formerLives.all(after.client, after.filename).some(([fileId]) => !known.has(fileId))) return null
    const folded = foldName(after.filename)
    const values = [
      ...fixedValues(after),
      ...movingValues(after),
      ...endingValues(after),
      ...digestValues(after.issues),
    ]
    const { changes, lastInsertRowid } = insertFile.run(...values, folded === after.filename ? null : folded, seq)
    if (changes === 0) return null
    const stream = Number(lastInsertRowid)
    ids.add(stream, entry)
    journal.begin(seq, stream, entry)
    const ended = after.completion?.outcome ?? null
    totals.add(after.client, { files: 1, ended, from: NO_COUNTS, to: after.counts })
    return stream
  }
}

const prepareAdvance = (db: DatabaseSync, journal: Journal, streams: Streams) => {
  const update = (...columns: readonly string[]) =>
    db.prepare(`UPDATE progress SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE stream = ?`)
  const move = update(...MOVING_COLUMNS, 'seq')
  const moveWithDigests = update(...MOVING_COLUMNS, ...DIGEST_COLUMNS, 'seq')
  const moveWithAll = update(...MOVING_COLUMNS, ...ENDING_COLUMNS, ...DIGEST_COLUMNS, 'seq')
  const ids = prepareIds(db)

  return ({ after, entry }: Update, before: FileState, seq: number, totals: ClientTotals): number | null => {
    const stream = streams.find(before.fileId)
    // The ids first: one that is there already ends the change before anything else is written.
    if (stream === null || !ids.add(stream, entry)) return null
    if (!journal.append(seq, { ...before, stream }, entry)) {
      ids.takeBack(stream, entry, entry.updates.length)
      return null
    }
    const moving = movingValues(after)
    if (before.completion !== after.completion)
      moveWithAll.run(...moving, ...endingValues(after), ...digestValues(after.issues), seq, stream)
    else if (sameDigests(before, after)) move.run(...moving, seq, stream)
    else moveWithDigests.run(...moving, ...digestValues(after.issues), seq, stream)
    const ended = before.completion === null ? (after.completion?.outcome ?? null) : null
    totals.add(before.client, { files: 0, ended, from: before.counts, to: after.counts })
    return stream
  }
}

/** Most updates bring no issue, and then core hands the digests on as they are. */
const sameDigests = (before: FileState, after: FileState): boolean =>
  before.issues.error === after.issues.error && before.issues.warning === after.issues.warning

const prepareRemove = (db: DatabaseSync, journal: Journal, streams: Streams) => {
  const deleteFile = prepareQuery(
    db,
    'DELETE FROM progress WHERE stream = ? RETURNING email, outcome, done, warn, failed',
  )
  const insertId = db.prepare(`INSERT INTO update_id VALUES (?, ?, '', ?, 0) ON CONFLICT DO NOTHING`)
  const insertFormer = db.prepare('INSERT OR REPLACE INTO former VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')

  return ({ before, entry }: Removal, seq: number, totals: ClientTotals): CommitResult => {
    const stream = streams.find(before.fileId)
    if (stream === null || !journal.close(seq, { ...before, stream }, entry)) return 'conflict'
    const { fileId, version, at, id, kind } = entry
    insertId.run(stream, id, version)
    const [owner, ended, done, warn, failed] = deleteFile.get(stream) as unknown as [
      string,
      EndState | null,
      number,
      number,
      number,
    ]
    insertFormer.run(before.client, before.filename, fileId, stream, kind, version, owner, at, seq)
    totals.add(before.client, { files: -1, ended, from: { done, warn, failed }, to: NO_COUNTS })
    return 'committed'
  }
}

/** Inner ids are not kept: a commit here is never in doubt, so nobody asks for one. */
const prepareIds = (db: DatabaseSync) => {
  const insertId = db.prepare('INSERT INTO update_id VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING')
  const deleteId = db.prepare('DELETE FROM update_id WHERE stream = ? AND id = ?')

  const takeBack = (stream: number, entry: UpdateEntry, count: number): void => {
    for (const { id } of entry.updates.slice(0, count)) if (!isInner(id)) deleteId.run(stream, id)
  }
  /** All of them or none; false when one was applied before. */
  const add = (stream: number, entry: UpdateEntry): boolean => {
    for (const [index, { id, hash }] of entry.updates.entries()) {
      if (isInner(id)) continue
      const first = entry.version === 1 && index === 0 ? 1 : 0
      if (insertId.run(stream, id, hash, entry.version, first).changes !== 0) continue
      takeBack(stream, entry, index)
      return false
    }
    return true
  }
  return { add, takeBack }
}

const prepareIssueWriter = (db: DatabaseSync) => {
  const insertChunk = db.prepare('INSERT INTO issue_chunk VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)')
  const insertPlace = db.prepare('INSERT INTO issue_pattern VALUES (?, ?, ?, ?, ?)')
  const upsertPattern = db.prepare(`INSERT INTO pattern VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    template = excluded.template, count = excluded.count, merged_into = excluded.merged_into`)

  return (stream: number, { version, at, patterns }: UpdateEntry, issues: PackedIssues): void => {
    for (const chunk of issues.chunks) {
      insertChunk.run(stream, chunk.kind, version, chunk.no, chunk.last, at, chunk.body)
    }
    for (const place of issues.places) insertPlace.run(stream, place.kind, place.pattern, version, place.chunks)
    for (const issueKind of ISSUE_KINDS) {
      for (const { no, template, count, into } of patterns[issueKind]) {
        upsertPattern.run(stream, issueKind, no, template, count, into ?? null)
      }
    }
  }
}
