import type { Change, Email, FileState, IssueColumns, IssueKind, UpdateEntry } from '@pebbles/core'
import { evolve } from '@pebbles/core'
import type { EntryDocument, RowDocument, UpdateDocument } from './documents.ts'
import { entryIdOf } from './entry-ids.ts'
import type { IssueFields } from './issue-chunks.ts'

/** The stored form of an update's or a removal's entry. */
export const toEntryDocument = (change: Change, issues: IssueFields): EntryDocument => {
  const { entry } = change
  const { fileId, version } = entry
  const place = { _id: entryIdOf(fileId, version), fileId, version, at: new Date(entry.at) }
  if (entry.kind === 'deleted')
    return { ...place, kind: 'deleted', email: entry.by, updates: [{ id: entry.id, hash: '' }] }
  const { email, updates, delta, total, completion, sources, patterns } = entry
  const former = change.kind === 'update' && change.before === null ? { previous: change.after.former } : {}
  // Of what most entries have nothing to say they say nothing: each field costs the server in the journal and its logs.
  return {
    ...{ ...place, kind: 'update', email, updates, delta, sources },
    ...(total === null ? {} : { total }),
    ...(completion === null ? {} : { completion }),
    ...(patterns.error.length + patterns.warning.length === 0 ? {} : { patterns }),
    ...issues,
    ...former,
  }
}

/** An entry with a place of its own, that ends a stream or begins an old one. */
export const plainEntry = (
  stream: { readonly fileId: FileState['fileId']; readonly version: number; readonly email: string },
  kind: 'void' | 'adopt' | 'moved',
  at: number,
): EntryDocument => ({
  _id: entryIdOf(stream.fileId, stream.version),
  ...stream,
  kind,
  at: new Date(at),
  // An id of its own: a second entry without one would be refused as a repeat of the first.
  updates: [{ id: `inner:${kind}`, hash: '' }] as [UpdateDocument],
})

const CLOSING: ReadonlySet<EntryDocument['kind']> = new Set(['deleted', 'moved', 'void'])

export interface Folded {
  /** Null while nothing was committed. */
  readonly state: FileState | null
  /** The entry that ends the life; nothing after it counts. */
  readonly closing: EntryDocument | null
}

/** Adds entries, in order, to what is there. */
export const fold = (
  file: Pick<FileState, 'client' | 'filename'>,
  before: FileState | null,
  entries: readonly EntryDocument[],
): Folded => {
  let state = before
  for (const entry of entries) {
    if (CLOSING.has(entry.kind)) return { state, closing: entry }
    state = advance(file, state, entry)
  }
  return { state, closing: null }
}

const advance = (
  { client, filename }: Pick<FileState, 'client' | 'filename'>,
  before: FileState | null,
  document: EntryDocument,
): FileState => {
  const after = evolve(before ?? { client, filename, former: document.previous ?? [] }, toEntry(document))
  return document.base === undefined ? after : { ...after, ...document.base }
}

/** As much of the entry as a state is folded from: the number of its issues, not their text. */
const toEntry = (document: EntryDocument): UpdateEntry => ({
  kind: 'update',
  fileId: document.fileId,
  version: document.version,
  at: document.at.getTime(),
  email: document.email as Email,
  delta: document.delta ?? { done: 0, warn: 0, failed: 0 },
  total: document.total ?? null,
  completion: document.completion ?? null,
  updates: document.updates as UpdateEntry['updates'],
  issues: { error: columnsOf(document, 'error'), warning: columnsOf(document, 'warning') },
  sources: document.sources ?? [],
  patterns: { error: rowsOf(document, 'error'), warning: rowsOf(document, 'warning') },
})

const columnsOf = ({ counted }: EntryDocument, kind: IssueKind): IssueColumns => ({
  lines: [],
  messages: new Array<string>(counted?.[kind] ?? 0),
  patterns: [],
})

export const rowsOf = ({ patterns }: EntryDocument, kind: IssueKind): readonly RowDocument[] => patterns?.[kind] ?? []

/** What `fold` needs; the rest of an entry can be megabytes. */
export const FOLDED_FIELDS = { issues: 0, touched: 0, updates: 0 } as const
