import { createTestClock, describeProgressStore, newFileId } from '@pebbles/core/testing'
import { connect } from './connect.ts'
import { IN_MEMORY } from './files.ts'
import { assembleStore } from './open-store.ts'

describeProgressStore({
  name: 'SQLite in memory',
  open: async () => {
    const clock = createTestClock()
    const options = { path: IN_MEMORY, clock, ids: { fileId: newFileId } }
    const db = await connect(IN_MEMORY, clock)
    // What is in memory has one connection, which the stores share.
    const another = async () =>
      assembleStore(db, options, { committed: () => undefined, release: async () => undefined })
    const dispose = async () => db.close()
    return { store: await another(), clock, connect: another, [Symbol.asyncDispose]: dispose }
  },
})
