import { randomUUID } from 'node:crypto'
import { backup, DatabaseSync } from 'node:sqlite'
import { IN_MEMORY, publish, removeDraft } from './files.ts'

/** More pages than a file can have: the whole copy is one step, so no writer can make it begin again. */
const ALL_PAGES = 0x7fff_ffff

/**
 * Copies the store as it is at one moment into a new file, while others write. The copying runs on another thread and
 * on a connection of its own; the write-ahead log cannot start over meanwhile, so it grows by what is written.
 */
export const backUp = async (db: DatabaseSync, path: string, toPath: string): Promise<void> => {
  const source = path === IN_MEMORY ? db : new DatabaseSync(path, { readOnly: true })
  const draft = `${toPath}.new-${randomUUID()}`
  try {
    await backup(source, draft, { rate: ALL_PAGES })
    // Without a log a copy tells that it is one, as those do that VACUUM INTO makes; see `connect`.
    const copy = new DatabaseSync(draft)
    try {
      copy.exec('PRAGMA journal_mode = DELETE')
    } finally {
      copy.close()
    }
    publish(draft, toPath)
  } finally {
    if (source !== db) source.close()
    removeDraft(draft)
  }
}
