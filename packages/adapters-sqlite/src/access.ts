import type { DatabaseSync } from 'node:sqlite'
import { type Clock, StoreUnavailable } from '@pebbles/core'
import { asUnavailable, isBusy } from './store-errors.ts'

/** The only way to the database: every call is one transaction, and none is open while anything is awaited. */
export interface Access {
  /** One consistent view; nothing is written. */
  readonly read: <T>(work: () => T) => Promise<T>
  /** All of it or nothing; durable when it answers. `work` may run more than once. */
  readonly write: <T>(work: () => T) => Promise<T>
  /** Whether the newest write failed. */
  readonly hasFailedToWrite: () => boolean
  /** Resolves when the file is let go of. May be called twice. */
  readonly close: () => Promise<void>
}

/**
 * How long SQLite itself may wait for another process. Its wait stops the event loop, so it is short, and
 * the patient waiting is done here, asynchronously.
 */
export const BUSY_TIMEOUT_MS = 5
const GIVE_UP_AFTER_MS = 2_000
const LONGEST_WAIT_MS = 25

export interface AccessDeps {
  readonly db: DatabaseSync
  readonly clock: Clock
  /** Asked before each write; throws when the open file is not the one at its path any more. */
  readonly guard: () => void
  /** Called after each write that was committed. */
  readonly committed: () => void
  /** Gives the connection back. */
  readonly release: () => Promise<void>
}

export const createAccess = ({ db, clock, guard, committed, release }: AccessDeps): Access => {
  // IMMEDIATE takes the write lock first: a transaction that read before it writes fails for good when another wrote.
  const beginWrite = db.prepare('BEGIN IMMEDIATE')
  const beginRead = db.prepare('BEGIN')
  const end = db.prepare('COMMIT')
  const undo = db.prepare('ROLLBACK')
  let closed: Promise<void> | null = null
  let failed = false

  const transact = <T>(begin: typeof end, work: () => T): T => {
    begin.run()
    try {
      const answer = work()
      end.run()
      return answer
    } catch (error) {
      // SQLite has rolled back by itself after some errors.
      if (db.isTransaction) undo.run()
      throw error
    }
  }

  const patiently = async <T>(attempt: () => T): Promise<T> => {
    const started = clock.monotonic()
    for (let tries = 0; ; tries += 1) {
      if (closed !== null) throw new StoreUnavailable('the store is closed')
      try {
        return attempt()
      } catch (error) {
        if (!isBusy(error)) throw asUnavailable(error)
        if (clock.monotonic() - started > GIVE_UP_AFTER_MS) {
          throw new StoreUnavailable('other processes hold the SQLite file all the time', { cause: error })
        }
      }
      await clock.sleep(1 + clock.random() * Math.min(LONGEST_WAIT_MS, 2 ** tries))
    }
  }

  /** What is durable must not fail any more: it would be taken for a failure of the commit, and be made again. */
  const tellCommitted = (): void => {
    try {
      committed()
    } catch {
      // The log is moved into the file after a later commit, or by SQLite itself.
    }
  }

  return {
    read: (work) => patiently(() => transact(beginRead, work)),
    write: async (work) => {
      try {
        const answer = await patiently(() => {
          guard()
          return transact(beginWrite, work)
        })
        failed = false
        tellCommitted()
        return answer
      } catch (error) {
        failed = true
        throw error
      }
    },
    hasFailedToWrite: () => failed,
    close: () => {
      closed ??= release()
      return closed
    },
  }
}
