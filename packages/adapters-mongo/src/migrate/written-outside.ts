import type { Completion, FileId } from '@pebbles/core'
import type { ProgressDocument } from '../documents.ts'
import { BY_VERSION, entriesOf } from '../entry-ids.ts'
import { toCount, toTotal } from '../old-values.ts'
import { type LiveDocument, toIso } from '../snapshots.ts'
import { type MigrationDeps, NAMED, WHOLE } from './migration-deps.ts'

/** A document that something else than Pebbles has written. */
export interface WrittenOutside {
  readonly document: Pick<ProgressDocument, '_id' | 'clientKrn' | 'filename'>
  /** Such as `total is 7, its journal says 90`. */
  readonly differences: readonly string[]
}

const FILES_AT_ONCE = 500

/** Files of ours with arrays, which are in the journal, or with something else than their journal adds up to. */
export async function* writtenOutside(deps: MigrationDeps): AsyncGenerator<WrittenOutside> {
  let seen = 0
  let part: Listed[] = []
  const check = async (): Promise<readonly WrittenOutside[]> => {
    const checked = part
    const folded = await foldOf(deps, checked)
    seen += checked.length
    part = []
    deps.onStep({ step: 'checking', done: seen, total: null })
    return checked
      .map((document) => ({ document, differences: differencesOf(document, folded.get(document.fileId)) }))
      .filter(({ differences }) => differences.length > 0)
  }
  const documents = deps.collections.progress.find<Listed>(
    { fileId: { $exists: true }, version: { $gt: 0 } },
    {
      ...NAMED,
      projection: {
        ...{ clientKrn: 1, filename: 1, fileId: 1, version: 1, counts: 1, total: 1, createdAt: 1, updatedAt: 1 },
        ...{ isCompleted: 1, outcome: 1, reason: 1, completedAt: 1 },
        arrays: { $or: [{ $ne: [{ $type: '$errors' }, 'missing'] }, { $ne: [{ $type: '$warnings' }, 'missing'] }] },
      },
    },
  )
  for await (const document of documents) if (part.push(document) === FILES_AT_ONCE) yield* await check()
  if (part.length > 0) yield* await check()
}

type Listed = LiveDocument & { readonly arrays: boolean }

interface Folded {
  readonly version: number
  readonly done: number
  readonly warn: number
  readonly failed: number
  readonly total: { readonly said: number } | null
  readonly completion: { readonly said: Completion } | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** What the journals say at the versions of these documents, which may be written meanwhile. Adds up as `evolve` does. */
const foldOf = async (
  { collections }: MigrationDeps,
  documents: readonly Listed[],
): Promise<ReadonlyMap<FileId, Folded>> => {
  // Minimum and maximum pass nulls by, and compare objects from their first field on.
  const said = (field: string) => ({ $cond: [{ $gt: [field, null] }, { version: '$version', said: field }, null] })
  const at = { $toLong: '$at' }
  const rows = collections.journal.aggregate<Folded & { readonly _id: FileId }>(
    [
      { $match: { $or: documents.map(({ fileId, version }) => entriesOf(fileId, 0, version)) } },
      {
        $group: {
          _id: '$fileId',
          version: { $max: '$version' },
          done: { $sum: '$delta.done' },
          warn: { $sum: '$delta.warn' },
          failed: { $sum: '$delta.failed' },
          total: { $max: said('$total') },
          completion: { $min: said('$completion') },
          createdAt: { $min: { $cond: [{ $eq: ['$version', 1] }, { $ifNull: ['$base.createdAt', at] }, null] } },
          // A move is no update.
          updatedAt: { $max: { $cond: [{ $eq: ['$kind', 'moved'] }, null, { $ifNull: ['$base.updatedAt', at] }] } },
        },
      },
    ],
    { ...WHOLE, hint: BY_VERSION },
  )
  const folded = new Map<FileId, Folded>()
  for await (const { _id, ...row } of rows) folded.set(_id, row)
  return folded
}

const differencesOf = (document: Listed, folded: Folded | undefined): readonly string[] => {
  if (folded === undefined) return ['it has no journal']
  const { counts, total, isCompleted, outcome, reason, completedAt } = document
  const end = folded.completion?.said ?? null
  const pairs: readonly (readonly [field: string, is: unknown, said: unknown])[] = [
    ['version', document.version, folded.version],
    ...(['done', 'warn', 'failed'] as const).map((part) => [part, toCount(counts?.[part]), folded[part]] as const),
    ['total', toTotal(total), folded.total?.said ?? null],
    ['isCompleted', isCompleted, end !== null],
    ['outcome', outcome ?? null, end?.outcome ?? null],
    ['reason', reason ?? null, end?.reason ?? null],
    ['completedAt', completedAt ?? null, end === null ? null : toIso(end.at)],
    ['createdAt', document.createdAt, toIso(folded.createdAt)],
    ['updatedAt', document.updatedAt, toIso(folded.updatedAt)],
  ]
  return [
    ...(document.arrays ? ['errors or warnings, which are in its journal'] : []),
    ...pairs
      .filter(([, is, said]) => is !== said)
      .map(([field, is, said]) => `${field} is ${shown(is)}, its journal says ${shown(said)}`),
  ]
}

const MOST_SHOWN = 100
const shown = (value: unknown): string => {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text
}
