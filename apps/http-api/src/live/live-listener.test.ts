import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import {
  anUpdate,
  client,
  createMemoryStore,
  createTestClock,
  fileName,
  newFileId,
  useCases,
} from '@pebbles/core/testing'
import { expect, it, vi } from 'vitest'
import { createEventFrames } from './event-frames.ts'
import type { Frame } from './frame-queue.ts'
import { createLiveListener } from './live-listener.ts'

/** A listener on a stream that is full after one write, until it is read. */
const aSlowOne = () => {
  const stream = new PassThrough({ highWaterMark: 1 })
  const listener = createLiveListener(stream, { client: client(), filename: null }, () => 'reset;')
  const read = async (): Promise<string> => {
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
    })
    stream.resume()
    for (let turns = 0; turns < 20; turns += 1) await setImmediate()
    stream.removeAllListeners('data').pause()
    return text
  }
  return { listener, read, stream }
}
const aFrame = (subject: string, version = 1): Frame => ({ subject, version, text: () => `${subject}${version};` })

it('has the newest of each file wait for one who is slow', async () => {
  const { listener, read } = aSlowOne()
  listener.greet('hello;')
  for (const version of [1, 3, 2]) listener.offer(aFrame('a', version))
  listener.offer(aFrame('b'))
  listener.comment('left out')
  expect(await read()).toBe('hello;a3;b1;')
})

it('has a file that came back told, though one who is slow has not heard yet that it was gone', async () => {
  const store = createMemoryStore({ newFileId })
  const clock = createTestClock()
  await useCases({ store, clock }).record([anUpdate()])
  const state = (await store.get(client(), fileName()))?.state ?? expect.fail()
  const frames = createEventFrames({ clock, stalledAfterMs: 60_000 })
  const { listener, read } = aSlowOne()
  listener.greet('hello;')
  listener.offer(
    frames.ofEvent(
      { kind: 'removed', position: 'p1', client: client(), filename: fileName(), fileId: state.fileId, version: 11 },
      0,
    ),
  )
  for (const version of [12, 10])
    listener.offer(frames.ofEvent({ kind: 'changed', position: 'p2', state: { ...state, version } }, 0))
  expect(await read()).toMatch(/^hello;event: progress\nid: p2~0\n.*"version":12/)
})

it('has a reset wait in the place of all that waits, also for one who is slow', async () => {
  const { listener, read } = aSlowOne()
  listener.greet('hello;')
  listener.offer(aFrame('a'))
  listener.reset()
  listener.offer(aFrame('b'))
  expect(await read()).toBe('hello;reset;b1;')
})

it('tells the past before what happens meanwhile, and nothing of either after a reset', async () => {
  const { listener, read } = aSlowOne()
  listener.greet('hello;')
  await listener.replay(async () => {
    listener.offer(aFrame('now'))
    listener.offerPast(aFrame('past'))
    await setImmediate()
  })
  expect(await read()).toBe('hello;past1;now1;')
  await listener.replay(async () => {
    listener.offer(aFrame('now', 2))
    listener.reset()
  })
  listener.offer(aFrame('later'))
  expect(await read()).toBe('reset;later1;')
})

it('has no more wait than a mebibyte, of the past and of now together; beyond it a reset', async () => {
  const { listener, read } = aSlowOne()
  const large = (subject: string): Frame => ({ subject, version: 1, text: () => `${subject}${'é'.repeat(150_000)};` })
  listener.greet('hello;')
  for (const subject of ['a', 'b', 'c', 'a']) listener.offer(large(subject))
  expect((await read()).length).toBeGreaterThan(450_000)
  listener.greet('hello;')
  await listener.replay(async () => {
    for (const subject of ['a', 'b']) listener.offerPast(large(subject))
    for (const subject of ['c', 'd']) listener.offer(large(subject))
    listener.offer(aFrame('e'))
  })
  expect(await read()).toBe('hello;reset;e1;')
})

it('is gone some seconds after its end, though nobody reads', () => {
  vi.useFakeTimers()
  try {
    const { listener, stream } = aSlowOne()
    listener.greet('hello;')
    listener.end('the token ended')
    expect([stream.writableEnded, stream.destroyed]).toEqual([true, false])
    vi.advanceTimersByTime(6_000)
    expect(stream.destroyed).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})
