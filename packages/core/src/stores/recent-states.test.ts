import { expect, it } from 'vitest'
import { anUpdate, createMemoryStore, createTestClock, newFileId } from '../../testing/index.ts'
import type { FileState } from '../progress/file-state.ts'
import { createRecorder } from '../use-cases/record-updates.ts'
import { createRecentStates } from './recent-states.ts'

const setUp = () => {
  let now = 0
  const clock = {
    monotonic: () => now,
    advance: (ms: number): void => {
      now += ms
    },
  }
  return { clock, recent: createRecentStates(clock) }
}

const aState = async (filename = 'a.csv'): Promise<FileState> => {
  const store = createMemoryStore({ newFileId })
  const { record } = createRecorder({ store, clock: createTestClock() })
  await record([anUpdate({ filename, errors: ['bad value 1'], end: 'succeeded' })])
  const found = await store.get(anUpdate().client, anUpdate({ filename }).filename)
  if (found === null) throw new Error('it was not stored')
  return found.state
}

it('gives a state once for each time it was kept, as a copy', async () => {
  const { recent } = setUp()
  const state = await aState()
  expect(recent.take(state)).toBeUndefined()
  recent.keep(state)
  const taken = recent.take(state)
  expect(taken).toEqual(state)
  for (const field of ['counts', 'pace', 'completion', 'former', 'issues'] as const)
    expect(taken?.[field]).not.toBe(state[field])
  expect(taken?.issues.error.top[0]).not.toBe(state.issues.error.top[0])
  expect(recent.take(state)).toBeUndefined()
})

it('forgets a state after five seconds, and the oldest when there are too many', async () => {
  const { clock, recent } = setUp()
  const [state, other] = [await aState(), await aState('b.csv')]
  recent.keep(state)
  clock.advance(5_000)
  expect(recent.take(state)).toBeUndefined()

  recent.keep(state)
  recent.keep(other)
  for (let n = 0; n < 4_999; n += 1) recent.keep({ ...other, filename: `c${n}.csv` as FileState['filename'] })
  expect([recent.take(state), recent.take(other)]).toEqual([undefined, other])
})

it('keeps nothing of a file that others write, too, for ten seconds', async () => {
  const { clock, recent } = setUp()
  const state = await aState()
  expect(recent.isShared(state)).toBe(false)
  recent.share(state)
  recent.keep(state)
  expect([recent.take(state), recent.isShared(state)]).toEqual([undefined, true])
  clock.advance(10_000)
  expect(recent.isShared(state)).toBe(false)
  recent.keep(state)
  expect(recent.take(state)).toEqual(state)
})
