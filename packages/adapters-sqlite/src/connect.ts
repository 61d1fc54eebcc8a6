import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '@pebbles/core'
import { BUSY_TIMEOUT_MS } from './access.ts'
import { IN_MEMORY, isWalMissing, publish, removeDraft } from './files.ts'
import { checkIdentity, createSchema, migrate, readPragma } from './migrations.ts'
import { asFileError, corrupt, isBusy, StoreFileError } from './store-errors.ts'
import { findLostCommits } from './wal-check.ts'

/** Before 3.51.3 two processes that write and checkpoint at once can corrupt a file (the WAL-reset bug). */
const LEAST_SQLITE = [3, 51, 3] as const
const OPEN_WITHIN_MS = 5_000
/** A file up to this size is checked whole when it is opened; a larger one by hand, as 300 MiB take a second. */
const CHECKED_AT_OPEN_BYTES = 32 * 1024 * 1024

/**
 * Opens the file, or creates it whole. Rejects with a `StoreFileError` when it must not be touched, and leaves it
 * as it is then.
 */
export const connect = async (path: string, clock: Clock): Promise<DatabaseSync> => {
  checkSqlite(process.versions['sqlite'] ?? '0')
  if (path === IN_MEMORY) {
    const db = new DatabaseSync(IN_MEMORY)
    configure(db)
    createSchema(db)
    return db
  }
  const started = clock.monotonic()
  for (;;) {
    try {
      if (!existsSync(path)) create(path)
      inspect(path)
      examine(path)
      return openExisting(path)
    } catch (error) {
      if (!isBusy(error) || clock.monotonic() - started > OPEN_WITHIN_MS) throw asFileError(error, path)
    }
    await clock.sleep(5 + clock.random() * 20)
  }
}

/** Refuses a SQLite with the WAL-reset bug. */
export const checkSqlite = (version: string): void => {
  const parts = version.split('.').map(Number)
  for (const [index, least] of LEAST_SQLITE.entries()) {
    const part = parts[index] ?? 0
    if (part > least) return
    if (part < least) {
      throw new StoreFileError(
        'SQLITE_TOO_OLD',
        `This Node.js brings SQLite ${version}; at least ${LEAST_SQLITE.join('.')} is needed, as older ones can corrupt a file that two processes write. Use a newer Node.js.`,
      )
    }
  }
}

/** Built beside its place and linked into it, so that nobody ever sees half of it, and a crash leaves no empty file. */
const create = (path: string): void => {
  for (const companion of [`${path}-wal`, `${path}-shm`]) {
    if (existsSync(companion)) throw corrupt(path, `${companion} is there, but the file itself is gone`)
  }
  const draft = `${path}.new-${randomUUID()}`
  try {
    mkdirSync(dirname(path), { recursive: true })
    const db = new DatabaseSync(draft)
    try {
      configure(db)
      createSchema(db)
    } finally {
      db.close()
    }
    publish(draft, path)
  } catch (error) {
    // Another process was quicker, and its file is as good.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    removeDraft(draft)
  }
}

const SMALLEST_PAGE_BYTES = 512

/** What SQLite would not notice, or would tidy up without a word. */
const inspect = (path: string): void => {
  const { size } = statSync(path)
  if (size < SMALLEST_PAGE_BYTES) throw corrupt(path, `it has ${size} bytes`)
  if (isWalMissing(path)) {
    throw corrupt(
      path,
      `${path}-wal is gone while ${path}-shm is there, so the newest changes are lost; after restoring a backup, delete -shm, too`,
    )
  }
  const lost = findLostCommits(`${path}-wal`)
  if (lost !== null) throw corrupt(path, lost)
}

/** Looks with a connection that cannot write: the last one that can would move the log into the file as it closes. */
const examine = (path: string): void => {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    checkIdentity(path, Number(readPragma(db, 'application_id')), Number(readPragma(db, 'user_version')))
    if (statSync(path).size > CHECKED_AT_OPEN_BYTES) return
    const [verdict] = db.prepare('PRAGMA quick_check(1)').all()
    if (verdict?.['quick_check'] !== 'ok') throw corrupt(path, `a check says: ${String(verdict?.['quick_check'])}`)
  } finally {
    db.close()
  }
}

const openExisting = (path: string): DatabaseSync => {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    // A backup is no store yet: once it is written, its positions in the feed are not those of its original.
    if (readPragma(db, 'journal_mode') !== 'wal') db.exec('UPDATE meta SET identity = lower(hex(randomblob(8)))')
    configure(db)
    // A file that can only be read opens and begins a transaction without complaint; a write tells.
    db.exec('BEGIN IMMEDIATE; UPDATE meta SET seq = seq; ROLLBACK')
    migrate(db, path)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** What each line is for stands in docs/guides/sqlite-operations.md, under "Settings". */
const configure = (db: DatabaseSync): void => {
  db.exec(`
    PRAGMA page_size = 2048;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 16000;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA cache_size = -32768;
    PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY;
    PRAGMA cell_size_check = ON;
    PRAGMA trusted_schema = OFF;
  `)
  const mode = readPragma(db, 'journal_mode')
  if (mode !== 'wal' && mode !== 'memory') {
    throw new StoreFileError(
      'STORE_INACCESSIBLE',
      `SQLite cannot keep a write-ahead log here (journal mode ${String(mode)}). Put the store on a local disk.`,
    )
  }
}
