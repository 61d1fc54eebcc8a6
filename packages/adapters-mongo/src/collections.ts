import { type Collection, type Db, ReadPreference } from 'mongodb'
import type {
  BehindDocument,
  ChunkDocument,
  EntryDocument,
  FormerDocument,
  ProgressDocument,
  RejectedDocument,
  SettingDocument,
  TableDocument,
} from './documents.ts'

export interface Collections {
  readonly db: Db
  readonly progress: Collection<ProgressDocument>
  readonly journal: Collection<EntryDocument>
  readonly chunks: Collection<ChunkDocument>
  readonly tables: Collection<TableDocument>
  readonly former: Collection<FormerDocument>
  readonly behind: Collection<BehindDocument>
  readonly settings: Collection<SettingDocument>
  readonly rejected: Collection<RejectedDocument>
}

/** Whether `pebbles migrate down` handed the documents to the old version. */
export const isRolledBack = async ({ settings }: Pick<Collections, 'settings'>): Promise<boolean> =>
  (await settings.findOne({ _id: 'down' }, BOUNDED)) !== null

/** What a server may take for one call, ms; an answer that comes later finds nobody waiting. */
const CALL_MS = 8_000
/** Options of every call. */
export const BOUNDED = { maxTimeMS: CALL_MS } as const
/** An ordered bulk is cut into one command for each document on a sharded cluster. */
export const UNORDERED = { ...BOUNDED, ordered: false } as const

export const MAJORITY = { w: 'majority', j: true, wtimeout: CALL_MS } as const

/**
 * Majority and journal for writes, majority on the primary for reads, whatever the URI says: less would let a new
 * primary forget what was answered for, or a refusal rest on what was never true.
 */
export const openCollections = (db: Db): Collections => {
  const options = {
    writeConcern: { w: MAJORITY.w, j: MAJORITY.j, wtimeoutMS: MAJORITY.wtimeout },
    readConcern: { level: 'majority' },
    readPreference: ReadPreference.primary,
    ignoreUndefined: true,
  } as const
  return {
    db,
    progress: db.collection('progress', options),
    journal: db.collection('journal', options),
    chunks: db.collection('journal_issues', options),
    tables: db.collection('patterns', options),
    former: db.collection('progress_former', options),
    behind: db.collection('progress_behind', options),
    settings: db.collection('settings', options),
    rejected: db.collection('rejected', options),
  }
}
