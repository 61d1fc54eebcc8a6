import { expect, it } from 'vitest'
import {
  anUpdate,
  client,
  createMemoryStore,
  createTestClock,
  email,
  fileName,
  newFileId,
  useCases,
  word,
} from '../../testing/index.ts'
import { type ProgressStore, StoreUnavailable } from '../ports/progress-store.ts'

/**
 * A store that takes so long, ms, for each look, and for one commit after the other, of which all but the last conflict.
 * It answers by when it is asked to; time is made up.
 */
const slowStore = (looks: number, commits: readonly number[]) => {
  const healthy = createMemoryStore({ newFileId })
  const still = createTestClock()
  const takes = { looks }
  let now = 0
  let begun = 0
  const slow = async <T>(ms: number, withinMs: number | undefined, answer: () => Promise<T>): Promise<T> => {
    now += Math.min(ms, withinMs ?? Number.POSITIVE_INFINITY)
    if (withinMs !== undefined && ms > withinMs) throw new StoreUnavailable('no answer in time')
    return answer()
  }
  const store: ProgressStore = {
    open: (requests, withinMs) => slow(takes.looks, withinMs, () => healthy.open(requests)),
    commit: (changes, withinMs) => {
      const ms = commits[begun] ?? 0
      begun += 1
      return slow(ms, withinMs, async () =>
        begun < commits.length ? changes.map(() => 'conflict' as const) : healthy.commit(changes),
      )
    },
  }
  const clock = {
    ...still,
    monotonic: () => now,
    sleep: async (ms: number) => {
      now += ms
    },
  }
  return {
    ...useCases({ store: { ...healthy, ...store }, clock: { ...clock, advance: still.advance } }),
    healthy: useCases({ store: healthy, clock: still }),
    now: () => now,
    begun: () => begun,
    takes,
  }
}

it('an update whose look took more than is left is refused before anything is stored, and a repeat is applied', async () => {
  const { record, now, begun, takes } = slowStore(5_500, [10])
  expect((await record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['unavailable'])
  expect([now(), begun()]).toEqual([5_500, 0])
  takes.looks = 10
  expect((await record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['created'])
})

it.for([
  // A look that comes in time leaves the commit what there is, and so do tries before it.
  { looks: 4_500, commits: [9_500] },
  { looks: 1_500, commits: [1_500, 9_500] },
  { looks: 9_500, commits: [9_500] },
])('whatever a store takes, an update is answered within 10 s: %o', async ({ looks, commits }) => {
  const { record, now } = slowStore(looks, commits)
  expect((await record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['unavailable'])
  expect(now()).toBeLessThanOrEqual(10_000)
})

it.for([
  // Behind one that is stored in the end what waited for too long is refused, and nothing of it is stored; and behind
  // one that is not.
  { takes: 6_000, ends: ['created', 'unavailable', 'updated'] },
  { takes: 4_500, ends: ['created', 'updated', 'updated'] },
  { takes: 9_900, ends: ['unavailable', 'unavailable', 'unavailable'] },
])('what waits behind another is answered within 10 s of when it came: %o', async ({ takes, ends }) => {
  const healthy = createMemoryStore({ newFileId })
  const still = createTestClock()
  const told: (readonly [string, number])[] = []
  const come = new Map<number, () => void>()
  let now = 0
  const store: ProgressStore = {
    open: (requests) => healthy.open(requests),
    commit: async (changes, withinMs = takes) => {
      const until = now + Math.min(takes, withinMs)
      for (const [at, comes] of [...come].sort(([one], [other]) => one - other))
        if (at < until) {
          now = Math.max(now, at)
          come.delete(at)
          comes()
        }
      now = until
      if (takes >= 9_500) throw new StoreUnavailable('no answer in time')
      return healthy.commit(changes)
    },
  }
  const clock = { ...still, monotonic: () => now }
  const { record } = useCases({ store: { ...healthy, ...store }, clock })
  const send = async (id: 'k1' | 'k2' | 'k3'): Promise<void> => {
    const came = now
    const [outcome] = await record([anUpdate({ id, done: 1 })])
    told.push([word(outcome), now - came])
  }
  const rest = [100, takes - 400].map((at, n) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    come.set(at, () => void send(n === 0 ? 'k2' : 'k3').then(resolve))
    return promise
  })
  await Promise.all([send('k1'), ...rest])
  expect(told.map(([end]) => end).sort()).toEqual([...ends].sort())
  for (const [, ms] of told) expect(ms).toBeLessThanOrEqual(10_000)
  const { counts } = (await healthy.get(client(), fileName()))?.state ?? {}
  expect(counts?.done ?? 0).toBe(ends.filter((end) => end !== 'unavailable').length)
})

it.for([
  { looks: 4_500, commits: 9_500, begins: 1 },
  { looks: 5_500, commits: 10, begins: 0 },
])('a removal is answered within 10 s, too: %o', async ({ looks, commits, begins }) => {
  const { remove, healthy, now, begun } = slowStore(looks, [commits])
  await healthy.record([anUpdate()])
  const removal = { client: client(), filename: fileName(), by: email('ada'), admin: false, id: 'inner:end' as const }
  expect((await remove(removal)).kind).toBe('unavailable')
  expect(now()).toBeLessThanOrEqual(10_000)
  expect(begun()).toBe(begins)
})
