import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { MigrationStep, MongoInspection, MongoMigration } from '@pebbles/adapters-mongo'
import type { ClientKrn, FileMoves, ProgressReader } from '@pebbles/core'
import type { Config } from '@pebbles/runtime'

export type {
  DownReport,
  Fault,
  FaultCode,
  MigrationPlan,
  MigrationStep,
  MongoInspection,
  MongoMigration,
  UpReport,
} from '@pebbles/adapters-mongo'

/** What commands ask of the store that is configured here. */
export interface OpenedStore extends Pick<ProgressReader, 'clients' | 'get' | 'scan'>, AsyncDisposable {
  readonly moves: FileMoves
  readonly ping: () => Promise<void>
}

/** The file of the store where no MongoDB is configured. */
export const sqliteFile = ({ dataDir }: Pick<Config, 'dataDir'>): string => join(dataDir, 'pebbles.sqlite')

/** Whether there is a store to open: a command that looks must not make one. */
export const hasStore = (config: Pick<Config, 'mongoUri' | 'dataDir'>): boolean =>
  config.mongoUri !== null || existsSync(sqliteFile(config))

/** The store that is configured here. */
export const openStore = async (config: Config): Promise<OpenedStore> => {
  const { randomFileId, systemClock } = await import('@pebbles/runtime')
  const shared = { clock: systemClock, ids: { fileId: randomFileId } }
  if (config.mongoUri !== null) {
    const { openMongoStore } = await import('@pebbles/adapters-mongo')
    // Repairs are left to the processes that serve: a command looks, and is gone.
    const legacyClient = config.legacyClientKrn as ClientKrn
    return openMongoStore({ uri: config.mongoUri, ...shared, legacyClient, sweepEveryMs: 0 })
  }
  const { openSqliteStore } = await import('@pebbles/adapters-sqlite')
  mkdirSync(config.dataDir, { recursive: true })
  return openSqliteStore({ path: sqliteFile(config), ...shared })
}

/** What the server says of this user, without opening the store. */
export const inspectStore = async ({ mongoUri }: Config): Promise<MongoInspection | null> =>
  mongoUri === null ? null : (await import('@pebbles/adapters-mongo')).inspectMongo(mongoUri)

/** The migration of the MongoDB that is configured here. */
export const openMigration = async (
  { mongoUri, legacyClientKrn }: Config,
  onStep: (step: MigrationStep) => void,
): Promise<MongoMigration> => {
  const { systemClock } = await import('@pebbles/runtime')
  const { openMongoMigration } = await import('@pebbles/adapters-mongo')
  return openMongoMigration({
    ...{ uri: mongoUri ?? '', clock: systemClock, onStep },
    legacyClient: legacyClientKrn as ClientKrn,
  })
}
