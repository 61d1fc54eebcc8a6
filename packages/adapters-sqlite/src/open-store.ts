import type { DatabaseSync } from 'node:sqlite'
import type {
  ChangeFeed,
  Clock,
  FileId,
  FileMoves,
  ProgressReader,
  ProgressStore,
  RejectedMessages,
} from '@pebbles/core'
import { type AccessDeps, createAccess } from './access.ts'
import { backUp } from './back-up.ts'
import { createChangeFeed } from './change-feed.ts'
import { type Checkpoints, createCheckpoints } from './checkpoints.ts'
import { connect } from './connect.ts'
import { createFileGuard, IN_MEMORY } from './files.ts'
import { createFileMoves } from './move-files.ts'
import { createPing } from './ping.ts'
import { createProgressReader } from './progress-reader.ts'
import { createProgressStore } from './progress-store.ts'
import { preparePurge } from './purge-former-lives.ts'
import { createRejectedMessages } from './rejected-messages.ts'
import { createStreams } from './streams.ts'

export interface SqliteStoreOptions {
  /** The file; it and its folder are made when they are missing. `:memory:` keeps everything in this process. */
  readonly path: string
  readonly clock: Clock
  /** Draws 24 lowercase hexadecimal digits, different each time, whoever draws. */
  readonly ids: { readonly fileId: () => FileId }
}

/** A store on one SQLite file, which any number of processes of one machine can share. */
export interface SqliteStore extends ProgressStore, ProgressReader, ChangeFeed, AsyncDisposable {
  readonly rejected: RejectedMessages
  /** Brings files to another client. */
  readonly moves: FileMoves
  /** Resolves when the file can be read and, after a write that failed, be written again; rejects with `StoreUnavailable`. */
  readonly ping: () => Promise<void>
  /** Copies everything committed so far into a new file, while others go on writing. Rejects when `toPath` exists. */
  readonly backup: (toPath: string) => Promise<void>
  /**
   * Forgets files deleted more than 15 days before `now` (ms), with their update ids; answers how many, at most 1,000.
   * Does nothing when the clock is 30 days ahead of the newest change: then it is the clock that is wrong.
   */
  readonly purge: (now: number) => Promise<number>
  /** Every call after it rejects with `StoreUnavailable`, also those that wait their turn now. May be called twice. */
  readonly close: () => Promise<void>
}

/**
 * Opens the store, or makes it. Rejects with a `StoreFileError` when the file must not be used, and has changed
 * nothing in it then.
 */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<SqliteStore> => {
  const { path, clock } = options
  const db = await connect(path, clock)
  const { committed, close } = path === IN_MEMORY ? NO_CHECKPOINTS : createCheckpoints(db, path)
  const release = async (): Promise<void> => {
    // First the thread: the last connection that closes tidies up the log.
    await close()
    db.close()
  }
  return assembleStore(db, options, { committed, release })
}

const NO_CHECKPOINTS: Checkpoints = { committed: () => undefined, close: async () => undefined }

/** Several stores can share one connection, in memory. */
export const assembleStore = (
  db: DatabaseSync,
  { path, clock, ids }: SqliteStoreOptions,
  connection: Pick<AccessDeps, 'committed' | 'release'> = {
    committed: NO_CHECKPOINTS.committed,
    release: async () => db.close(),
  },
): SqliteStore => {
  const guard = createFileGuard(path)
  const access = createAccess({ db, clock, guard, ...connection })
  const streams = createStreams(db)
  const deps = { db, path, guard, access, streams, clock, newFileId: ids.fileId }
  const store = createProgressStore(deps)
  const { close } = access
  return {
    ...store,
    ...createProgressReader(deps),
    ...createChangeFeed(deps),
    rejected: createRejectedMessages(deps),
    moves: createFileMoves(deps),
    ping: createPing(deps),
    backup: (toPath) => backUp(db, path, toPath),
    purge: preparePurge(deps),
    close,
    [Symbol.asyncDispose]: close,
  }
}
