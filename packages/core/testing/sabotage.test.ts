import { describe, expect, it } from 'vitest'
import { createTestClock, newFileId } from './builders.ts'
import { PROGRESS_STORE_CONTRACT } from './contract/progress-store.ts'
import type { Subject } from './contract/subject.ts'
import { createMemoryStore, type TestStore } from './memory-store.ts'
import { SABOTAGES } from './sabotage.ts'

const TIME_FOR_A_CASE_MS = 3_000

describe('the contract notices', () => {
  it.concurrent.for(SABOTAGES.map((sabotage) => [sabotage.name, sabotage] as const))(
    '%s',
    { timeout: 60_000 },
    async ([, { breakStore }]) => {
      const caught: string[] = []
      for (const { title, run } of Object.values(PROGRESS_STORE_CONTRACT).flat()) {
        const healthy = createMemoryStore({ newFileId })
        const store = breakStore(healthy) as TestStore & { connect: typeof healthy.connect }
        const subject: Subject = {
          store,
          clock: createTestClock(),
          connect: async () => breakStore(store.connect()),
          [Symbol.asyncDispose]: () => healthy[Symbol.asyncDispose](),
        }
        let timer: NodeJS.Timeout | undefined
        const late = new Promise((_, reject) => {
          timer = setTimeout(() => reject(new Error('took too long')), TIME_FOR_A_CASE_MS)
        })
        await Promise.race([run(subject), late]).catch(() => caught.push(title))
        clearTimeout(timer)
        if (caught.length > 0) break
      }
      expect(caught).not.toEqual([])
    },
  )
})
