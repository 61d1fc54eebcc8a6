import type { DatabaseSync } from 'node:sqlite'
import type { FileId } from '@pebbles/core'
import { prepareQuery } from './query.ts'

/** The short names of journals. A file keeps its own for good, so what was read once holds. */
export interface Streams {
  /** Of a live file; null when there is none. */
  readonly find: (fileId: FileId) => number | null
  /** Of a live file or one that is gone, for reads that began before it went. */
  readonly findEver: (fileId: FileId) => number | null
  /** What was read from a row. */
  readonly remember: (fileId: FileId, stream: number) => void
}

const MOST_REMEMBERED = 20_000

export const createStreams = (db: DatabaseSync): Streams => {
  const live = prepareQuery(db, 'SELECT stream FROM progress WHERE file_id = ?')
  const gone = prepareQuery(db, 'SELECT stream FROM former WHERE file_id = ?')
  const remembered = new Map<FileId, number>()
  const remember = (fileId: FileId, stream: number): void => {
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    remembered.set(fileId, stream)
  }
  const find = (fileId: FileId): number | null => {
    const known = remembered.get(fileId)
    if (known !== undefined) return known
    const stream = live.get(fileId)?.[0] as number | undefined
    if (stream === undefined) return null
    remember(fileId, stream)
    return stream
  }
  return {
    find,
    findEver: (fileId) => find(fileId) ?? (gone.get(fileId)?.[0] as number | undefined) ?? null,
    remember,
  }
}
