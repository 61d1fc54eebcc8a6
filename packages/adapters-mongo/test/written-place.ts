import type { ClientKrn, FileState } from '@pebbles/core'
import { anUpdate, client, createTestClock, type UpdateFacts, useCases, word } from '@pebbles/core/testing'
import { ObjectId } from 'mongodb'
import type { MongoStore } from '../src/index.ts'
import type { Bench } from './bench.ts'
import { LEGACY } from './legacy-client.ts'
import type { MigrationPlace } from './migration-place.ts'
import { plantOldData } from './old-version.ts'

export const ACME = client()
export const legacyUpdate = (facts: UpdateFacts) => anUpdate({ client: LEGACY, ...facts })

/** The service's side of a migrated database. */
export interface OpenedPlace extends AsyncDisposable {
  readonly store: MongoStore
  readonly send: (...updates: readonly ReturnType<typeof anUpdate>[]) => Promise<string[]>
  /** Every file of a client with its issues, and whatever else is read of it. */
  readonly files: (of: ClientKrn) => Promise<Map<string, unknown>>
}

export const openPlace = async (bench: Bench | null, place: MigrationPlace): Promise<OpenedPlace> => {
  const clock = createTestClock()
  const store = await (bench as Bench).open(place.uri, { clock })
  const { record, read } = useCases({ store, clock })
  const one = async (state: FileState): Promise<unknown> => {
    const issues = async (kind: 'error' | 'warning') =>
      (await read.issues(state.client, state.filename, { kind, pattern: null, limit: 1_000, after: null }))?.issues.map(
        ({ line, message }) => [line, message],
      )
    const found = await read.get(state.client, state.filename)
    return { ...found?.state, pace: null, errors: await issues('error'), warnings: await issues('warning') }
  }
  return {
    store,
    send: async (...updates) => {
      clock.advance(1_000)
      return (await record(updates)).map(word)
    },
    files: async (of) => {
      const { files } = await read.list({ client: of }, 1_000, null)
      const found = new Map<string, unknown>()
      for (const state of files) found.set(state.filename, await one(state))
      return found
    },
    [Symbol.asyncDispose]: () => store.close(),
  }
}

/** Old data, migrated, and written by us: old files and new ones, of the legacy client and of another. */
export const writePlace = async (bench: Bench | null, place: MigrationPlace, seed: number) => {
  await plantOldData(place.db, { seed, count: 60, secondOwnerEach: 20 })
  await using migration = await place.migrate()
  await migration.up()
  await using service = await openPlace(bench, place)
  const mine = (await place.all()).filter(({ clientKrn, isCompleted }) => clientKrn === LEGACY && !isCompleted)
  const old = mine
    .slice(0, 6)
    .map((document) => ({ filename: document['filename'], by: String(document['email']).split('@')[0] ?? '' }))
  for (const [n, { filename, by }] of old.entries())
    await service.send(legacyUpdate({ filename, by, done: 7, errors: [`late trouble ${n}`], id: `k${n}` }))
  await service.send(
    legacyUpdate({
      filename: 'ours.csv',
      done: 5,
      failed: 2,
      total: 90,
      errors: ['a 1', 'a 2'],
      warnings: [{ line: null, message: 'w' }],
      id: 'o1',
    }),
  )
  await service.send(legacyUpdate({ filename: 'ours.csv', done: 2 ** 40, errors: [{ line: 2 ** 33, message: 'far' }] }))
  await service.send(anUpdate({ filename: 'acme.csv', done: 3, warnings: ['odd'], id: 'a1' }))
  await service.send(anUpdate({ filename: 'ended.csv', done: 4, end: 'failed' }))
  // Nobody committed on it: no file.
  const bare = new ObjectId()
  await place.db.collection('progress').insertOne({
    _id: bare,
    clientKrn: ACME,
    filename: 'bare.csv',
    email: 'x@example.com',
    fileId: String(bare),
    version: 0,
  })
  return { old, before: { legacy: await service.files(LEGACY), acme: await service.files(ACME) } }
}
