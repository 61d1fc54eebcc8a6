import type { ByKind, ClientKrn } from '@pebbles/core'
import type { AnyBulkWriteOperation, UpdateFilter } from 'mongodb'
import { beginAdoption } from '../adopt-file.ts'
import type { ProgressDocument, RememberedFile } from '../documents.ts'
import { createIndexes } from '../indexes.ts'
import { NO_CLIENT } from '../names.ts'
import { fileIdOf, olderFirst, readOldFile } from '../old-documents.ts'
import { createOldNames } from '../old-names.ts'
import { toCount, toTotal } from '../old-values.ts'
import { readIssues } from '../read-issues.ts'
import { isLive, type LiveDocument } from '../snapshots.ts'
import { type MigrationDeps, NAMED } from './migration-deps.ts'
import { fillArrays, type IssueSource, type OldIssue, toInteger } from './old-arrays.ts'
import { parkOld } from './park-documents.ts'
import type { RestFile } from './rest-file.ts'

const AT_ONCE = 500
const PAGE = 1_000
/** One command takes 48 MB; far fewer issues than that wait here. */
const ISSUES_AT_ONCE = 20_000

/** Documents that have a client still. Version 0 is the sweep's to finish. */
export const WITH_CLIENT = { clientKrn: { $ne: NO_CLIENT }, version: { $ne: 0 } } as const

/**
 * Hands every document to the old version: its fields as they were, without a client, which it remembers. Each is one
 * write, so a run that was killed is followed by another that goes on. Answers how many it handed over.
 */
export const writeBack = async (deps: MigrationDeps, rest: RestFile): Promise<number> => {
  const { collections, onStep } = deps
  const { progress } = collections
  const total = await progress.countDocuments(WITH_CLIENT, NAMED)
  let done = 0
  for (let after: ProgressDocument['_id'] | null = null; ; ) {
    const documents: readonly ListedDocument[] = await progress
      .aggregate<ListedDocument>(
        [
          { $match: { ...WITH_CLIENT, ...(after === null ? {} : { _id: { $gt: after } }) } },
          { $sort: { _id: 1 } },
          { $limit: AT_ONCE },
          { $set: { patterned: PATTERNED } },
          { $unset: ['errors', 'warnings'] },
        ],
        { ...NAMED, hint: '_id_' },
      )
      .toArray()
    const last = documents.at(-1)
    if (last === undefined) return done
    done += await forgetClients(
      deps,
      documents.filter((document) => !isLive(document) && !document.patterned),
    )
    let writes: AnyBulkWriteOperation<ProgressDocument>[] = []
    let issues = 0
    const send = async (): Promise<void> => {
      if (writes.length === 0) return
      await rest.flush()
      done += (await progress.bulkWrite(writes, { ...NAMED, ordered: false })).modifiedCount
      writes = []
      issues = 0
    }
    for (const document of documents) {
      if (!isLive(document) && !document.patterned) continue
      const made = isLive(document) ? await handOver(deps, document, rest) : await rewriteArrays(deps, document)
      if (made === null) continue
      writes.push(made.write)
      issues += made.size
      if (issues > ISSUES_AT_ONCE) await send()
    }
    await send()
    after = last._id
    onStep({ step: 'writing back', done, total: Math.max(done, total) })
  }
}

type ListedDocument = ProgressDocument & { readonly patterned: boolean }

const hasLines = (field: string) => ({
  $and: [{ $isArray: field }, { $anyElementTrue: [{ $map: { input: field, in: { $isArray: '$$this.lines' } } }] }],
})
/** The prototypes' arrays of patterns, which the single-tenant version does not know. */
const PATTERNED = { $or: [hasLines('$errors'), hasLines('$warnings')] }

/** Old documents that nobody of us has written are what the old version knows, but for their client. */
const forgetClients = async (
  { collections }: MigrationDeps,
  documents: readonly ProgressDocument[],
): Promise<number> => {
  if (documents.length === 0) return 0
  const forget = [{ $set: { homeClient: '$clientKrn' } }, { $unset: ['clientKrn'] }]
  const { modifiedCount } = await collections.progress.updateMany(
    { ...WITH_CLIENT, _id: { $in: documents.map(({ _id }) => _id) }, fileId: { $exists: false } },
    forget as unknown as UpdateFilter<ProgressDocument>,
    NAMED,
  )
  return modifiedCount
}

interface Write {
  readonly write: AnyBulkWriteOperation<ProgressDocument>
  readonly size: number
}

const sizeOf = ({ error, warning }: ByKind<readonly OldIssue[]>): number => error.length + warning.length

