import type {
  ByKind,
  Completion,
  Counts,
  FileId,
  FormerLife,
  IssueDigest,
  IssueKind,
  Pace,
  RejectedMessage,
} from '@pebbles/core'
import type { Binary, ObjectId, Timestamp } from 'mongodb'

/**
 * `progress`: one document for each file and nothing else. Its first block is the shape that was published long ago,
 * and that scripts and the old version read; what is ours stands in the second.
 */
export interface ProgressDocument {
  readonly _id: ObjectId
  /** Absent in documents of the single-tenant version, which belong to the legacy client. */
  readonly clientKrn?: string
  readonly filename: string
  readonly email: string
  readonly counts: Counts
  readonly total: number | null
  readonly isCompleted: boolean
  /** ISO 8601 with three digits; the old version wrote none, three, six or nine. */
  readonly createdAt: string
  readonly updatedAt: string
  /** Only the old versions', until the file is adopted. */
  readonly errors?: unknown
  readonly warnings?: unknown

  /**
   * The client that we first knew this document to be of, set by the first write and by `migrate up`: a `clientKrn` that
   * was changed by hand is known by it, and the next `migrate up` gives it back after a `migrate down`.
   */
  readonly homeClient?: string
  /** Only between `migrate down` and the next `migrate up`: our own fields, and what was written back. */
  readonly down?: RememberedFile
  /** Names the journal. Absent: nobody of us has written this file yet. */
  readonly fileId?: FileId
  /** 0: reserved, or in adoption. Nothing was committed yet. */
  readonly version?: number
  /** Version 0, and readable as it was: the first entry is being made from the old fields. */
  readonly adopting?: true
  /** On its way to `progress_parked`; no look-up of the name sees it. */
  readonly parking?: true
  readonly outcome: Completion['outcome'] | null
  readonly reason: string | null
  readonly completedAt: string | null
  readonly completedSentAt: number | null
  readonly pace: Pace
  readonly issues: ByKind<IssueDigest>
  readonly former: readonly FormerLife[]
  /** The name as searches compare it. */
  readonly foldedName: string
  /** When the store wrote this version, by its own time: the order of the feed. */
  readonly changedAt?: Timestamp
}

/** Part of every write that listeners are to hear of. */
export const TELLS = { $currentDate: { changedAt: { $type: 'timestamp' } } } as const

export type Reservation = Pick<ProgressDocument, '_id' | 'filename' | 'email' | 'homeClient'> &
  Required<Pick<ProgressDocument, 'clientKrn' | 'fileId' | 'version'>>

/** What a file was when it was handed to the old version; its journal stays where it is. */
export interface RememberedFile
  extends Pick<ProgressDocument, OwnField | 'counts' | 'total' | 'isCompleted' | 'createdAt' | 'updatedAt'> {
  readonly fileId: FileId
  readonly version: number
  /** How many issues were written into the old arrays; the journal may have more. */
  readonly written: ByKind<number>
}

type OwnField = 'outcome' | 'reason' | 'completedAt' | 'completedSentAt' | 'pace' | 'issues' | 'former'

export type EntryKind = 'update' | 'adopt' | 'deleted' | 'moved' | 'void'

/** What stands at an entry for the pattern rows that it made or changed. */
export interface RowDocument {
  readonly no: number
  readonly template: string
  readonly count: number
  readonly into?: number
}

/** Issues of one kind as columns. */
export interface ColumnsDocument {
  readonly lines: readonly (number | null)[]
  readonly messages: readonly string[]
  readonly patterns: readonly number[]
}

/** What an adopted file was before: all that cannot be told from increments. */
export interface AdoptedBase {
  readonly createdAt: number
  readonly updatedAt: number
}

