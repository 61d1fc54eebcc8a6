import type { ObjectId, UpdateFilter } from 'mongodb'
import { rememberLegacyClient } from '../adopt-file.ts'
import type { ProgressDocument } from '../documents.ts'
import { NO_CLIENT } from '../names.ts'
import { isDuplicate } from '../store-errors.ts'
import { type MigrationDeps, NAMED } from './migration-deps.ts'
import { parkOld } from './park-documents.ts'

/** Few enough that a writer who waits for one of them does not notice. */
const AT_ONCE = 500

/** Old documents without a client, also where somebody wrote null; those of ours are given back by themselves. */
const WITHOUT_CLIENT = { clientKrn: NO_CLIENT, down: { $exists: false } } as const

export interface ClientsSet {
  readonly set: number
  /** Documents whose name and owner the client has already: set aside, or, when they are ours, named here. */
  readonly parked: number
  readonly refused: readonly ObjectId[]
}

/** Gives every document without a client one: what it remembers, else the legacy client. Any run goes on where one stopped. */
export const setClients = async (deps: MigrationDeps): Promise<ClientsSet> => {
  const { collections, legacyClient, onStep } = deps
  const { progress } = collections
  const total = await progress.countDocuments(WITHOUT_CLIENT, NAMED)
  if (total > 0) await rememberLegacyClient(deps)
  const client = { $ifNull: ['$homeClient', { $literal: legacyClient }] }
  const change = [{ $set: { clientKrn: client, homeClient: client } }] as unknown as UpdateFilter<ProgressDocument>
  let set = 0
  let parked = 0
  const refused: ObjectId[] = []
  for (let after: ObjectId | null = null; ; ) {
    const ids: readonly { readonly _id: ObjectId }[] = await progress
      .find(
        { ...WITHOUT_CLIENT, ...(after === null ? {} : { _id: { $gt: after } }) },
        { ...NAMED, projection: { _id: 1 }, hint: 'pebbles_scan', limit: AT_ONCE },
      )
      .sort({ _id: 1 })
      .toArray()
    const [first, last] = [ids[0], ids.at(-1)]
    if (first === undefined || last === undefined) return { set, parked, refused }
    const range = { ...WITHOUT_CLIENT, _id: { $gte: first._id, $lte: last._id } }
    try {
      set += (await progress.updateMany(range, change, { ...NAMED, hint: 'pebbles_scan' })).modifiedCount
    } catch (error) {
      if (!isDuplicate(error)) throw error
      for (const { _id } of ids) {
        const one = await setOne(deps, _id, change)
        if (one === 'set') set += 1
        else if (one === 'parked') parked += 1
        else refused.push(_id)
      }
    }
    after = last._id
    onStep({ step: 'setting clientKrn', done: set, total: Math.max(total, set) })
  }
}

/** Documents that others gave a client: the published script, the prototypes, a service from before. */
const NOT_REMEMBERED = {
  clientKrn: { $ne: NO_CLIENT },
  homeClient: { $exists: false },
  fileId: { $exists: false },
} as const

/** Notes in each document whose it is, so that a change by hand is known, and a roll back by hand undone. */
export const rememberClients = async ({ collections: { progress } }: MigrationDeps): Promise<number> => {
  const change = [{ $set: { homeClient: '$clientKrn' } }] as unknown as UpdateFilter<ProgressDocument>
  let remembered = 0
  for (let after: ObjectId | null = null; ; ) {
    const ids: readonly { readonly _id: ObjectId }[] = await progress
      .find(
        { ...NOT_REMEMBERED, ...(after === null ? {} : { _id: { $gt: after } }) },
        { ...NAMED, projection: { _id: 1 }, hint: '_id_', limit: AT_ONCE },
      )
      .sort({ _id: 1 })
      .toArray()
    const last = ids.at(-1)
    if (last === undefined) return remembered
    const these = { ...NOT_REMEMBERED, _id: { $in: ids.map(({ _id }) => _id) } }
    remembered += (await progress.updateMany(these, change, NAMED)).modifiedCount
    after = last._id
  }
}

const setOne = async (
  deps: MigrationDeps,
  _id: ObjectId,
  change: UpdateFilter<ProgressDocument>,
): Promise<'set' | 'parked' | 'refused'> => {
  try {
    await deps.collections.progress.updateOne({ ...WITHOUT_CLIENT, _id }, change, NAMED)
    return 'set'
  } catch (error) {
    if (!isDuplicate(error)) throw error
    return (await parkOld(deps, { _id })) ? 'parked' : 'refused'
  }
}
