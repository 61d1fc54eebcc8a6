import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestClock, describeProgressStore, newFileId } from '@pebbles/core/testing'
import { openSqliteStore } from './index.ts'

describeProgressStore({
  name: 'SQLite in a file',
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pebbles-sqlite-'))
    const clock = createTestClock()
    const connect = () => openSqliteStore({ path: join(folder, 'store.db'), clock, ids: { fileId: newFileId } })
    const store = await connect()
    const dispose = async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    }
    return { store, clock, connect, [Symbol.asyncDispose]: dispose }
  },
})
