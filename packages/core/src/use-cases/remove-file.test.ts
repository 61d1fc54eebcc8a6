import { expect, it } from 'vitest'
import {
  anUpdate,
  client,
  createMemoryStore,
  createTestClock,
  email,
  fileName,
  newFileId,
} from '../../testing/index.ts'
import type { UpdateId } from '../progress/update.ts'
import { createRecorder } from './record-updates.ts'
import { createRemoveFile } from './remove-file.ts'

it.for([
  ['slow', 9_000],
  ['quick', 1],
] as const)('is answered within 10 s by a %s store in which others win each version', async ([, tookMs]) => {
  const healthy = createMemoryStore({ newFileId })
  const still = createTestClock()
  await createRecorder({ store: healthy, clock: still }).record([anUpdate()])
  let now = 0
  const clock = {
    ...still,
    monotonic: () => now,
    sleep: async (ms: number) => {
      now += ms
    },
  }
  const store = {
    ...healthy,
    open: (requests: Parameters<typeof healthy.open>[0]) => {
      now += tookMs
      return healthy.open(requests)
    },
    commit: async () => ['conflict' as const],
  }
  const remove = createRemoveFile({ store, clock })
  const by = email('ada')
  const removal = await remove({
    client: client(),
    filename: fileName(),
    by,
    admin: false,
    id: 'inner:gone' as UpdateId,
  })
  expect(removal.kind).toBe('unavailable')
  expect(now).toBeLessThanOrEqual(10_000)
  // It is not given up at the first.
  expect(now).toBeGreaterThan(8_000)
})
