import { type RejectedMessage, rejectedBytes } from '@pebbles/core'
import { NOON } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const PLENTY = 1_000_000_000
let drawn = 0
const aMessage = (): RejectedMessage => {
  drawn += 1
  return {
    origin: `queue/${String(drawn).padStart(9, '0')}`,
    channel: 'sqs',
    updateId: `derived:${String(drawn).padStart(9, '0')}`,
    code: 'INVALID_BODY',
    reason: 'not JSON',
    at: NOON,
    sentAt: NOON,
    attempts: 1,
    body: new Uint8Array([123]),
    key: null,
    headers: [],
  }
}
const messages = (count: number): RejectedMessage[] => Array.from({ length: count }, aMessage)
const EACH = rejectedBytes(aMessage())

/** Two processes on one database; how often they went through the sizes of all, and moved the mark. */
const open = async () => {
  const test = await (bench as NonNullable<typeof bench>).subject()
  const { guard } = bench as NonNullable<typeof bench>
  let [scans, moves] = [0, 0]
  const watch = {
    ...guard,
    started: (event: Parameters<typeof guard.started>[0]) => {
      if (event.command['aggregate'] === 'rejected') scans += 1
      if (event.command['update'] === 'settings') moves += 1
      guard.started(event)
    },
  }
  const stores = [await test.connect({ watch }), await test.connect({ watch })] as const
  return {
    one: stores[0].rejected,
    other: stores[1].rejected,
    raw: test.raw,
    scans: () => scans,
    moves: () => moves,
    [Symbol.asyncDispose]: async () => {
      for (const store of stores) await store.close()
      await test[Symbol.asyncDispose]()
    },
  }
}

describe.skipIf(bench === null)('rejected messages', () => {
  it('are kept without a look at all the others', async () => {
    await using test = await open()
    await test.one.keep(messages(1), PLENTY)
    const before = test.scans()
    for (let turn = 0; turn < 20; turn += 1)
      await Promise.all([test.one, test.other].map((list) => list.keep(messages(10), PLENTY)))
    expect(test.scans()).toBe(before)
    expect(await test.other.size()).toEqual({ messages: 401, bytes: 401 * EACH })
  })

  it('stay below their bound, whoever keeps them, and are counted anew only there', async () => {
    await using test = await open()
    const bound = 100 * EACH
    let kept = 0
    for (let turn = 0; turn < 11; turn += 1)
      for (const list of [test.one, test.other]) if ((await list.keep(messages(5), bound)) === 'kept') kept += 5
    expect(kept).toBe(100)
    expect(await test.one.size()).toEqual({ messages: 100, bytes: bound })
    // The first of all, the two that found no room, and the size.
    expect(test.scans()).toBeLessThanOrEqual(4)

    const oldest = await test.other.list(40, 0)
    await test.other.drop(oldest.map(({ no }) => no))
    expect(await test.one.size()).toEqual({ messages: 60, bytes: 60 * EACH })
    const before = test.scans()
    for (let turn = 0; turn < 4; turn += 1) expect(await test.one.keep(messages(10), bound)).toBe('kept')
    expect(test.scans()).toBe(before + 1)
    expect(await test.one.keep(messages(1), bound)).toBe('full')
  })

  it('find the room that a process took which died before it wrote', async () => {
    await using test = await open()
    await test.one.keep(messages(10), 20 * EACH)
    await test.raw.settings.updateOne({ _id: 'rejected' }, { $inc: { last: 10, bytes: 10 * EACH } })
    expect(await test.one.keep(messages(10), 20 * EACH)).toBe('kept')
    expect(await test.one.keep(messages(1), 20 * EACH)).toBe('full')
  })

  it('are given their numbers together when many are kept at once', async () => {
    await using test = await open()
    await test.one.keep(messages(1), PLENTY)
    const before = test.moves()
    expect(new Set(await Promise.all(messages(48).map((message) => test.one.keep([message], PLENTY))))).toEqual(
      new Set(['kept']),
    )
    expect(test.moves()).toBeLessThan(before + 24)
    expect(await test.other.size()).toEqual({ messages: 49, bytes: 49 * EACH })
  })

  it('share a look at their sizes when many meet the bound at once', async () => {
    await using test = await open()
    await test.one.keep(messages(10), PLENTY)
    const before = test.scans()
    const answers = await Promise.all(messages(48).map((message) => test.one.keep([message], 10 * EACH)))
    expect(new Set(answers)).toEqual(new Set(['full']))
    expect(test.scans()).toBeLessThan(before + 24)
  })
})
