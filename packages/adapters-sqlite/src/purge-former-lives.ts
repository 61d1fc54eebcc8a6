import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '@pebbles/core'
import type { Access } from './access.ts'
import { prepareJournalPurge } from './journal.ts'
import { prepareQuery } from './query.ts'

export interface PurgeDeps {
  readonly db: DatabaseSync
  readonly access: Access
  readonly clock: Clock
}

const KNOWN_FOR_MS = 15 * 86_400_000
/** A clock that is further ahead of everything in the store has jumped: then nothing is purged. */
const LONGEST_SILENCE_MS = 30 * 86_400_000
/** A jump that goes unnoticed costs no more than this. */
const LIVES_AT_MOST = 1_000
/** A slice is one commit: small enough that writers wait a few milliseconds. */
const ROWS_AT_ONCE = 500
const CHUNKS_AT_ONCE = 50

/**
 * Forgets lives that ended more than 15 days before `now`: their journal, ids, issues and patterns, then the row that
 * names them; of a file that lives on under another client only the row. Answers how many went, at most 1,000 a call.
 */
export const preparePurge = ({ db, access, clock }: PurgeDeps): ((now: number) => Promise<number>) => {
  const newest = prepareQuery(
    db,
    `SELECT updated_at FROM progress WHERE seq = (SELECT max(seq) FROM progress)
     UNION ALL SELECT at FROM former WHERE seq = (SELECT max(seq) FROM former)`,
  )
  const oldest = prepareQuery(
    db,
    'SELECT client, filename, file_id, stream, seq FROM former WHERE at < ? ORDER BY at, seq LIMIT 1',
  )
  const stillUsed = prepareQuery(
    db,
    `SELECT EXISTS (SELECT 1 FROM progress WHERE stream = ?1)
         OR (SELECT count(*) FROM former WHERE file_id = ?2) > 1`,
  )
  const deletions = [
    deletePart(db, 'update_id', 'id', ROWS_AT_ONCE),
    deletePart(db, 'pattern', '(kind, no)', ROWS_AT_ONCE),
    deletePart(db, 'issue_pattern', '(kind, pattern, version)', ROWS_AT_ONCE),
    deletePart(db, 'issue_chunk', 'chunk', CHUNKS_AT_ONCE),
  ]
  const purgeJournal = prepareJournalPurge(db)
  const deleteFormer = db.prepare('DELETE FROM former WHERE client = ? AND filename = ? AND file_id = ?')

  const noteSeq = db.prepare('UPDATE meta SET purged = max(purged, ?)')

  /** One slice of the oldest life; null when there is none, true when it is gone. */
  const purgeSlice = (before: number): boolean | null => {
    const life = oldest.get(before) as unknown as [string, string, string, number, number] | undefined
    if (life === undefined) return null
    const [client, filename, fileId, stream, seq] = life
    if (stillUsed.get(stream, fileId)?.[0] === 0) {
      for (const { statement, rows } of deletions)
        if (Number(statement.run(stream, stream, rows).changes) > 0) return false
      if (purgeJournal(stream, seq) > 0) return false
    }
    deleteFormer.run(client, filename, fileId)
    noteSeq.run(seq)
    return true
  }

  return async (now) => {
    const changes = await access.read(() => newest.all().map(([at]) => at as number))
    if (now - Math.max(...changes) > LONGEST_SILENCE_MS) return 0
    let purged = 0
    while (purged < LIVES_AT_MOST) {
      const gone = await access.write(() => purgeSlice(now - KNOWN_FOR_MS))
      if (gone === null) break
      if (gone) purged += 1
      await clock.pause()
    }
    return purged
  }
}

const deletePart = (db: DatabaseSync, table: string, key: string, rows: number) => ({
  rows,
  statement: db.prepare(
    `DELETE FROM ${table} WHERE stream = ? AND ${key} IN (SELECT ${key.replace(/[()]/g, '')} FROM ${table} WHERE stream = ? LIMIT ?)`,
  ),
})
