import { BOUNDED } from '../collections.ts'
import type { ProgressDocument } from '../documents.ts'
import { fileIdOf } from '../old-documents.ts'
import { listFirst } from './list-first.ts'
import { type MigrationDeps, NAMED, WHOLE } from './migration-deps.ts'
import { type IndexState, readIndexes } from './published-indexes.ts'
import { filesOfSeveralOwners, type SharedFile } from './several-owners.ts'

/** One of several documents of a name. */
export interface Owner {
  readonly id: string
  readonly email: string
  readonly createdAt: string
}

/** A file that several documents stand for: `file` is the one that stays, `others` are set aside by `up`. */
export interface OwnedTwice {
  readonly clientKrn: string
  readonly filename: string
  readonly file: Owner
  readonly others: readonly Owner[]
}

/** What `up` would meet and do; made by reading alone. */
export interface MigrationPlan {
  readonly legacyClient: string
  /** Whether old documents were adopted, or migrated, for that client before, so that no other can be set now. */
  readonly legacyClientKept: boolean
  readonly documents: {
    readonly all: number
    readonly withoutClient: number
    /** Handed to the old version by `down`, and given back by `up`. */
    readonly toGiveBack: number
    /** That others gave a client, and that do not remember it yet. */
    readonly notRemembered: number
    /** That have a journal of ours. */
    readonly written: number
    readonly ofOtherClients: number
    readonly setAside: { readonly byUp: number; readonly byDown: number }
  }
  readonly clients: readonly { readonly clientKrn: string; readonly documents: number }[]
  readonly indexes: IndexState
  readonly ownedTwice: { readonly count: number; readonly files: readonly OwnedTwice[] }
  /** A rough guess of how long `up` takes, ms. */
  readonly estimateMs: number
  /** What `up` will do, in order, in words. Empty: nothing. */
  readonly steps: readonly string[]
}

const MOST_CLIENTS = 100

/** As measured by test/bench-migrate.ts on two busy cores, with the server beside. */
const DOCUMENTS_PER_MS = 3
const GIVEN_BACK_PER_MS = 0.5
const INDEXED_PER_MS = 200

export const makePlan = async (deps: MigrationDeps): Promise<MigrationPlan> => {
  const { collections, parked, legacyClient, onStep } = deps
  const clients = await countByClient(deps)
  const sum = (part: keyof Omit<ClientCounts, '_id'>) => clients.reduce((total, row) => total + row[part], 0)
  const named = clients.flatMap(({ _id, documents }) => (_id === null ? [] : [{ clientKrn: _id, documents }]))
  onStep({ step: 'checking', done: 1, total: 2 })
  const ownedTwice = await listOwnedTwice(deps)
  const setAside = {
    byUp: await parked.countDocuments({ parkedBy: 'up' }, NAMED),
    byDown: await parked.countDocuments({ parkedBy: 'down' }, NAMED),
  }
  const indexes = await readIndexes(deps)
  const kept = await collections.settings.findOne({ _id: 'legacy' }, { ...BOUNDED, ...NAMED })
  onStep({ step: 'checking', done: 2, total: 2 })
  const facts = {
    legacyClient,
    legacyClientKept: kept !== null,
    documents: {
      all: sum('documents'),
      withoutClient: sum('withoutClient'),
      toGiveBack: sum('toGiveBack'),
      // What is sharded is not changed.
      notRemembered: deps.sharded ? 0 : sum('notRemembered'),
      written: sum('written'),
      ofOtherClients: named.reduce((total, row) => total + (row.clientKrn === legacyClient ? 0 : row.documents), 0),
      setAside,
    },
    clients: named.slice(0, MOST_CLIENTS),
    indexes,
    ownedTwice,
  }
  return { ...facts, estimateMs: estimate(facts), steps: stepsOf(facts) }
}

interface ClientCounts {
  readonly _id: string | null
  readonly documents: number
  readonly withoutClient: number
  readonly toGiveBack: number
  readonly notRemembered: number
  readonly written: number
}

/** All in one pass: there can be millions, and before `up` no index that helps. */
const countByClient = ({ collections }: MigrationDeps): Promise<readonly ClientCounts[]> => {
  const has = (field: string) => ({ $gt: [field, null] })
  const hasNot = (field: string) => ({ $not: [has(field)] })
  const count = (...conditions: readonly object[]) => ({ $sum: { $cond: [{ $and: conditions }, 1, 0] } })
  const groups = {
    _id: { $ifNull: ['$clientKrn', null] },
    documents: { $sum: 1 },
    withoutClient: count(hasNot('$clientKrn'), hasNot('$down')),
    toGiveBack: count(has('$down')),
    notRemembered: count(has('$clientKrn'), hasNot('$homeClient'), hasNot('$fileId')),
    written: count(has('$fileId')),
  }
  return collections.progress
    .aggregate<ClientCounts>([{ $group: groups }, { $sort: { documents: -1, _id: 1 } }], WHOLE)
    .toArray()
}

export const listOwnedTwice = async (deps: MigrationDeps): Promise<MigrationPlan['ownedTwice']> => {
  const { count, items } = await listFirst(filesOfSeveralOwners(deps), toOwners)
  return { count, files: items }
}

const toOwners = ({ clientKrn, filename, file, others }: SharedFile): OwnedTwice => ({
  ...{ clientKrn, filename, file: ownerOf(file), others: others.map(ownerOf) },
})

const ownerOf = (document: ProgressDocument): Owner => ({
  id: fileIdOf(document),
  email: document.email,
  createdAt: String(document.createdAt),
})

type Facts = Omit<MigrationPlan, 'estimateMs' | 'steps'>

const estimate = ({ documents, indexes }: Facts): number =>
  Math.ceil(
    (documents.withoutClient + documents.notRemembered) / DOCUMENTS_PER_MS +
      documents.toGiveBack / GIVEN_BACK_PER_MS +
      ((indexes.missing.length + Math.max(0, OWN_INDEXES - indexes.own.length)) * documents.all) / INDEXED_PER_MS,
  )

const OWN_INDEXES = 7

const stepsOf = ({ documents, indexes, ownedTwice, legacyClient }: Facts): readonly string[] => {
  const { withoutClient, toGiveBack, notRemembered, setAside } = documents
  const others = ownedTwice.files.reduce((sum, file) => sum + file.others.length, 0)
  const steps: readonly (readonly [boolean, string])[] = [
    [indexes.own.length < OWN_INDEXES, 'make the indexes that the service makes at its start'],
    [toGiveBack > 0, `give ${toGiveBack} documents back to their clients, with what the old version wrote meanwhile`],
    [
      withoutClient > 0,
      `set clientKrn to ${legacyClient} on ${withoutClient} documents, but where another is remembered`,
    ],
    [notRemembered > 0, `note on ${notRemembered} documents the client that they have`],
    [others > 0, `set ${others} documents of second owners aside in progress_parked`],
    [indexes.missing.length > 0, `make the indexes ${indexes.missing.join(', ')}`],
    [indexes.old.length > 0, `drop the indexes ${indexes.old.join(', ')}`],
    [setAside.byDown > 0, `bring ${setAside.byDown} documents back that \`down --park\` set aside`],
  ]
  return steps.flatMap(([is, text]) => (is ? [text] : []))
}
