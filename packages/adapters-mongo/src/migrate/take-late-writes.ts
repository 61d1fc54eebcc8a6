import type { ByKind, ClientKrn, FileName, FileState, Issue } from '@pebbles/core'
import { createPatternTable, ISSUE_KINDS, maskMessage } from '@pebbles/core'
import type { EntryDocument, UpdateDocument } from '../documents.ts'
import { fold, plainEntry } from '../entries.ts'
import { entriesOf, IN_ORDER } from '../entry-ids.ts'
import { packIssues, writeChunks } from '../issue-chunks.ts'
import { completedAt, issuesOf } from '../old-documents.ts'
import { toCount, toTime, toTotal } from '../old-values.ts'
import { readTables, tableKey } from '../pattern-tables.ts'
import { toState } from '../snapshots.ts'
import { isDuplicate } from '../store-errors.ts'
import { type HandedDocument, type MigrationDeps, NAMED } from './migration-deps.ts'

/** Another run takes the same version only to say the same. */
const TRIES = 5

/**
 * Puts what the old version wrote to a file into its journal, as one entry above all others. Its sums count as
 * increments against those that were handed over; so done again it finds nothing left to add.
 */
export const takeLateWrites = async (deps: MigrationDeps, document: HandedDocument): Promise<void> => {
  const { journal } = deps.collections
  const { fileId, version } = document.down
  for (let tries = 1; ; tries += 1) {
    const above = await journal.find(entriesOf(fileId, version), NAMED).sort(IN_ORDER).toArray()
    const { state, closing } = fold(nameOf(deps, document), stateAtHandOver(deps, document), above)
    // A file that was deleted is not written any more.
    if (state === null || closing !== null) return
    const late = lateOf(
      document,
      above.filter(({ kind }) => kind === 'adopt'),
      state,
    )
    if (late === null) return
    try {
      await insertEntry(deps, state, late)
      return
    } catch (error) {
      if (!isDuplicate(error) || tries === TRIES) throw error
    }
  }
}

const nameOf = ({ legacyClient }: MigrationDeps, { homeClient, filename }: HandedDocument) => ({
  client: (homeClient ?? legacyClient) as ClientKrn,
  filename: filename as FileName,
})

const stateAtHandOver = (deps: MigrationDeps, { down, ...document }: HandedDocument): FileState =>
  toState({ ...document, ...down, clientKrn: nameOf(deps, { down, ...document }).client })

type Late = Pick<EntryDocument, 'total' | 'completion' | 'base'> &
  Required<Pick<EntryDocument, 'delta'>> & { readonly issues: ByKind<readonly Issue[]> }

/** What the document says beyond what was handed over, and what earlier runs took of it. Null: nothing. */
const lateOf = (document: HandedDocument, taken: readonly EntryDocument[], state: FileState): Late | null => {
  const { down } = document
  const added = (part: 'done' | 'warn' | 'failed'): number =>
    taken.reduce(
      (sum, entry) => sum - toCount(entry.delta?.[part]),
      toCount(document.counts?.[part]) - toCount(down.counts?.[part]),
    )
  const delta = { done: added('done'), warn: added('warn'), failed: added('failed') }
  const total = toTotal(document.total)
  const updatedAt = Math.max(state.updatedAt, toTime(document.updatedAt) ?? 0)
  const newIssues = (array: unknown, kind: 'error' | 'warning'): readonly Issue[] => {
    // It only ever appends.
    const known = taken.reduce((sum, entry) => sum + (entry.counted?.[kind] ?? 0), down.written[kind])
    return Array.isArray(array) ? issuesOf(array.slice(known)) : []
  }
  const late = {
    delta,
    issues: { error: newIssues(document.errors, 'error'), warning: newIssues(document.warnings, 'warning') },
    total: total === state.total ? null : total,
    completion: document.isCompleted === true && state.completion === null ? completedAt(updatedAt) : null,
    base: { createdAt: state.createdAt, updatedAt },
  }
  const isNothing =
    (delta.done || delta.warn || delta.failed) === 0 &&
    late.issues.error.length + late.issues.warning.length === 0 &&
    late.total === null &&
    late.completion === null &&
    updatedAt === state.updatedAt
  return isNothing ? null : late
}

const insertEntry = async (deps: MigrationDeps, state: FileState, { issues, ...late }: Late): Promise<void> => {
  const { collections, clock } = deps
  const { fileId, email } = state
  const version = state.version + 1
  const kinds = ISSUE_KINDS.filter((kind) => issues[kind].length > 0)
  const tables = await readTables(
    collections,
    kinds.map((kind) => ({ state, kind })),
  )
  const columns = { error: noColumns(), warning: noColumns() }
  const patterns: { error: EntryRows; warning: EntryRows } = { error: [], warning: [] }
  for (const kind of kinds) {
    const found = tables.get(tableKey(fileId, kind))
    if (found === 'ahead') throw new Error(`the patterns of ${fileId} are ahead of their journal`)
    const table = createPatternTable(found?.rows ?? [])
    for (const { line, message } of issues[kind]) {
      columns[kind].lines.push(line)
      columns[kind].messages.push(message)
      columns[kind].patterns.push(table.add(maskMessage(message)))
    }
    const changed = table.takeChanges()
    // A merge can free a place among the most frequent: then the entry names all, so that it can be folded alone.
    patterns[kind] = changed.some(({ into }) => into !== undefined) ? table.rows() : changed
  }
  const packed = packIssues({ fileId, version }, columns)
  const id: UpdateDocument = { id: `inner:adopt-${version}`, hash: '' }
  const entry: EntryDocument = {
    ...plainEntry({ fileId, version, email }, 'adopt', clock.now()),
    ...{ updates: [id], sources: [], patterns, ...packed.fields, ...late },
  }
  await writeChunks(collections, [packed])
  await collections.journal.insertOne(entry, NAMED)
}

type EntryRows = NonNullable<EntryDocument['patterns']>['error']

const noColumns = () => ({ lines: [] as (number | null)[], messages: [] as string[], patterns: [] as number[] })
