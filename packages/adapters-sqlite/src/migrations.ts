import type { DatabaseSync } from 'node:sqlite'
import { STEPS } from './schema.ts'
import { StoreFileError } from './store-errors.ts'

/** 'Pebl': tells our files from those of other programs. */
export const APPLICATION_ID = 0x5065626c

export const SCHEMA_VERSION = STEPS.length

/** Fills an empty database; a file appears whole or not at all, see `connect`. */
export const createSchema = (db: DatabaseSync, steps: readonly string[] = STEPS): void => {
  db.exec('BEGIN IMMEDIATE')
  for (const [index, step] of steps.entries()) run(db, step, index + 1)
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; COMMIT`)
}

/** Brings an older file to this version, each step a transaction, whoever else tries the same at once. */
export const migrate = (db: DatabaseSync, path: string, steps: readonly string[] = STEPS): void => {
  while (readPragma(db, 'user_version') !== steps.length) {
    db.exec('BEGIN IMMEDIATE')
    try {
      const version = Number(readPragma(db, 'user_version'))
      if (version > steps.length) throw newer(path, version)
      const step = steps[version]
      if (step !== undefined) run(db, step, version + 1)
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

/** The version stands in the file's header, and in `meta`, where each commit sees whether it is still its own. */
const run = (db: DatabaseSync, step: string, version: number): void =>
  db.exec(`${step}; UPDATE meta SET schema = ${version}; PRAGMA user_version = ${version}`)

/** Refuses what is not ours or newer than this program. */
export const checkIdentity = (path: string, applicationId: number, version: number): void => {
  if (applicationId !== APPLICATION_ID || version < 1) {
    throw new StoreFileError(
      'STORE_FOREIGN',
      `${path} is a SQLite database of another program. Nothing was changed in it. Name another file.`,
    )
  }
  if (version > SCHEMA_VERSION) throw newer(path, version)
}

export const newer = (path: string, version: number): StoreFileError =>
  new StoreFileError(
    'STORE_NEWER',
    `The store file ${path} has schema version ${version}, this program knows ${SCHEMA_VERSION}. Nothing was changed in it. Run the newer version, or restore a backup from before the upgrade.`,
  )

type Pragma = 'application_id' | 'user_version' | 'journal_mode'

export const readPragma = (db: DatabaseSync, name: Pragma): unknown => db.prepare(`PRAGMA ${name}`).get()?.[name]
