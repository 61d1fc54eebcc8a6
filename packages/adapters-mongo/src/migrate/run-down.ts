import { ObjectId } from 'mongodb'
import { BOUNDED } from '../collections.ts'
import { NO_CLIENT } from '../names.ts'
import { isDuplicate, MongoSetupError } from '../store-errors.ts'
import { sweep } from '../sweep.ts'
import { listFirst } from './list-first.ts'
import { type MigrationDeps, NAMED } from './migration-deps.ts'
import { finishBegunParking, parkWhole, unpark } from './park-documents.ts'
import { dropLike, dropOwn, makeIndexes, OLD, PUBLISHED } from './published-indexes.ts'
import { createRestFile, mendRestFile } from './rest-file.ts'
import { namesOfSeveralClients, type SharedName } from './shared-names.ts'
import { WITH_CLIENT, writeBack } from './write-back.ts'

export interface DownOptions {
  /** Sets the documents of other clients aside where one has the same filename, instead of refusing. */
  readonly park: boolean
  /** Where issues go that have no room in their documents: one JSON object a line. Made when it is needed. */
  readonly restFile: string
}

/** `refused`: nothing was changed, as several clients hold these names. */
export type DownReport =
  | {
      readonly kind: 'done'
      readonly writtenBack: number
      readonly setAside: number
      readonly broughtBack: number
      /** Second owners' documents that stay set aside: their name is taken, or they are too large. */
      readonly stillAside: number
      readonly made: readonly string[]
      readonly dropped: readonly string[]
      readonly rest: { readonly file: string; readonly rows: number } | null
      /** Such files of runs that were killed, or that came before; the rows of a document can stand in several. */
      readonly earlierRest: readonly string[]
    }
  | { readonly kind: 'refused'; readonly count: number; readonly names: readonly SharedName[] }

/** A service that goes on writing makes work anew. */
const ROUNDS = 5

/**
 * Hands the database to the old version. To be run while nobody writes: a service of ours that was left running answers
 * 503 for what was handed over. A run that was killed is followed by another that goes on.
 */
export const runDown = async (deps: MigrationDeps, { park, restFile }: DownOptions): Promise<DownReport> => {
  const { parked, collections } = deps
  const { progress, settings } = collections
  if (deps.sharded)
    throw new MongoSetupError('SHARDED', 'The old version does not run on a sharded cluster: nothing was changed.')
  if (!park) {
    const { count, items } = await listFirst(namesOfSeveralClients(deps), (name) => name)
    if (count > 0) return { kind: 'refused', count, names: items }
  }
  await markDown(deps)
  await finishBegunParking(deps)
  // Reservations are no files, and what was committed must stand in its document.
  await sweep(deps)
  const { back } = await unpark(deps, 'up')
  const setAside = park ? await parkSharedNames(deps) : 0
  const earlier = (await settings.findOne({ _id: 'down' }, NAMED))?.restFiles ?? []
  for (const file of earlier) await mendRestFile(file)
  // Noted before it is there: whatever becomes of this run, the next one names it.
  const rest = createRestFile(restFile, async () => {
    await settings.updateOne({ _id: 'down' }, { $addToSet: { restFiles: restFile } }, NAMED)
  })
  let writtenBack = 0
  try {
    for (let round = 1; ; round += 1) {
      writtenBack += await writeBack(deps, rest)
      const left = await progress.findOne({ clientKrn: WITH_CLIENT.clientKrn }, NAMED)
      if (left === null) break
      if (round === ROUNDS) throw new Error('Pebbles still writes to this database: stop it and run this again')
      await sweep(deps)
    }
  } finally {
    await rest.close()
  }
  deps.onStep({ step: 'indexes', done: 0, total: 2 })
  const made = await makeIndexes(deps, OLD)
  deps.onStep({ step: 'indexes', done: 1, total: 2 })
  const dropped = [...(await dropLike(deps, PUBLISHED)), ...(await dropOwn(deps))]
  deps.onStep({ step: 'indexes', done: 2, total: 2 })
  // Again: an `up` that ran meanwhile may have taken the mark away.
  await markDown(deps)
  return {
    kind: 'done',
    ...{ writtenBack, setAside, broughtBack: back, made, dropped },
    stillAside: await parked.countDocuments({ parkedBy: 'up' }, NAMED),
    rest: rest.rows() === 0 ? null : { file: restFile, rows: rest.rows() },
    earlierRest: earlier.filter((file) => file !== restFile || rest.rows() === 0),
  }
}

/**
 * Before anything is changed: from here on a service must not start until `up` has given everything back. The id is
 * another each time: an `up` takes away only the mark that it began with.
 */
const markDown = async ({ collections, clock }: MigrationDeps): Promise<void> => {
  const mark = { mark: new Date(clock.now()), id: new ObjectId().toHexString() }
  try {
    await collections.settings.updateOne({ _id: 'down' }, { $set: mark }, { ...BOUNDED, ...NAMED, upsert: true })
  } catch (error) {
    // Another `down` has set it just now.
    if (!isDuplicate(error)) throw error
  }
}

const parkSharedNames = async (deps: MigrationDeps): Promise<number> => {
  let parked = 0
  for await (const { filename, clients } of namesOfSeveralClients(deps)) {
    const others = clients.slice(1)
    for await (const document of deps.collections.progress.find(
      {
        $or: [{ clientKrn: { $in: [...others] } }, { clientKrn: NO_CLIENT, homeClient: { $in: [...others] } }],
        filename,
      },
      NAMED,
    )) {
      await parkWhole(deps, document)
      parked += 1
      deps.onStep({ step: 'setting aside', done: parked, total: null })
    }
  }
  return parked
}
