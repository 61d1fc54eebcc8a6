import { systemClock } from '@pebbles/runtime'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { BrokerConsumer, BrokerEvents } from './broker-consumer.ts'
import { type KeepConsumingDeps, keepConsuming } from './keep-consuming.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Fake extends BrokerConsumer {
  readonly events: BrokerEvents
  stopped: boolean
}

const setUp = (facts: Partial<KeepConsumingDeps> = {}, start: () => Promise<void> = async () => undefined) => {
  const made: Fake[] = []
  let high = 0n
  let stable = 0n
  let stalled = 0
  const consuming = keepConsuming({
    create: (events) => {
      const fake: Fake = {
        events,
        stopped: false,
        start,
        positions: async () =>
          new Map([[0, { committed: 0n, mark: null, isReset: false, isGone: false, low: 0n, high, stable }]]),
        seek: () => undefined,
        pass: async () => undefined,
        forget: () => undefined,
        reset: async () => undefined,
        isCompacted: async () => false,
        stop: async () => {
          fake.stopped = true
        },
      }
      made.push(fake)
      return fake
    },
    onJoin: () => undefined,
    onBatch: async () => undefined,
    onUnseen: () => undefined,
    onUndecodable: () => undefined,
    isOpen: () => true,
    onStalled: () => {
      stalled += 1
    },
    onLag: () => undefined,
    clock: { ...systemClock, monotonic: () => Date.now(), sleep: (ms) => new Promise((done) => setTimeout(done, ms)) },
    log: quiet,
    ...facts,
  })
  return {
    made,
    consuming,
    stalls: () => stalled,
    waiting: (messages: bigint, readable = messages) => {
      high = messages
      stable = readable
    },
  }
}

