import type { ClientKrn, Clock, FileId } from '@pebbles/core'
import type { CommandWatch } from '../connect.ts'
import { openDatabase, TIMEOUTS } from '../connect.ts'
import { asUnavailable } from '../store-errors.ts'
import { type MigrationPlan, makePlan } from './make-plan.ts'
import type { MigrationDeps, MigrationStep, ParkedDocument } from './migration-deps.ts'
import { type DownOptions, type DownReport, runDown } from './run-down.ts'
import { runUp, type UpReport } from './run-up.ts'
import { type Fault, type VerifyOptions, verifyDatabase } from './verify-database.ts'

export interface MongoMigrationOptions {
  readonly uri: string
  readonly clock: Clock
  /** The client that documents without one belong to. */
  readonly legacyClient: ClientKrn
  /** Hears how far the work is, several times a second. */
  readonly onStep?: (step: MigrationStep) => void
  /** Sees every command. */
  readonly watch?: CommandWatch
}

/** The published migration of a database of the old version, and its way back. */
export interface MongoMigration extends AsyncDisposable {
  /** What `up` would meet and do. Changes nothing. */
  readonly plan: () => Promise<MigrationPlan>
  /** Migrates, while the service writes. May be killed, run again, and run from several places at once. */
  readonly up: () => Promise<UpReport>
  /** What is wrong with a migrated database; empty when nothing is. Changes nothing. */
  readonly verify: (options?: VerifyOptions) => Promise<readonly Fault[]>
  /** Hands the database to the old version, while nobody writes; the next `up` takes it back. May be killed and run again. */
  readonly down: (options: DownOptions) => Promise<DownReport>
}

/**
 * Connects, and changes nothing yet. Rejects with `StoreUnavailable` when no server is there, and with a
 * `MongoSetupError` when this one must not be used as it is configured.
 */
export const openMongoMigration = async (options: MongoMigrationOptions): Promise<MongoMigration> => {
  const { clock, legacyClient, onStep = () => undefined } = options
  const away = (error: unknown): never => {
    throw asUnavailable(error)
  }
  const { client, collections, topology } = await openDatabase(options, UNHURRIED).catch(away)
  const deps: MigrationDeps = {
    ...{ collections, clock, legacyClient, onStep },
    newFileId: () => '' as FileId,
    sharded: topology === 'sharded',
    db: client.db(),
    parked: client.db().collection<ParkedDocument>('progress_parked', PARKED),
  }
  return {
    plan: () => makePlan(deps).catch(away),
    up: () => runUp(deps).catch(away),
    verify: (choice) => verifyDatabase(deps, choice).catch(away),
    down: (choice) => runDown(deps, choice).catch(away),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

/** An index on millions of documents takes its time, and the server says nothing until it stands. */
const UNHURRIED = { ...TIMEOUTS, socketTimeoutMS: 0 }

const PARKED = {
  writeConcern: { w: 'majority', j: true },
  readConcern: { level: 'majority' },
  ignoreUndefined: true,
} as const
