import { setTimeout as sleep } from 'node:timers/promises'
import { type ChangeFeed, type ProgressReader, StoreUnavailable } from '@pebbles/core'
import { anUpdate, client, createMemoryStore, createTestClock, newFileId, useCases } from '@pebbles/core/testing'
import { expect, it, vi } from 'vitest'
import { parseEventId } from './event-id.ts'
import { createLiveHub } from './live-hub.ts'
import type { LiveListener } from './live-listener.ts'

const started = (feed: Partial<ChangeFeed> = {}, list?: (store: ProgressReader) => ProgressReader['list']) => {
  const store = createMemoryStore({ newFileId })
  let passed = 0
  const clock = { ...createTestClock(), monotonic: () => passed }
  const hub = createLiveHub({
    ...{ feed: { ...store, ...feed }, reader: { list: list?.(store) ?? store.list }, clock },
    stalledAfterMs: 60_000,
    log: { warn: () => undefined },
  })
  const pass = (ms: number): void => {
    passed += ms
  }
  return { store, clock, pass, hub, ...useCases({ store, clock }), [Symbol.asyncDispose]: () => hub.stop() }
}

/** One that takes all that it is told. */
const aListener = (told: string[] = []): LiveListener & { readonly told: readonly string[] } => ({
  ...{ client: client(), filename: null, told },
  offer: (frame) => void told.push(frame.text()),
  offerPast: (frame) => void told.push(frame.text()),
  replay: (past) => past(),
  reset: () => void told.push('event: reset'),
  greet: (text) => void told.push(text),
  comment: (text) => void told.push(text),
  isReplaying: () => true,
  end: () => undefined,
})

it('tells all who came at once what happened since the first of them', async () => {
  const { promise: later, resolve: goOn } = Promise.withResolvers<void>()
  const { promise: changed, resolve: tellOfIt } = Promise.withResolvers<void>()
  const store = createMemoryStore({ newFileId })
  let asked = 0
  await using test = started({
    ...store,
    position: async () => {
      asked += 1
      if (asked > 1) await later
      return store.position()
    },
    awaitChange: () => changed,
  })
  const { record } = useCases({ store, clock: test.clock })
  const [first, second] = [aListener(), aListener()]
  const joined = [test.hub.join(first, null, () => undefined), test.hub.join(second, null, () => undefined)]
  await joined[0]
  await sleep(20)
  await record([anUpdate({ filename: 'between.csv' })])
  goOn()
  await Promise.all(joined)
  tellOfIt()
  await record([anUpdate({ filename: 'after.csv' })])
  for (const { told } of [first, second])
    await vi.waitFor(() => {
      expect(told.join('')).toContain('after.csv')
      expect(told.join('')).toContain('between.csv')
    }, 3_000)
})

it('says in its comments where it stands, so that one who hears of nothing does not fall behind', async () => {
  await using test = started()
  const listener = aListener()
  await test.hub.join(listener, null, () => undefined)
  await test.record([anUpdate({ client: client('globex') })])
  test.pass(20_000)
  await vi.waitFor(() => expect(listener.told.at(-1)).toMatch(/^:\nid: memory-[0-9a-f]+-1~/), 3_000)
  expect(listener.told).toHaveLength(2)
})

it.for(['hangs', 'fails'])('goes on with its comments while the store %s', async (how) => {
  const store = createMemoryStore({ newFileId })
  const { promise: hanging, resolve: comeBack } = Promise.withResolvers<void>()
  let isAway = false
  let asked = 0
  await using test = started({
    ...store,
    changes: async (position, limit) => {
      if (!isAway) return store.changes(position, limit)
      asked += 1
      if (how === 'hangs') await hanging
      throw new StoreUnavailable('away')
    },
  })
  const listener = aListener()
  await test.hub.join(listener, null, () => undefined)
  isAway = true
  await vi.waitFor(() => expect(asked).toBeGreaterThan(0), 3_000)
  for (const comments of [1, 2]) {
    test.pass(16_000)
    await vi.waitFor(() => expect(listener.told).toHaveLength(1 + comments), 3_000)
    expect(listener.told.at(-1)).toMatch(/^:\nid: memory-/)
  }
  comeBack()
})

it('tells changes while it looks for stalled files, once at a time, and nothing older than those', async () => {
  const { promise: slow, resolve: answer } = Promise.withResolvers<void>()
  let looks = 0
  await using test = started({}, (store) => async (filter, limit, after) => {
    looks += 1
    const page = await store.list(filter, limit, after)
    await slow
    return page
  })
  const listener = aListener()
  const toldOf = (name: string): string[] => listener.told.filter((text) => text.includes(name))
  await test.record([anUpdate({ filename: 'woken.csv' }), anUpdate({ filename: 'stalled.csv' })])
  test.clock.advance(59_000)
  await test.hub.join(listener, null, () => undefined)
  test.clock.advance(2_000)
  test.pass(3_000)
  await vi.waitFor(() => expect(looks).toBe(1), 3_000)
  test.pass(3_000)
  await test.record([anUpdate({ filename: 'woken.csv' })])
  await vi.waitFor(() => expect(toldOf('woken.csv')).toHaveLength(1), 3_000)
  await test.record([anUpdate({ filename: 'other.csv' })])
  await vi.waitFor(() => expect(toldOf('other.csv')).toHaveLength(1), 3_000)
  expect(looks).toBe(1)
  answer()
  await vi.waitFor(() => expect(toldOf('stalled.csv')).toHaveLength(1), 3_000)
  expect(toldOf('woken.csv')).toHaveLength(1)
})

it('tells what becomes stalled after a clock that jumped forward was set right', async () => {
  const year = 365 * 86_400_000
  await using test = started({ awaitChange: () => sleep(5) })
  const listener = aListener()
  const toldAsStalled = (name: string): boolean =>
    listener.told.some((text) => text.includes(name) && text.includes('"status":"stalled"'))
  await test.record([anUpdate({ filename: 'early.csv' })])
  await test.hub.join(listener, null, () => undefined)
  test.clock.advance(year)
  test.pass(3_000)
  await vi.waitFor(() => expect(toldAsStalled('early.csv')).toBe(true), 3_000)
  test.clock.advance(-year)
  await test.record([anUpdate({ filename: 'late.csv' })])
  await vi.waitFor(() => expect(listener.told.at(-1)).toContain('late.csv'), 3_000)
  const lastId = (): string => /^id: (.*)$/m.exec(listener.told.at(-1) ?? '')?.[1] ?? ''
  await vi.waitFor(() => {
    test.pass(20_000)
    expect(parseEventId(lastId())?.knownUntil).toBeLessThanOrEqual(test.clock.now())
  }, 3_000)
  test.clock.advance(61_000)
  test.pass(3_000)
  await vi.waitFor(() => expect(toldAsStalled('late.csv')).toBe(true), 3_000)
})

it('has a place taken for who waits for the store, and none for who was refused', async () => {
  let away = true
  await using test = started({
    position: async () => {
      await sleep(10)
      if (away) throw new StoreUnavailable('away')
      return 'memory-1-0'
    },
  })
  const refused = Promise.allSettled(
    [aListener(), aListener()].map((listener) => test.hub.join(listener, null, () => undefined)),
  )
  expect(test.hub.size()).toBe(2)
  expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(test.hub.size()).toBe(0)
  away = false
  const leave = await test.hub.join(aListener(), null, () => undefined)
  expect(test.hub.size()).toBe(1)
  leave()
  expect(test.hub.size()).toBe(0)
})
