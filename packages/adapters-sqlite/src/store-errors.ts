import { StoreUnavailable } from '@pebbles/core'

/**
 * Why a store file was refused. Nothing was changed in it. `STORE_BUSY` goes by itself: another process holds the lock,
 * paused or at work. Each of the others is for an operator to look at, and a process that meets one ends with exit
 * code 74.
 *
 * `STORE_CORRUPT` damaged, cut off, or parts of it are missing · `STORE_NEWER` written by a newer version of this
 * program · `STORE_FOREIGN` a database of another program · `STORE_INACCESSIBLE` cannot be opened or written ·
 * `SQLITE_TOO_OLD` the SQLite in this Node.js can damage a file that two processes write.
 */
export type StoreFileCode =
  | 'STORE_BUSY'
  | 'STORE_CORRUPT'
  | 'STORE_NEWER'
  | 'STORE_FOREIGN'
  | 'STORE_INACCESSIBLE'
  | 'SQLITE_TOO_OLD'

/** A store file that must not be used as it is; `code` says why, the message says what to do. */
export class StoreFileError extends Error {
  readonly code: StoreFileCode
  constructor(code: StoreFileCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

// https://www.sqlite.org/rescode.html; the low byte of an extended code is its primary one.
const BUSY = new Set([5, 15])
const DAMAGED = new Set([11, 26])
const AWAY = new Set([3, 4, 7, 8, 9, 10, 11, 13, 14, 22, 23, 26])

/** The primary SQLite result code of an error, or null when SQLite did not throw it. */
const primaryCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null

/** Another connection is in the way for now; a later try may go through. */
export const isBusy = (error: unknown): boolean => BUSY.has(primaryCode(error) ?? -1)

/** A running store's error as its callers know it: a bug stays what it is, all else is the store being away. */
export const asUnavailable = (error: unknown): unknown => {
  if (error instanceof StoreFileError) return new StoreUnavailable(error.message, { cause: error })
  const code = primaryCode(error)
  if (code === null || !AWAY.has(code)) return error
  return new StoreUnavailable(`the SQLite file failed: ${(error as Error).message}`, { cause: error })
}

/** An error met while a store file is opened, told so that an operator knows what to do. */
export const asFileError = (error: unknown, path: string): unknown => {
  const code = primaryCode(error)
  const ofSystem = error instanceof Error && 'syscall' in error
  if (code === null && !ofSystem) return error
  const reason = (error as Error).message
  if (isBusy(error))
    return new StoreFileError(
      'STORE_BUSY',
      `Another process has held the store file ${path} all the time: ${reason}.`,
      {
        cause: error,
      },
    )
  if (code !== null && DAMAGED.has(code)) return corrupt(path, `SQLite says: ${reason}`, { cause: error })
  return new StoreFileError('STORE_INACCESSIBLE', `The store file ${path} cannot be opened and written: ${reason}.`, {
    cause: error,
  })
}

/** The one sentence for every kind of damage: what was seen, that nothing was changed, and the way on. */
export const corrupt = (path: string, seen: string, options?: ErrorOptions): StoreFileError =>
  new StoreFileError(
    'STORE_CORRUPT',
    `The store file ${path} is damaged (${seen}). Nothing was changed in it. Keep a copy of it and of its -wal, then restore a backup.`,
    options,
  )
