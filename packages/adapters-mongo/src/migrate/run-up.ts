import { createIndexes } from '../indexes.ts'
import { NO_CLIENT } from '../names.ts'
import { isDuplicate } from '../store-errors.ts'
import { sweep } from '../sweep.ts'
import { giveBack } from './give-back.ts'
import { type MigrationDeps, NAMED } from './migration-deps.ts'
import { finishBegunParking, parkOld, unpark } from './park-documents.ts'
import { dropLike, makeIndexes, OLD, PUBLISHED } from './published-indexes.ts'
import { rememberClients, setClients } from './set-clients.ts'
import { filesOfSeveralOwners } from './several-owners.ts'

/** What a run of `up` did; a run after it does nothing. */
export interface UpReport {
  /** Documents that got a clientKrn. */
  readonly set: number
  /** Documents that had one already, of whom it is remembered now. */
  readonly remembered: number
  /** Documents that `down` had handed to the old version; and of them, those that it wrote to. */
  readonly givenBack: number
  readonly taken: number
  /** Second owners' documents that were set aside, and documents that came back from `down --park`. */
  readonly parked: number
  readonly unparked: number
  readonly made: readonly string[]
  readonly dropped: readonly string[]
  /** Ids of documents that could not get their clientKrn, as their name is taken. */
  readonly refused: readonly string[]
  /** Documents that `down --park` set aside and that stay there, as their client has a new file of that name. */
  readonly stillAside: number
  /** Files of `down` with issues that had no room in their documents. Their journals have them all: they can go. */
  readonly restFiles: readonly string[]
  /** Documents that have no clientKrn still: an old version goes on writing. */
  readonly left: number
}

/** An old version that goes on writing makes work anew; more often than this its operator has to stop it. */
const ROUNDS = 5

/**
 * Does the published migration, while the service writes. Every step can be done again, and by several at once; so a
 * run that was killed is followed by another that goes on.
 */
export const runUp = async (deps: MigrationDeps): Promise<UpReport> => {
  const { progress, settings } = deps.collections
  const report = { set: 0, remembered: 0, givenBack: 0, taken: 0, parked: 0, unparked: 0 }
  const made: string[] = []
  const dropped: string[] = []
  const mark = await settings.findOne({ _id: 'down' }, NAMED)
  const indexing = (done: number) => deps.onStep({ step: 'indexes', done, total: 3 })
  indexing(0)
  await createIndexes(deps.collections)
  indexing(1)
  if (deps.sharded) {
    // Documents without a client are no question there: the start refused them.
    made.push(...(await makeIndexes(deps, PUBLISHED)))
    return { ...report, made, dropped, refused: [], left: 0, stillAside: 0, restFiles: [] }
  }
  let refused: readonly string[] = []
  let left = 0
  let stillAside = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    await finishBegunParking(deps)
    const given = await giveBack(deps)
    report.givenBack += given.givenBack
    report.taken += given.taken
    const clients = await setClients(deps)
    report.set += clients.set
    refused = clients.refused.map(String)
    report.remembered += await rememberClients(deps)
    report.parked += clients.parked + (await parkOthers(deps))
    try {
      made.push(...(await makeIndexes(deps, PUBLISHED)))
    } catch (error) {
      if (!isDuplicate(error) || round === ROUNDS - 1) throw error
      continue
    }
    indexing(2)
    // Only now: until the new unique index stands the old one guards the names.
    dropped.push(...(await dropLike(deps, OLD)))
    indexing(3)
    const { back, taken } = await unpark(deps, 'down')
    stillAside = taken.length
    report.unparked += back
    if (back > 0) report.parked += await parkOthers(deps)
    left = await progress.countDocuments({ clientKrn: NO_CLIENT }, NAMED)
    if (left <= refused.length) break
  }
  if (mark !== null && (await progress.findOne(HANDED_OVER, NAMED)) === null) {
    // A run that was killed may have given a file back, and not what the old version wrote to it.
    await sweep(deps)
    await settings.deleteOne({ _id: 'down', ...(mark.id === undefined ? {} : { id: mark.id }) }, NAMED)
  }
  const restFiles = mark?.restFiles ?? []
  return { ...report, made: [...new Set(made)], dropped: [...new Set(dropped)], refused, left, stillAside, restFiles }
}

/** With the old version still: a file of ours, or an old document that remembers its client. */
const HANDED_OVER = {
  $or: [{ down: { $exists: true } }, { clientKrn: NO_CLIENT, homeClient: { $exists: true } }],
}

const parkOthers = async (deps: MigrationDeps): Promise<number> => {
  let parked = 0
  for await (const { others } of filesOfSeveralOwners(deps))
    for (const other of others) {
      if (await parkOld(deps, other)) parked += 1
      deps.onStep({ step: 'setting aside', done: parked, total: null })
    }
  return parked
}
