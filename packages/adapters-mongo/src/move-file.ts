import type { FileMoves, FormerLife, MoveObstacle, MoveRequest, MoveResult, OpenRequest } from '@pebbles/core'
import { fileKey, StoreUnavailable } from '@pebbles/core'
import { type ClientSession, type MongoClient, MongoServerError } from 'mongodb'
import type { Access } from './access.ts'
import { MOVE } from './across-clients.ts'
import { type Ending, laterTime, takeOver } from './close-lives.ts'
import { BOUNDED } from './collections.ts'
import type { Connection } from './connect.ts'
import { type ProgressDocument, TELLS } from './documents.ts'
import { plainEntry } from './entries.ts'
import { readFormerLives } from './former-lives.ts'
import type { OpenDeps } from './load-files.ts'
import { hasOldUnique } from './migrate/published-indexes.ts'
import { NO_CLIENT } from './names.ts'
import { openFiles } from './open-files.ts'
import { isAway, isDuplicate } from './store-errors.ts'

export interface MoveDeps extends OpenDeps {
  readonly client: MongoClient
  readonly topology: Connection['topology']
  readonly access: Access
}

/** So often a reservation of the new name may become a file before it is ended. */
const PATIENT_TRIES = 3
/** A server keeps the transaction of a process that was killed, and with it the file, for a minute on its defaults. */
const WITHIN_MS = 90_000
const TRANSACTION_MS = 20_000
const IN_TRANSACTION = { comment: MOVE } as const

/** The only transaction there is: the file's document, the end of its old name and its entry change together. */
export const createFileMoves = (deps: MoveDeps): FileMoves => ({
  obstacle: () => deps.access.call(() => findObstacle(deps)),
  move: (request) => deps.access.call(() => moveFile(deps, request), WITHIN_MS),
})

const findObstacle = async ({ topology, collections }: MoveDeps): Promise<MoveObstacle | null> => {
  if (topology === 'standalone') return 'STANDALONE'
  const { progress } = collections
  const old = await progress.findOne({ clientKrn: NO_CLIENT }, { ...BOUNDED, projection: { _id: 1 }, comment: MOVE })
  if (old !== null) return 'NOT_MIGRATED'
  return (await hasOldUnique(collections)) ? 'NOT_MIGRATED' : null
}

const moveFile = async (deps: MoveDeps, request: MoveRequest): Promise<MoveResult> => {
  const { clock } = deps
  const started = clock.monotonic()
  for (let tries = 0; clock.monotonic() - started < WITHIN_MS - TRANSACTION_MS; tries += 1) {
    if (tries > 0) await clock.sleep(Math.min(500, 10 * 2 ** Math.min(tries, 6)) * (0.5 + clock.random()))
    const here = await openAs(deps, request, request.from)
    if (here.kind === 'busy') continue
    const done = here.known.get(request.id)
    if (done !== undefined) return settled(deps, request)
    if (here.kind !== 'live') return { kind: 'missing' }
    // Voids a bare reservation, adopts what is old: then the transaction meets nothing half done.
    const there = await openAs(deps, request, request.to)
    if (there.kind === 'busy') continue
    if (there.kind === 'live') return { kind: 'taken' }
    try {
      const result = await deps.client.withSession((session) =>
        session.withTransaction((current) => transact(deps, request, here.state, current), {
          readConcern: { level: 'snapshot' },
          writeConcern: { w: 'majority', j: true },
          maxCommitTimeMS: BOUNDED.maxTimeMS,
          timeoutMS: TRANSACTION_MS,
        }),
      )
      if (result !== 'conflict') return result
      if (tries >= PATIENT_TRIES) await endReservation(deps, request)
    } catch (error) {
      // Another writer was there first, or nobody knows: the next look tells, by the id.
      if (!isDuplicate(error) && !isAway(error) && !isTransient(error)) throw error
    }
  }
  throw new StoreUnavailable(`${request.filename} is written by others all the time, or the servers do not answer`)
}

/** One that nobody committed on would keep the name from the file until a sweep. */
const endReservation = async (deps: MoveDeps, { to, filename }: MoveRequest): Promise<void> => {
  const reserved = await deps.collections.progress.findOne(
    { clientKrn: to, filename, version: 0, adopting: { $exists: false } },
    BOUNDED,
  )
  if (reserved?.fileId !== undefined) await takeOver(deps, reserved as Ending)
}

const openAs = async (deps: MoveDeps, { filename, id }: MoveRequest, client: MoveRequest['from']) => {
  const request: OpenRequest = { client, filename, email: null, ids: [id], thorough: true, tables: {} }
  const [opened] = await openFiles(deps, [request])
  return opened ?? { kind: 'busy' as const }
}

/** It was moved by this very call, whose answer was lost. */
const settled = async ({ collections }: MoveDeps, { from, filename, id }: MoveRequest): Promise<MoveResult> => {
  const rows = await collections.former.find({ clientKrn: from, filename, state: 'moved' }, BOUNDED).toArray()
  for (const { fileId } of rows) {
    const entry = await collections.journal.findOne({ fileId, 'updates.id': id }, BOUNDED)
    if (entry !== null) return { kind: 'moved', fileId }
  }
  return { kind: 'missing' }
}

const transact = async (
  deps: MoveDeps,
  { from, to, filename, id }: MoveRequest,
  {
    fileId,
    version,
    email,
  }: { readonly fileId: FormerLife['fileId']; readonly version: number; readonly email: string },
  session: ClientSession,
): Promise<MoveResult | 'conflict'> => {
  const { collections } = deps
  const { progress, former, journal } = collections
  const options = { ...IN_TRANSACTION, session }
  const document = await progress.findOne({ clientKrn: from, filename, fileId, version }, options)
  if (document === null) return 'conflict'
  if ((await progress.findOne({ clientKrn: to, filename }, { ...options, projection: { _id: 1 } })) !== null)
    return 'conflict'
  const now = await laterTime(deps)
  const name = { client: to, filename }
  const lives = (await readFormerLives(collections, [name], options)).get(fileKey(name)) ?? []
  // It may come back to a name that it left.
  const others = lives.filter((life) => life.fileId !== fileId)
  if (others.some(({ state }) => state === 'moved')) return { kind: 'taken' }

  const v = version + 1
  const entry = { ...plainEntry({ fileId, version: v, email }, 'moved', now), updates: [{ id, hash: '' }] as const }
  await journal.insertOne(entry, options)
  const row = { clientKrn: from, filename, fileId }
  await former.updateOne(
    row,
    { $set: { state: 'moved', v, at: new Date(now) }, ...TELLS },
    { ...options, upsert: true },
  )
  // Before the other is there: both have the same _id.
  await progress.deleteOne({ clientKrn: from, filename, fileId, version }, options)
  const { changedAt, ...rest } = document
  const moved: ProgressDocument = { ...rest, clientKrn: to, homeClient: to, version: v, former: others }
  await progress.insertOne(moved, options)
  await progress.updateOne({ clientKrn: to, filename, fileId }, TELLS, options)
  return { kind: 'moved', fileId }
}

const isTransient = (error: unknown): boolean =>
  error instanceof MongoServerError &&
  (error.hasErrorLabel('TransientTransactionError') || error.hasErrorLabel('UnknownTransactionCommitResult'))
