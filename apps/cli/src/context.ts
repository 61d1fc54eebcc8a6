import type { Readable, Writable } from 'node:stream'
import type { Config, Environment } from '@pebbles/runtime'
import type { MigrationStep, MongoInspection, MongoMigration, OpenedStore } from './open-store.ts'

/** A stream that may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }
export type Input = Readable & { readonly isTTY?: boolean }
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** What a command has of the process it runs in. */
export interface Context {
  /** The process's variables, and below them those of `.env`. */
  readonly environment: () => Promise<Environment>
  /** Where the user stands: relative paths begin here. */
  readonly cwd: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly color: { readonly stdout: boolean; readonly stderr: boolean }
  readonly now: () => number
  /**
   * Calls `first` when somebody asks to stop, and `again` when somebody insists (by default the process ends at once).
   * Answers how to stop listening.
   */
  readonly onSignal: (first: (signal: StopSignal) => void, again?: (signal: StopSignal) => void) => () => void
  readonly openStore: (config: Config) => Promise<OpenedStore>
  /** Without opening it, so that a user who may not can be told why. Null for a store that has no users. */
  readonly inspectStore: (config: Config) => Promise<MongoInspection | null>
  /** Of a database on MongoDB. */
  readonly openMigration: (config: Config, onStep: (step: MigrationStep) => void) => Promise<MongoMigration>
}
