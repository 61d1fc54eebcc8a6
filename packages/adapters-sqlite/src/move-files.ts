import type { DatabaseSync } from 'node:sqlite'
import type { FileMoves, FileState, FormerLife } from '@pebbles/core'
import { NO_COUNTS } from '@pebbles/core'
import type { Access } from './access.ts'
import { prepareClientTotals } from './client-totals.ts'
import { prepareJournal } from './journal.ts'
import { prepareQuery } from './query.ts'
import { STATE_COLUMNS, toState } from './rows.ts'

/** One transaction for each file: the journal goes along by its short name, which nothing but the file's row leads to. */
export const createFileMoves = ({ db, access }: { readonly db: DatabaseSync; readonly access: Access }): FileMoves => {
  const find = prepareQuery(db, `SELECT ${STATE_COLUMNS}, stream FROM progress WHERE client = ? AND filename = ?`)
  const lives = prepareQuery(db, 'SELECT file_id, version, state FROM former WHERE client = ? AND filename = ?')
  const drawSeqs = prepareQuery(db, 'UPDATE meta SET seq = seq + 2 RETURNING seq')
  const journal = prepareJournal(db)
  const insertId = db.prepare(`INSERT INTO update_id VALUES (?, ?, '', ?, 0)`)
  const insertFormer = db.prepare(`INSERT OR REPLACE INTO former VALUES (?, ?, ?, ?, 'moved', ?, ?, ?, ?)`)
  const deleteFormer = db.prepare('DELETE FROM former WHERE client = ? AND filename = ? AND file_id = ?')
  const change = db.prepare('UPDATE progress SET client = ?, version = ?, former = ?, seq = ? WHERE stream = ?')
  const startTotals = prepareClientTotals(db)

  const hand = ({ counts, completion }: FileState, files: 1 | -1) => ({
    files,
    ended: completion?.outcome ?? null,
    from: files > 0 ? NO_COUNTS : counts,
    to: files > 0 ? counts : NO_COUNTS,
  })

  return {
    obstacle: async () => null,
    move: ({ from, to, filename, at, id }) =>
      access.write(() => {
        const row = find.get(from, filename)
        if (row === undefined) return { kind: 'missing' }
        const state = toState(row)
        const stream = row.at(-1) as number
        const { fileId, email } = state
        const others = lives
          .all(to, filename)
          .map(([of, version, ended]) => ({ fileId: of, version, state: ended }) as FormerLife)
          .filter((life) => life.fileId !== fileId)
        if (find.get(to, filename) !== undefined || others.some((life) => life.state === 'moved'))
          return { kind: 'taken' }

        const [seq] = drawSeqs.get() as unknown as [number]
        const version = state.version + 1
        journal.close(seq, { stream, version: state.version, fileId }, { kind: 'moved', version, at, by: email })
        insertId.run(stream, id, version)
        insertFormer.run(from, filename, fileId, stream, version, email, at, seq - 1)
        // It is back where it was before.
        deleteFormer.run(to, filename, fileId)
        change.run(to, version, others.length === 0 ? null : JSON.stringify(others), seq, stream)
        const totals = startTotals()
        totals.add(from, hand(state, -1))
        totals.add(to, hand(state, 1))
        totals.write()
        return { kind: 'moved', fileId }
      }),
  }
}
