export { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './open-store.ts'
export { type StoreFileCode, StoreFileError } from './store-errors.ts'
