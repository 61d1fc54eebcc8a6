import { describe, expect, it } from 'vitest'
import { createHand } from './hand.ts'
import { toReceived } from './sqs-message.ts'

const received = (count: number, body = 'x') =>
  Array.from({ length: count }, (_, n) => toReceived({ MessageId: `m${n}`, Body: body }, 'queue', 0))

/** Whether it has resolved by now. */
const isDone = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol()
  return (await Promise.race([promise, new Promise((soon) => setImmediate(soon, pending))])) !== pending
}

const setUp = (heapBytes?: number) => {
  let now = 0
  let empty = 0
  const onEmpty = (): void => {
    empty += 1
  }
  const hand = createHand({ monotonic: () => now }, onEmpty, heapBytes)
  const never = new Promise<void>(() => undefined)
  return {
    hand,
    never,
    timesEmpty: () => empty,
    /** Takes so many, which are done with after so long. */
    pass: async (count: number, ms: number) => {
      const work = Promise.withResolvers<void>()
      hand.hold(received(count), work.promise)
      now += ms
      work.resolve()
      await isDone(work.promise)
    },
    /** How many there is room for, in tens. Fills it. */
    room: async () => {
      let taken = 0
      for (;;) {
        const room = hand.room()
        if (!(await isDone(room))) return taken
        hand.hold(received(10), never)
        ;(await room)()
        taken += 10
      }
    },
  }
}

describe('what is in hand', () => {
  it('is bounded by messages and by characters, and there is room again when some are done with', async () => {
    const { hand, never } = setUp()
    const first = Promise.withResolvers<void>()
    hand.hold(received(1, 'x'.repeat(20_000_000)), first.promise)
    const room = hand.room()
    expect(await isDone(room)).toBe(true)
    hand.hold(received(1, 'x'.repeat(20_000_000)), never)
    ;(await room)()
    const waiting = hand.room()
    expect(await isDone(waiting)).toBe(false)
    first.resolve()
    expect(await isDone(waiting)).toBe(true)
  })

  it('is less where the heap is small, and one receive always has room', async () => {
    const { hand, never } = setUp(125_000_000)
    const giveBack = await hand.room()
    const second = hand.room()
    expect(await isDone(second)).toBe(false)
    hand.hold(received(1, 'x'.repeat(4_999_999)), never)
    giveBack()
    expect(await isDone(second)).toBe(true)
    ;(await second)()
    hand.hold(received(1), never)
    expect(await isDone(hand.room())).toBe(false)
  })

  it('counts what attributes hold, too', async () => {
    const { hand, never } = setUp(125_000_000)
    const attribute = { DataType: 'String', StringValue: 'x'.repeat(10_000) }
    const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`a${n}`, attribute]))
    const heavy = () => [toReceived({ MessageId: 'm', Body: 'x', MessageAttributes: attributes }, 'queue', 0)]
    for (let n = 0; n < 24; n += 1) hand.hold(heavy(), never)
    const giveBack = await hand.room()
    giveBack()
    hand.hold(heavy(), never)
    expect(await isDone(hand.room())).toBe(false)
  })

  it('keeps room for receives that are under way, at first for as much as they may bring', async () => {
    const { hand, never } = setUp()
    const first = [await hand.room(), await hand.room(), await hand.room(), await hand.room()]
    const fifth = hand.room()
    expect(await isDone(fifth)).toBe(false)
    hand.hold(received(10), never)
    for (const giveBack of first) giveBack()
    expect(await isDone(fifth)).toBe(true)
    for (let n = 0; n < 10; n += 1) hand.hold(received(1), never)
    for (let n = 0; n < 45; n += 1) expect(await isDone(hand.room())).toBe(true)
    expect(await isDone(hand.room())).toBe(false)
  })

  it('begins small, and grows to what is done with soon', async () => {
    expect(await setUp().room()).toBe(480)
    const quick = setUp()
    for (let n = 0; n < 100; n += 1) await quick.pass(10, 5)
    expect(await quick.room()).toBe(3_480)
    const slower = setUp()
    await slower.pass(480, 1_600)
    expect(await slower.room()).toBe(600)
    const long = setUp()
    for (let n = 0; n < 100; n += 1) await long.pass(480, 5)
    expect(await long.room()).toBe(8_000)
  })

  it('shrinks by half where it takes long, once for all that were taken together, and never below the least', async () => {
    const slow = setUp()
    for (let n = 0; n < 100; n += 1) await slow.pass(480, 5)
    await Promise.all(Array.from({ length: 5 }, () => slow.pass(10, 1_000)))
    expect(await slow.room()).toBeLessThanOrEqual(4_050)
    const slower = setUp()
    for (let n = 0; n < 10; n += 1) await slower.pass(10, 5_000)
    expect(await slower.room()).toBe(480)
  })

  it('is waited for at the end, and who waits for room is let go before', async () => {
    const { hand, pass, never, timesEmpty } = setUp()
    hand.hold(received(480), never)
    const waiting = hand.room()
    expect(await isDone(waiting)).toBe(false)
    hand.close()
    expect(await isDone(waiting)).toBe(true)
    expect(await isDone(hand.emptied())).toBe(false)
    const other = setUp()
    await other.pass(480, 5)
    expect(await isDone(other.hand.emptied())).toBe(true)
    expect(other.timesEmpty()).toBe(1)
    await pass(1, 5)
    expect(timesEmpty()).toBe(0)
  })
})
