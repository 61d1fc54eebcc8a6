import { PassThrough } from 'node:stream'
import {
  type ChangeFeed,
  type ClientKrn,
  type Email,
  type FeedPosition,
  type FileId,
  StoreUnavailable,
} from '@pebbles/core'
import { anUpdate, client, createMemoryStore, createTestClock, newFileId, useCases } from '@pebbles/core/testing'
import { expect, it, vi } from 'vitest'
import { createEventFrames } from './event-frames.ts'
import { createLiveListener, type LiveListener } from './live-listener.ts'
import { createReplays } from './replays.ts'

const STALLED_AFTER_MS = 60_000

const started = async (feed: (store: ChangeFeed) => Partial<ChangeFeed> = () => ({})) => {
  const store = createMemoryStore({ newFileId })
  let passed = 0
  const still = createTestClock()
  const clock = { ...still, monotonic: () => passed }
  const { record } = useCases({ store, clock })
  const places: FeedPosition[] = [await store.position()]
  for (let n = 0; n < 6; n += 1) {
    await record([anUpdate({ filename: `f${n}.csv`, client: client(n % 2 === 0 ? 'acme' : 'globex') })])
    places.push(await store.position())
  }
  const asked: FeedPosition[] = []
  const replays = createReplays({
    feed: {
      ...store,
      changes: (after, limit) => {
        asked.push(after)
        return store.changes(after, limit)
      },
      ...feed(store),
    },
    clock,
    frames: createEventFrames({ clock, stalledAfterMs: STALLED_AFTER_MS }),
    stalled: { tell: async () => undefined },
    here: () => places.at(-1) ?? '',
  })
  const tell = (listener: LiveListener, place: number | string): Promise<void> =>
    replays.tell(listener, {
      position: typeof place === 'string' ? place : (places[place] ?? ''),
      knownUntil: clock.now(),
    })
  const pass = (ms: number): void => {
    passed += ms
  }
  return { store, clock, tell, places, asked, pass }
}

const aListener = (of: ClientKrn = client()) => {
  const told: string[] = []
  const listener: LiveListener = {
    ...{ client: of, filename: null, isReplaying: () => true },
    ...{ offer: () => undefined, greet: () => undefined, comment: () => undefined, replay: (past) => past() },
    offerPast: (frame) => void told.push(/"filename":"(.*?)\.csv"/.exec(frame.text())?.[1] ?? ''),
    reset: () => void told.push('reset'),
    end: () => void told.push('end'),
  }
  return { ...listener, told }
}

/** Two that take both turns. */
const busy = ({ tell }: Awaited<ReturnType<typeof started>>) => [tell(aListener(), 6), tell(aListener(), 6)]

it('reads the past once for all that wait, from the furthest back, and tells each what is its own', async () => {
  const test = await started()
  const turns = busy(test)
  const [near, far, other, there] = [aListener(), aListener(), aListener(client('globex')), aListener()]
  await Promise.all([...turns, test.tell(near, 3), test.tell(far, 0), test.tell(other, 4), test.tell(there, 6)])
  expect(test.asked).toEqual([test.places[6], test.places[6], test.places[0]])
  expect(far.told).toEqual(['f0', 'f2', 'f4'])
  expect(near.told.at(-1)).toBe('f4')
  expect(other.told.at(-1)).toBe('f5')
  expect(there.told).toEqual([])
})

it('tells one whose place is unknown, or too far back, to load anew, and no other', async () => {
  const test = await started((store) => ({
    changes: async (after, limit) => (after.endsWith('-1') ? null : store.changes(after, limit)),
  }))
  const turns = busy(test)
  const [known, unknown, tooOld] = [aListener(), aListener(), aListener()]
  await Promise.all([...turns, test.tell(unknown, 'garbage'), test.tell(tooOld, 1), test.tell(known, 2)])
  expect(unknown.told).toEqual(['reset'])
  expect(tooOld.told).toEqual(['reset'])
  expect(known.told).toEqual(['f2', 'f4'])
})

it('ends where the live feed stands, though there is always more', async () => {
  const test = await started((store) => ({
    changes: async (after, limit) => {
      await useCases({ store: test.store, clock: test.clock }).record([anUpdate({ filename: 'busy.csv' })])
      return store.changes(after, limit)
    },
  }))
  const listener = aListener()
  await test.tell(listener, 0)
  expect(listener.told).toEqual(['f0', 'f2', 'f4', 'busy'])
})

it('reads nothing for those that left, and cuts the others off while the store is away', async () => {
  const test = await started((store) => ({
    changes: (after, limit) =>
      after === test.places[6] ? store.changes(after, limit) : Promise.reject(new StoreUnavailable('away')),
  }))
  const turns = busy(test)
  const [gone, cut] = [aListener(), aListener()]
  await Promise.all([...turns, test.tell({ ...gone, isReplaying: () => false }, 0), test.tell(cut, 3)])
  expect(test.asked).toEqual([])
  expect(cut.told).toEqual(['end'])
  expect(gone.told).not.toContain('end')
})

it('reads no more for one who was told to load anew meanwhile, as it took nothing', async () => {
  const pages = 30
  let read = 0
  const test = await started((store) => ({
    changes: async () => {
      read += 1
      const page = await store.changes(test.places[0] ?? '', 1)
      const events = page?.events.map((event) => {
        const state = event.kind === 'changed' ? event.state : expect.fail()
        const fileId = `${state.fileId}${read}` as FileId
        return { ...event, state: { ...state, fileId, email: 'x'.repeat(100_000) as Email } }
      })
      return { events: events ?? [], position: test.places[read < pages ? 1 : 6] ?? '' }
    },
  }))
  const stream = new PassThrough({ highWaterMark: 1 })
  const listener = createLiveListener(stream, { client: client(), filename: null }, () => 'reset;')
  listener.greet('hello;')
  await listener.replay(() => test.tell(listener, 0))
  expect(read).toBeLessThan(pages / 2)
  let heard = ''
  stream.on('data', (chunk) => {
    heard += chunk
  })
  await vi.waitFor(() => expect(heard).toBe('hello;reset;'), 5_000)
})

it('tells one who waited for too long to load anew', async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const test = await started((store) => ({
    changes: async (after, limit) => {
      await held
      return store.changes(after, limit)
    },
  }))
  const turns = busy(test)
  const listener = aListener()
  const told = test.tell(listener, 0)
  test.pass(31_000)
  letGo()
  await Promise.all([...turns, told])
  expect(listener.told).toEqual(['reset'])
})
