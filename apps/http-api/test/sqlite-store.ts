import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '@pebbles/adapters-sqlite'
import { newFileId, type TestStore } from '@pebbles/core/testing'
import { systemClock } from '@pebbles/runtime'

/** A SQLite store in a folder of its own, which is gone when the app is. */
export const sqliteStore = async (): Promise<TestStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'pebbles-http-'))
  const store = await openSqliteStore({
    path: join(folder, 'pebbles.sqlite'),
    clock: systemClock,
    ids: { fileId: newFileId },
  })
  return {
    ...store,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
