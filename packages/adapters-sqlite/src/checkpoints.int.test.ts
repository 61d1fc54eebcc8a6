import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../test/harness.ts'
import { createCheckpoints } from './checkpoints.ts'

const PAGE = 2_048

/** A database that leaves its log alone, as the store's does in the time of these tests. */
const openLogged = (path: string) => {
  const db = new DatabaseSync(path)
  db.exec(`PRAGMA page_size = ${PAGE}; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)`)
  const insert = db.prepare('INSERT INTO t VALUES (randomblob(?))')
  const look = db.prepare('PRAGMA wal_checkpoint(NOOP)')
  return {
    db,
    write: (pages: number) => insert.run(pages * PAGE),
    checkpointed: () => (look.get() as { checkpointed: number }).checkpointed,
  }
}

describe('the thread that checkpoints', () => {
  it('moves a log into the file once it is long, and not before', { timeout: 60_000 }, async () => {
    using folder = temporaryFolder()
    const { db, write, checkpointed } = openLogged(folder.file)
    const checkpoints = createCheckpoints(db, folder.file)
    const commit = (pages: number): void => {
      write(pages)
      checkpoints.committed()
    }
    for (let commits = 0; commits < 100; commits += 1) commit(30)
    await checkpoints.close()
    expect(checkpointed()).toBe(0)

    for (let commits = 0; commits < 100; commits += 1) commit(30)
    while (checkpointed() === 0) await wait(5)
    // What came while the first was under way is moved by a later one.
    const first = checkpointed()
    while (checkpointed() === first) {
      commit(1_000)
      await wait(5)
    }
    await checkpoints.close()
    db.close()
    const again = new DatabaseSync(folder.file)
    expect(again.prepare('SELECT count(*) >= 200 AS all_there FROM t').get()).toEqual({ all_there: 1 })
    expect(again.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    again.close()
  })

  it('does not make a file anew that is gone, and its failure is nobody else’s', { timeout: 60_000 }, async () => {
    using folder = temporaryFolder()
    const { db, write } = openLogged(folder.file)
    const checkpoints = createCheckpoints(db, `${folder.path}/gone.db`)
    for (let commits = 0; commits < 200; commits += 1) {
      write(30)
      checkpoints.committed()
    }
    await checkpoints.close()
    expect(() => new DatabaseSync(`${folder.path}/gone.db`, { readOnly: true })).toThrow()
    write(1)
    db.close()
  })
})
