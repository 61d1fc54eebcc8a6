import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandWatch, openMongoStore } from '@pebbles/adapters-mongo'
import { createCommandGuard } from '@pebbles/adapters-mongo/testing'
import { openSqliteStore } from '@pebbles/adapters-sqlite'
import type {
  ChangeFeed,
  ClientKrn,
  FileMoves,
  FileName,
  FileState,
  ProgressReader,
  ProgressStore,
  Recorder,
  RecorderDeps,
  RejectedMessages,
} from '@pebbles/core'
import { randomFileId, systemClock } from '@pebbles/runtime'
import { type Mongo, type MongoOptions, orSkip, startMongo } from '@pebbles/services'
import { createWorkerRecorder } from '../src/worker-recorder.ts'

export const CLIENT = 'krn:acme:client:1' as ClientKrn

/** An update as a sender writes it. */
export const anUpdate = (facts: object = {}): object => ({
  clientKrn: CLIENT,
  email: 'ada@example.com',
  filename: 'a.csv',
  counts: { done: 1, warn: 0, failed: 0 },
  ...facts,
})

/** An empty store of its own. */
export interface TestStore extends AsyncDisposable {
  readonly store: ProgressStore &
    ProgressReader &
    ChangeFeed & {
      readonly rejected: RejectedMessages
      readonly moves: FileMoves
      readonly ping: () => Promise<void>
    }
  readonly record: Recorder['record']
  /** With this a process uses the same store, and its own folder for the rest. */
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
  readonly state: (filename?: string) => Promise<FileState | null>
  readonly done: (filename?: string) => Promise<number | null>
}

export interface StoreKind {
  readonly name: 'SQLite' | 'MongoDB'
  readonly open: (recording?: Pick<RecorderDeps, 'lingerMs'>) => Promise<TestStore>
}

export const SQLITE: StoreKind = {
  name: 'SQLite',
  open: (recording) =>
    openTestStore({}, recording, (folder) =>
      openSqliteStore({
        path: join(folder, 'pebbles.sqlite'),
        clock: systemClock,
        ids: { fileId: randomFileId },
      }),
    ),
}

export interface StoreKindsOptions extends Partial<Pick<MongoOptions, 'topology'>> {
  /** The MongoDB has its whole cache, and what it is asked for is not looked at. */
  readonly bench?: true
}

/**
 * SQLite, and a MongoDB, a replica set of one unless said, where this machine can have it. `stop` rejects when a store
 * asked the MongoDB for anything that it must not ask for.
 */
export const startStoreKinds = async ({
  bench,
  ...options
}: StoreKindsOptions = {}): Promise<{
  readonly kinds: readonly StoreKind[]
  readonly stop: () => Promise<void>
}> => {
  const mongo = await orSkip(startMongo({ topology: 'replica-set', wholeCache: bench === true, ...options }))
  if (mongo === null) return { kinds: [SQLITE], stop: async () => undefined }
  const guard = bench === true ? null : createCommandGuard()
  let opened = false
  const open: StoreKind['open'] = (recording) => {
    opened = true
    return openOnMongo(mongo, guard, recording)
  }
  return {
    kinds: [SQLITE, { name: 'MongoDB', open }],
    stop: async () => {
      await mongo.stop()
      // Whoever runs the tests of SQLite alone opened none.
      if (opened) guard?.check()
    },
  }
}

let drawn = 0

const openOnMongo = async (
  mongo: Mongo,
  guard: CommandWatch | null,
  recording: Parameters<StoreKind['open']>[0],
): Promise<TestStore> => {
  drawn += 1
  const uri = await mongo.database(`workers-${process.pid}-${drawn}`)
  const watch = guard === null ? {} : { watch: guard }
  return openTestStore({ MONGO_URI: uri }, recording, () =>
    openMongoStore({ uri, clock: systemClock, ids: { fileId: randomFileId }, legacyClient: CLIENT, ...watch }),
  )
}

const openTestStore = async (
  environment: TestStore['environment'],
  recording: Pick<RecorderDeps, 'lingerMs'> | undefined,
  open: (folder: string) => Promise<TestStore['store'] & { readonly close: () => Promise<void> }>,
): Promise<TestStore> => {
  const folder = mkdtempSync(join(tmpdir(), 'pebbles-worker-'))
  const store = await open(folder)
  const state = async (filename = 'a.csv') => (await store.get(CLIENT, filename as FileName))?.state ?? null
  return {
    store,
    record: createWorkerRecorder(store, recording),
    environment,
    folder,
    state,
    done: async (filename) => (await state(filename))?.counts.done ?? null,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
