import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreFileError } from './store-errors.ts'

// Never open and close the database file itself here: that drops the locks that SQLite holds on it in this process.

/** The path of a store that has no file. */
export const IN_MEMORY = ':memory:'

/** Gives a finished file its name, never over another: nobody sees half of it, also after a power loss. */
export const publish = (draft: string, path: string): void => {
  linkSync(draft, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

export const removeDraft = (draft: string): void => {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(draft + end, { force: true })
}

/**
 * SQLite makes -wal before -shm and deletes it after, so -shm without -wal was nobody's doing but a person's.
 * Looked at three times, as other processes may come and go in between.
 */
export const isWalMissing = (path: string): boolean =>
  [1, 2, 3].every(() => existsSync(`${path}-shm`) && !existsSync(`${path}-wal`) && existsSync(`${path}-shm`))

/**
 * Throws once the files that are open here are no longer those at the path: SQLite would go on writing into a deleted
 * file, and what it acknowledged would be gone with the process.
 */
export const createFileGuard = (path: string): (() => void) => {
  if (path === IN_MEMORY) return () => {}
  const files = [path, `${path}-wal`]
  const identify = (file: string): string => {
    const { dev, ino } = statSync(file, { throwIfNoEntry: false }) ?? {}
    return `${dev}:${ino}`
  }
  const opened = files.map(identify)
  return () => {
    for (const [index, file] of files.entries()) {
      if (identify(file) !== opened[index]) {
        throw new StoreFileError(
          'STORE_INACCESSIBLE',
          `${file} was deleted or replaced while it was open. Stop every process that uses it, put it back, and start again.`,
        )
      }
    }
  }
}