it('has a new consumer when one crashes, whatever by, and says so meanwhile', async () => {
  const { made, consuming } = setUp()
  made[0]?.events.onJoin([0])
  made[0]?.events.onActivity('fetch')
  expect(await consuming.state()).toEqual({ ok: true })
  made[0]?.events.onCrash(new TypeError('for good'))
  expect(await consuming.state()).toMatchObject({ ok: false })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(made.map(({ stopped }) => stopped)).toEqual([true, false])
  made[1]?.events.onJoin([0])
  expect(await consuming.state()).toMatchObject({ ok: false })
  made[1]?.events.onActivity('fetch')
  expect(await consuming.state()).toEqual({ ok: true })
  // What the old one still says is nobody's business.
  made[0]?.events.onCrash(new Error('again'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(made).toHaveLength(2)
  await consuming.stop()
})

it.each([
  [new Error('the group does not answer'), 'the group does not answer'],
  [Object.assign(new Error('to 10.0.0.7 refused'), { name: 'KafkaJSConnectionError' }), 'KafkaJSConnectionError'],
  [Object.assign(new Error('no'), { name: 'KafkaJSProtocolError', type: 'NOT_COORDINATOR' }), 'NOT_COORDINATOR'],
])('says what came first: %s', async (first, said) => {
  const { made, consuming } = setUp()
  const outer = Object.assign(new Error('gave up', { cause: first }), { name: 'KafkaJSNumberOfRetriesExceeded' })
  made[0]?.events.onCrash(outer)
  expect(await consuming.state()).toEqual({ ok: false, detail: `no consumer: ${said}` })
  await consuming.stop()
})

it('tries again and again, less and less often, while no consumer can start', async () => {
  const { made, consuming } = setUp({}, () => Promise.reject(new Error('no broker')))
  await vi.advanceTimersByTimeAsync(10_000)
  const soon = made.length
  expect(soon).toBeGreaterThan(2)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(made.length - soon).toBeGreaterThan(2)
  expect(made.length - soon).toBeLessThan(12)
  await consuming.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  const ended = made.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(made).toHaveLength(ended)
})

it('says so, and tries less and less often, when each consumer joins and cannot fetch', async () => {
  const { made, consuming } = setUp()
  for (let crashes = 0; crashes < 8; crashes += 1) {
    made.at(-1)?.events.onJoin([0])
    expect(await consuming.state()).toMatchObject({ ok: false })
    made.at(-1)?.events.onCrash(new Error('a fetch'))
    await vi.advanceTimersByTimeAsync(200)
    expect(made).toHaveLength(crashes + 1)
    await vi.advanceTimersByTimeAsync(30_000)
  }
  await consuming.stop()
})

it('replaces one that fetches nothing while messages wait, and no other', async () => {
  const { made, consuming, stalls, waiting } = setUp()
  made[0]?.events.onJoin([0])
  const alive = setInterval(() => made.at(-1)?.events.onActivity('heartbeat'), 3_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([made.length, stalls()]).toEqual([1, 0])
  waiting(5n)
  await vi.advanceTimersByTimeAsync(40_000)
  expect([made.length > 1, made[0]?.stopped, stalls() > 0]).toEqual([true, true, true])
  clearInterval(alive)
  await consuming.stop()
})

it('leaves one alone while all that waits is behind an open transaction, and tells of it', async () => {
  const { made, consuming, waiting } = setUp()
  made[0]?.events.onJoin([0])
  const alive = setInterval(() => made.at(-1)?.events.onActivity('heartbeat'), 3_000)
  made[0]?.events.onActivity('fetch')
  waiting(5n, 0n)
  await vi.advanceTimersByTimeAsync(50_000)
  expect(await consuming.state()).toEqual({ ok: true })
  await vi.advanceTimersByTimeAsync(40_000)
  expect(await consuming.state()).toMatchObject({ ok: false, detail: expect.stringContaining('transaction') })
  expect(made).toHaveLength(1)
  waiting(0n)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await consuming.state()).toEqual({ ok: true })
  clearInterval(alive)
  await consuming.stop()
})

it('leaves one alone that works, or may not', async () => {
  let open = false
  const { made, consuming, waiting } = setUp({ isOpen: () => open })
  waiting(5n)
  made[0]?.events.onJoin([0])
  const alive = setInterval(() => made.at(-1)?.events.onActivity('heartbeat'), 3_000)
  await vi.advanceTimersByTimeAsync(60_000)
  open = true
  made[0]?.events.onActivity('fetch')
  const fetching = setInterval(() => made[0]?.events.onActivity('fetch'), 5_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(made).toHaveLength(1)
  clearInterval(alive)
  clearInterval(fetching)
  await consuming.stop()
})

it('replaces one of which nothing is heard any more', async () => {
  const { made, consuming } = setUp()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(made.length).toBeGreaterThan(1)
  await consuming.stop()
})

it('replaces one that its group has forgotten, as no heartbeat is answered, whatever else it hears', async () => {
  const { made, consuming, stalls } = setUp({ onBatch: () => new Promise(() => undefined) })
  made[0]?.events.onJoin([0])
  const alive = setInterval(() => made.at(-1)?.events.onActivity('fetch'), 1_000)
  await vi.advanceTimersByTimeAsync(15_000)
  made[0]?.events.onActivity('heartbeat')
  await vi.advanceTimersByTimeAsync(15_000)
  expect(made).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(20_000)
  expect([made.length, made[0]?.stopped, stalls()]).toEqual([2, true, 0])
  clearInterval(alive)
  await consuming.stop()
})

it('waits for a group that changes', async () => {
  const { made, consuming } = setUp()
  made[0]?.events.onJoin([0])
  made[0]?.events.onRebalance()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(made).toHaveLength(1)
  await consuming.stop()
})

it('looks whether its group has forgotten it, though a broker does not answer where it stands', async () => {
  const { made, consuming } = setUp()
  const first = made[0]
  if (first === undefined) throw new Error('it has one')
  Object.assign(first, { positions: () => new Promise(() => undefined) })
  first.events.onJoin([0])
  await vi.advanceTimersByTimeAsync(35_000)
  expect(made).toHaveLength(2)
  await consuming.stop()
})
