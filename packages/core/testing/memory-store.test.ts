import { createTestClock, newFileId } from './builders.ts'
import { describeProgressStore } from './contract/progress-store.ts'
import { createMemoryStore } from './memory-store.ts'

describeProgressStore({
  name: 'the reference store',
  open: async () => {
    const store = createMemoryStore({ newFileId })
    return {
      store,
      clock: createTestClock(),
      connect: async () => store.connect(),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    }
  },
})
