import type {
  ByKind,
  FeedEvent,
  FileId,
  FileState,
  FormerLife,
  JournalEntry,
  KeptMessage,
  PatternRow,
  UpdateId,
} from '../src/index.ts'

/** What a memory store holds; several connections share one. */
export interface MemoryData {
  readonly files: Map<string, FileState>
  readonly streams: Map<FileId, MemoryStream>
  readonly former: Map<string, FormerLife[]>
  /** Every change there was, in order. */
  readonly feed: Omit<FeedChange, 'position'>[]
  readonly rejected: { kept: KeptMessage[]; last: number }
  readonly identity: string
}

/** A journal, and what is known by it. */
export interface MemoryStream {
  readonly entries: JournalEntry[]
  readonly ids: Map<UpdateId, { readonly hash: string; readonly version: number; readonly first: boolean }>
  readonly tables: ByKind<Map<number, PatternRow>>
  readonly email: FileState['email']
}

export type FeedChange = {
  /** The file and its client: one that moves is gone here and new there. */
  readonly of: string
  readonly event: (position: string) => FeedEvent
  readonly position: string
}

export const keyOf = ({ client, filename }: Pick<FileState, 'client' | 'filename'>): string => `${client}\n${filename}`
