import { createTestClock } from '@pebbles/core/testing'
import { type Db, type Document, MongoClient } from 'mongodb'
import { type CommandWatch, type MongoMigration, openMongoMigration } from '../src/index.ts'
import type { Bench } from './bench.ts'
import { LEGACY } from './legacy-client.ts'

/** A database of its own, looked at from outside, and its migration. */
export interface MigrationPlace extends AsyncDisposable {
  readonly uri: string
  readonly db: Db
  readonly migrate: (watch?: CommandWatch) => Promise<MongoMigration>
  readonly all: (collection?: string) => Promise<Document[]>
}

export const migrationPlace = async (bench: Bench | null): Promise<MigrationPlace> => {
  if (bench === null) throw new Error('there is no server')
  const uri = await bench.database()
  const client = new MongoClient(uri)
  const db = client.db()
  return {
    uri,
    db,
    migrate: (watch = bench.guard) =>
      openMongoMigration({
        ...{ uri, clock: createTestClock(), legacyClient: LEGACY, watch },
      }),
    all: (collection = 'progress') => db.collection(collection).find().sort({ _id: 1 }).toArray(),
    [Symbol.asyncDispose]: async () => {
      await db.dropDatabase()
      await client.close()
    },
  }
}
