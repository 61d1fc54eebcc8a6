import type { ByKind, FileId, IssueColumns, IssueKind } from '@pebbles/core'
import { ISSUE_KINDS } from '@pebbles/core'
import { ObjectId } from 'mongodb'
import { BOUNDED, type Collections, UNORDERED } from './collections.ts'
import { cutRuns } from './cut-runs.ts'
import type { ChunkDocument, ColumnsDocument, EntryDocument } from './documents.ts'
import { insist } from './insist.ts'
import { sendInserts } from './send-writes.ts'

export const KIND_LETTER: Readonly<Record<IssueKind, 'e' | 'w'>> = { error: 'e', warning: 'w' }

/** What an entry says of its issues. */
export type IssueFields = Pick<EntryDocument, 'counted' | 'issues' | 'chunks' | 'touched'>

export interface PackedIssues {
  readonly fields: IssueFields
  /** To be written before the entry. */
  readonly chunks: readonly ChunkDocument[]
}

/** A document holds 16 MiB. Far below it, the history of a file is read faster without its issues in the way. */
const INLINE_ISSUES = 1_000
const INLINE_CHARACTERS = 256 * 1024
const CHUNK = { items: 4_000, weight: 1024 * 1024 } as const

export const packIssues = (
  { fileId, version }: { readonly fileId: FileId; readonly version: number },
  columns: ByKind<IssueColumns>,
): PackedIssues => {
  const counted = { error: columns.error.messages.length, warning: columns.warning.messages.length }
  const count = counted.error + counted.warning
  if (count === 0) return { fields: {}, chunks: [] }
  const touched = ISSUE_KINDS.flatMap((kind) => lettersOf(kind, columns[kind]))
  if (count <= INLINE_ISSUES && charactersOf(columns) <= INLINE_CHARACTERS) {
    const issues = Object.fromEntries(
      ISSUE_KINDS.filter((kind) => counted[kind] > 0).map((kind) => [kind, copy(columns[kind])]),
    )
    return { fields: { counted, issues, touched }, chunks: [] }
  }
  const set = new ObjectId().toHexString()
  const chunks = ISSUE_KINDS.flatMap((kind) =>
    cutRuns(columns[kind].messages, ({ length }) => length, CHUNK).map(
      ([from, to]): ChunkDocument => ({
        _id: new ObjectId(),
        fileId,
        version,
        set,
        kind,
        from,
        to,
        columns: copy(columns[kind], from, to),
        touched: [...new Set(columns[kind].patterns.slice(from, to))],
      }),
    ),
  )
  return { fields: { counted, chunks: set, touched }, chunks }
}

const lettersOf = (kind: IssueKind, { messages, patterns }: IssueColumns): string[] => {
  if (messages.length === 0) return []
  return [KIND_LETTER[kind], ...[...new Set(patterns)].map((no) => `${KIND_LETTER[kind]}${no}`)]
}

const charactersOf = ({ error, warning }: ByKind<IssueColumns>): number => {
  let characters = 0
  for (const message of error.messages) characters += message.length
  for (const message of warning.messages) characters += message.length
  return characters
}

const copy = ({ lines, messages, patterns }: IssueColumns, from = 0, to = messages.length): ColumnsDocument => ({
  lines: lines.slice(from, to),
  messages: messages.slice(from, to),
  patterns: patterns.slice(from, to),
})

/** A command is made in one go, while the process answers nobody: of all that a body of 5 MiB holds in half a second. */
const CHUNKS_IN_A_COMMAND = 8

export const writeChunks = async ({ db, chunks }: Collections, packed: readonly PackedIssues[]): Promise<void> => {
  const documents = packed.flatMap((issues) => issues.chunks)
  for (let at = 0; at < documents.length; at += CHUNKS_IN_A_COMMAND) {
    const part = documents.slice(at, at + CHUNKS_IN_A_COMMAND)
    // What is there from a try without an answer is refused, as it should be.
    await insist(() => sendInserts(db, chunks.collectionName, part))
  }
}

/** Of an entry that lost its version. What a crash leaves is never read, and goes with its file. */
export const dropChunks = async ({ chunks }: Collections, packed: readonly PackedIssues[]): Promise<void> => {
  const [...sets] = packed.flatMap((issues) => issues.chunks.slice(0, 1))
  const writes = sets.map(({ fileId, version, set }) => ({ deleteMany: { filter: { fileId, version, set } } }))
  if (writes.length > 0) await chunks.bulkWrite(writes, UNORDERED)
}

export const readChunks = (
  { chunks }: Collections,
  { fileId, version, chunks: set }: Pick<EntryDocument, 'fileId' | 'version' | 'chunks'>,
  kind: IssueKind,
  after: number,
  patterns: readonly number[] | null,
) =>
  chunks
    .find(
      {
        fileId,
        version,
        set: set ?? '',
        kind,
        to: { $gt: after + 1 },
        ...(patterns === null ? {} : { touched: { $in: [...patterns] } }),
      },
      { ...BOUNDED, batchSize: 2 },
    )
    .sort({ to: 1 })