/** `journal`: one document for each commit. Its insert is the commit. */
export interface EntryDocument {
  /** Made of the file and the version: the optimistic lock. */
  readonly _id: string
  readonly fileId: FileId
  readonly version: number
  readonly kind: EntryKind
  readonly at: Date
  readonly email: string
  /** Never empty: a unique index takes an empty array for a value, and a second entry without ids would be refused. */
  readonly updates: readonly [UpdateDocument, ...UpdateDocument[]]
  readonly delta?: Counts
  readonly total?: number | null
  readonly completion?: Completion | null
  readonly sources?: readonly ('http' | 'sqs' | 'kafka')[]
  readonly counted?: ByKind<number>
  readonly issues?: Partial<ByKind<ColumnsDocument>>
  /** Names the chunk documents that hold the issues, when there are too many for the entry itself. */
  readonly chunks?: string
  readonly patterns?: ByKind<readonly RowDocument[]>
  /** `e` or `w` for each kind of issue here, `e12` for each pattern: how issues are found. */
  readonly touched?: readonly string[]
  /** At version 1: the earlier lives of the name. */
  readonly previous?: readonly FormerLife[]
  readonly base?: AdoptedBase
}

export interface UpdateDocument {
  readonly id: string
  readonly hash: string
}

/** `journal_issues`: a part of an entry's issues, written before the entry; without its entry it does not count. */
export interface ChunkDocument {
  readonly _id: ObjectId
  readonly fileId: FileId
  readonly version: number
  /** Two writers may try the same version: each has a set of its own. */
  readonly set: string
  readonly kind: IssueKind
  /** Index of its first issue within the entry and kind, and of the one after its last. */
  readonly from: number
  readonly to: number
  readonly columns: ColumnsDocument
  readonly touched: readonly number[]
}

/** `patterns`: the table of one file and kind, at the version that last changed it. */
export interface TableDocument {
  readonly _id: ObjectId
  readonly fileId: FileId
  readonly kind: IssueKind
  readonly version: number
  /** By pattern number, so that a commit writes only the rows that it changed. */
  readonly rows: Readonly<Record<string, { readonly t: string; readonly c: number; readonly i?: number }>>
}

/** `progress_former`: names that were given up, kept for 15 days. */
export interface FormerDocument {
  readonly _id: ObjectId
  readonly clientKrn: string
  readonly filename: string
  readonly fileId: FileId
  readonly state: 'deleted' | 'moved' | 'void'
  readonly v: number
  /** When the row was written, not when the life ended: the 15 days of a row that was made late begin then. */
  readonly at: Date
  /** Absent on what nobody was told of. */
  readonly changedAt?: Timestamp
}

/** `progress_behind`: the document of this file may be behind its journal. One for each file and process that says so. */
export interface BehindDocument {
  readonly _id: ObjectId
  /** Names the process. */
  readonly owner: string
  readonly clientKrn: string
  readonly filename: string
  readonly fileId: FileId
  /** When it was set, by the server's clock. */
  readonly at: Date
}

/**
 * `settings`: `sweep` has the mark up to which everything was looked at, and the last time that this was done widely,
 * `legacy` the client of old documents, `store` what tells this store from another in the positions of its feed,
 * `rejected` the last number of a rejected message, and at most how many bytes they take, `down` that the documents were
 * handed to the old version, with an id of each time, and the files that took what had no room in them.
 */
export interface SettingDocument {
  readonly _id: 'sweep' | 'legacy' | 'store' | 'rejected' | 'down'
  readonly mark?: Date
  readonly wide?: Date
  readonly id?: string
  readonly last?: number
  readonly bytes?: number
  readonly clientKrn?: string
  readonly restFiles?: readonly string[]
}

/** `rejected`: messages that no dead-letter destination took. */
export interface RejectedDocument extends Omit<RejectedMessage, 'body' | 'key' | 'headers'> {
  readonly _id: ObjectId
  readonly no: number
  readonly bytes: number
  readonly body: Binary | null
  readonly key: Binary | null
  readonly headers: readonly { readonly name: string; readonly value: Binary }[]
}