/**
 * Null for one with more issues than there is room for: it gets a journal, which keeps them all, and comes again; a
 * second owner's, which cannot have one, is set aside as it is.
 */
const rewriteArrays = async (deps: MigrationDeps, document: ProgressDocument): Promise<Write | null> => {
  const { _id, clientKrn } = document
  const whole = await deps.collections.progress.findOne({ _id }, NAMED)
  const client = clientKrn as ClientKrn
  const columns = whole === null ? null : (await readOldFile(whole, client, deps.clock)).columns
  const source: IssueSource = async function* (kind) {
    for (const [at, message] of (columns?.[kind].messages ?? []).entries())
      yield { line: columns?.[kind].lines[at] ?? null, message }
  }
  let left = 0
  const arrays = await fillArrays(source, async () => {
    left += 1
  })
  if (left > 0) {
    // A journal needs its own, and no service may ever have started here.
    await createIndexes(deps.collections)
    if (await isTheFile(deps, document)) await beginAdoption(deps, document, client)
    else await parkOld(deps, document)
    return null
  }
  return {
    write: {
      updateOne: {
        filter: { _id, clientKrn: client, fileId: { $exists: false } },
        update: {
          $set: { errors: arrays.error, warnings: arrays.warning, homeClient: client },
          $unset: { clientKrn: '' },
        },
      },
    },
    size: sizeOf(arrays),
  }
}

const isTheFile = async (
  { collections }: MigrationDeps,
  { _id, clientKrn, filename }: ProgressDocument,
): Promise<boolean> => {
  const client = clientKrn ?? NO_CLIENT
  const documents = await collections.progress
    .find<ProgressDocument>(
      { filename, $or: [{ clientKrn: client }, { clientKrn: NO_CLIENT, homeClient: client }] },
      { ...NAMED, projection: { createdAt: 1, fileId: 1, down: 1 } },
    )
    .toArray()
  const own = documents.find(({ fileId, down }) => fileId !== undefined || down !== undefined)
  return (own ?? documents.sort(olderFirst)[0])?._id.equals(_id) === true
}

/** A file of ours: its issues out of the journal, its journal kept, and all that is not old in one field. */
const handOver = async (deps: MigrationDeps, document: LiveDocument, rest: RestFile): Promise<Write> => {
  const { _id, clientKrn, filename, fileId, version, counts } = document
  const arrays = await fillArrays(issuesOfFile(deps, document), (row) =>
    rest.add({ ...row, id: fileIdOf(document), clientKrn, filename }),
  )
  const { outcome, reason, completedAt, completedSentAt, pace, issues, former } = document
  const { total, isCompleted, createdAt, updatedAt } = document
  const down: RememberedFile = {
    ...{ fileId, version, outcome, reason, completedAt, completedSentAt, pace, issues, former },
    ...{ counts, total, isCompleted, createdAt, updatedAt },
    written: { error: arrays.error.length, warning: arrays.warning.length },
  }
  const old = {
    counts: {
      done: toInteger(toCount(counts?.done)),
      warn: toInteger(toCount(counts?.warn)),
      failed: toInteger(toCount(counts?.failed)),
    },
    total: total === null ? null : toInteger(toTotal(total) ?? 0),
    errors: arrays.error,
    warnings: arrays.warning,
  }
  return {
    write: {
      updateOne: {
        // At this very version: one that was written meanwhile is handed over by the next round.
        filter: { _id, clientKrn, fileId, version },
        update: {
          $set: { ...old, homeClient: clientKrn, down } as unknown as Partial<ProgressDocument>,
          $unset: OWN_FIELDS,
        },
      },
    },
    size: sizeOf(arrays),
  }
}

const OWN_FIELDS = {
  clientKrn: '',
  fileId: '',
  version: '',
  outcome: '',
  reason: '',
  completedAt: '',
  completedSentAt: '',
  pace: '',
  issues: '',
  former: '',
  foldedName: '',
  changedAt: '',
  adopting: '',
} as const

const issuesOfFile = (deps: MigrationDeps, { fileId, version, issues }: LiveDocument): IssueSource =>
  async function* (kind) {
    if ((issues?.[kind]?.count ?? 0) === 0) return
    const reading = { ...deps, oldNames: createOldNames() }
    let after: { readonly version: number; readonly index: number } | null = null
    for (;;) {
      const page = await readIssues(reading, { fileId, version }, kind, null, PAGE, after)
      yield* page
      const last = page.at(-1)
      if (last === undefined) return
      after = { version: last.version, index: last.index }
    }
  }
