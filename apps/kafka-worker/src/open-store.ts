import type { MongoStoreOptions } from '@pebbles/adapters-mongo'
import type { SqliteStoreOptions } from '@pebbles/adapters-sqlite'
import { type Config, type Lifecycle, type Logger, openProcessStore } from '@pebbles/runtime'

/** Only the adapter that is used is loaded: a driver costs time at the start, and memory for good. */
const mongo = async (options: MongoStoreOptions) => (await import('@pebbles/adapters-mongo')).openMongoStore(options)
const sqlite = async (options: SqliteStoreOptions) =>
  (await import('@pebbles/adapters-sqlite')).openSqliteStore(options)

/** The store that the configuration names, closed with the process. */
export const openStore = (config: Config, log: Logger, lifecycle: Lifecycle) =>
  openProcessStore({ mongo, sqlite }, config, log, lifecycle)
