import type { FileId, IssueColumns, IssueKind, StoredIssue, StreamRef } from '@pebbles/core'
import { ObjectId } from 'mongodb'
import { BOUNDED } from './collections.ts'
import type { ColumnsDocument, EntryDocument } from './documents.ts'
import { KIND_LETTER, readChunks } from './issue-chunks.ts'
import { ofClient } from './names.ts'
import { type OldFile, readOldFile } from './old-documents.ts'
import type { OldNames } from './old-names.ts'
import type { StoreDeps } from './store-deps.ts'

type Position = Pick<StoredIssue, 'version' | 'index'>
/** Every entry here has at least one issue; most have few. */
const ENTRIES_AT_ONCE = 100

export type ReadDeps = StoreDeps & { readonly oldNames: OldNames }

export const readIssues = async (
  deps: ReadDeps,
  stream: StreamRef,
  kind: IssueKind,
  patterns: readonly number[] | null,
  limit: number,
  after: Position | null,
): Promise<readonly StoredIssue[]> => {
  const wanted = [kind, patterns, limit, after] as const
  const written = await readWritten(deps, stream, ...wanted)
  if (written !== null) return written
  const old = await findOldFile(deps, stream.fileId)
  if (old !== null) return issuesOfOldFile(old, ...wanted)
  // An old document that was adopted between the two looks has a journal by now.
  return deps.oldNames.of(stream.fileId) === undefined ? [] : ((await readWritten(deps, stream, ...wanted)) ?? [])
}

/** Null when nothing was met in the journal, of a file that may be an old document still. */
const readWritten = async (
  deps: ReadDeps,
  { fileId, version }: StreamRef,
  kind: IssueKind,
  patterns: readonly number[] | null,
  limit: number,
  after: Position | null,
): Promise<readonly StoredIssue[] | null> => {
  const letter = KIND_LETTER[kind]
  const entries = deps.collections.journal
    .find<IssueEntry>(
      {
        fileId,
        touched: patterns === null ? letter : { $in: patterns.map((no) => `${letter}${no}`) },
        version: { $gte: after?.version ?? 0, $lte: version },
      },
      {
        ...BOUNDED,
        batchSize: Math.min(limit, ENTRIES_AT_ONCE),
        projection: { fileId: 1, version: 1, at: 1, base: 1, chunks: 1, [`issues.${kind}`]: 1 },
      },
    )
    .sort({ version: 1 })
  const issues: StoredIssue[] = []
  let met = false
  for await (const entry of entries) {
    met = true
    const from = entry.version === after?.version ? after.index : -1
    await addIssues(deps, entry, kind, patterns, from, limit, issues)
    if (issues.length >= limit) break
  }
  return met || version !== 1 ? issues.slice(0, limit) : null
}

type IssueEntry = Pick<EntryDocument, 'fileId' | 'version' | 'at' | 'base' | 'chunks' | 'issues'>

const addIssues = async (
  { collections }: StoreDeps,
  entry: IssueEntry,
  kind: IssueKind,
  patterns: readonly number[] | null,
  after: number,
  limit: number,
  into: StoredIssue[],
): Promise<void> => {
  const add = (columns: ColumnsDocument, first: number): void => {
    const at = entry.base?.updatedAt ?? entry.at.getTime()
    into.push(...toIssues(columns, { version: entry.version, at, first }, patterns, after))
  }
  const inline = entry.issues?.[kind]
  if (inline !== undefined) add(inline, 0)
  if (entry.chunks === undefined) return
  for await (const chunk of readChunks(collections, entry, kind, after, patterns)) {
    add(chunk.columns, chunk.from)
    if (into.length >= limit) return
  }
}

const toIssues = (
  { messages, lines, patterns }: ColumnsDocument | IssueColumns,
  { version, at, first }: { readonly version: number; readonly at: number; readonly first: number },
  wanted: readonly number[] | null,
  after: number,
): StoredIssue[] => {
  const issues: StoredIssue[] = []
  for (const [place, message] of messages.entries()) {
    const index = first + place
    const pattern = patterns[place] ?? 0
    if (index > after && (wanted === null || wanted.includes(pattern)))
      issues.push({ version, index, line: lines[place] ?? null, message, pattern, at })
  }
  return issues
}

const issuesOfOldFile = (
  { state, columns }: OldFile,
  kind: IssueKind,
  patterns: readonly number[] | null,
  limit: number,
  after: Position | null,
): readonly StoredIssue[] =>
  toIssues(columns[kind], { version: 1, at: state.updatedAt, first: 0 }, patterns, after?.index ?? -1).slice(0, limit)

/** The file of an old document that has no journal yet, if that is what the id names. */
export const findOldFile = async (deps: ReadDeps, fileId: FileId): Promise<OldFile | null> => {
  const name = deps.oldNames.of(fileId)
  if (name === undefined) return null
  const document = await deps.collections.progress.findOne(
    {
      ...{ clientKrn: ofClient(deps, name.client), filename: name.filename, _id: new ObjectId(fileId) },
      $or: [{ fileId: { $exists: false } }, { adopting: true }],
    },
    BOUNDED,
  )
  return document === null ? null : readOldFile(document, name.client, deps.clock)
}
