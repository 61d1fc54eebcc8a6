import { type ClientKrn, StoreUnavailable } from '@pebbles/core'
import { anUpdate, createMemoryStore, createTestClock, newFileId, useCases } from '@pebbles/core/testing'
import { describe, expect, it, vi } from 'vitest'
import { openConnection } from './raw-socket.ts'
import { readEvents } from './read-events.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const EVENTS = `/clients/${CLIENT}/progress/events`
const counts = { done: 1, warn: 0, failed: 0 }

const post = async (app: TestApp, filename: string, client = CLIENT): Promise<void> => {
  expect((await app.post(client, { filename, counts })).status).toBe(200)
}

describe('GET events', () => {
  it('says hello, then tells every change of this client and of no other', async () => {
    await using app = await startApp()
    await post(app, 'before.csv')
    await using events = await readEvents(app.url + EVENTS)
    expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await events.next()).toMatchObject({ event: 'hello', id: expect.stringMatching(/./) })
    await post(app, 'theirs.csv', 'krn:globex:client:1')
    await post(app, 'a.csv')
    expect(await events.next()).toMatchObject({
      event: 'progress',
      data: { filename: 'a.csv', version: 1, counts, errors: [], clientKrn: CLIENT },
    })
    await app.request(`/clients/${CLIENT}/progress?filename=a.csv`, { method: 'DELETE', token: await aToken() })
    expect(await events.next()).toMatchObject({ event: 'deleted', data: { filename: 'a.csv', clientKrn: CLIENT } })
  })

  it('tells of one file alone when asked so', async () => {
    await using app = await startApp()
    await using events = await readEvents(`${app.url}${EVENTS}?filename=b.csv`)
    await events.next()
    await post(app, 'a.csv')
    await post(app, 'b.csv')
    expect((await events.next()).data.filename).toBe('b.csv')
  })

  it('goes on from Last-Event-ID without a gap, each file in its newest state', async () => {
    await using app = await startApp()
    let id = ''
    {
      await using events = await readEvents(app.url + EVENTS)
      await events.next()
      await post(app, 'a.csv')
      id = (await events.next()).id
    }
    for (const filename of ['b.csv', 'a.csv', 'b.csv']) await post(app, filename)
    await using resumed = await readEvents(app.url + EVENTS, { 'last-event-id': id })
    expect(await resumed.next()).toMatchObject({ event: 'hello', id })
    const told = [(await resumed.next()).data, (await resumed.next()).data]
    expect(told.map(({ filename, version }) => [filename, version])).toEqual([
      ['a.csv', 2],
      ['b.csv', 2],
    ])
    await post(app, 'c.csv')
    expect((await resumed.next()).data.filename).toBe('c.csv')
  })

  it('tells a listener with an unknown id to load anew, and goes on', async () => {
    await using app = await startApp()
    for (const id of [
      'garbage',
      `sqlite-0000000000000000-9~${Date.now().toString(36)}`,
      'x'.repeat(3000),
      'memory-1-1~1',
    ]) {
      await using events = await readEvents(app.url + EVENTS, { 'last-event-id': id })
      expect((await events.next()).event).toBe('hello')
      expect((await events.next()).event).toBe('reset')
      await post(app, 'a.csv')
      expect((await events.next()).event).toBe('progress')
    }
  })

  it('tells when a file becomes stalled', async () => {
    await using app = await startApp({ settings: { stalledAfterMs: 5_000 } })
    const start = Date.now()
    app.setNow(start)
    await using events = await readEvents(app.url + EVENTS)
    await events.next()
    await post(app, 'a.csv')
    const { id, data } = await events.next()
    expect(data.status).toBe('running')
    app.setNow(start + 6_000)
    expect((await events.next()).data).toMatchObject({ filename: 'a.csv', status: 'stalled' })
    await using resumed = await readEvents(app.url + EVENTS, { 'last-event-id': id })
    expect((await resumed.next(({ event }) => event === 'progress')).data).toMatchObject({
      filename: 'a.csv',
      status: 'stalled',
    })
  })

  it('ends with the token, where reads need one', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    expect((await app.request(EVENTS)).status).toBe(401)
    expect((await app.request(EVENTS, { token: await aToken({ clients: [] }) })).status).toBe(403)
    const token = await aToken({ exp: Math.floor(Date.now() / 1000) + 2 })
    await using events = await readEvents(app.url + EVENTS, { authorization: `Bearer ${token}` })
    expect((await events.next()).event).toBe('hello')
    await events.ended
  })

  it('is a 503 while the store is away, and a stream when it is back', async () => {
    const store = createMemoryStore({ newFileId })
    let away = true
    await using app = await startApp({
      store: {
        ...store,
        position: () => (away ? Promise.reject(new StoreUnavailable('away')) : store.position()),
      },
    })
    const refused = await fetch(app.url + EVENTS, { signal: AbortSignal.timeout(5_000) })
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type')]).toEqual([
      503,
      expect.any(String),
      'application/problem+json',
    ])
    expect((await jsonOf(refused)).code).toBe('STORE_UNAVAILABLE')
    away = false
    await using events = await readEvents(app.url + EVENTS)
    expect((await events.next()).event).toBe('hello')
  })

  it('lets go of one who takes nothing of what waits for it, and of no other', async () => {
    await using app = await startApp({ settings: { sseMax: 2, readerStallMs: 400 } })
    await using quiet = await readEvents(`${app.url}${EVENTS}?filename=quiet.csv`)
    using stalled = await openConnection(app.port)
    stalled.write(`GET ${EVENTS} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await vi.waitFor(async () => expect((await app.request(EVENTS, { method: 'HEAD' })).status).toBe(503), 10_000)
    stalled.socket.pause()
    const errors = Array.from({ length: 5 }, (_, n) => `${'abcdefghij'[n]} ${'long words '.repeat(45)}`)
    const { record } = useCases({ store: app.store, clock: createTestClock() })
    const write = async (round: number): Promise<void> => {
      const updates = Array.from({ length: 100 }, (_, n) => ({ filename: `f${round}-${n}.csv`, errors }))
      await record(updates.map((facts) => anUpdate({ ...facts, client: CLIENT as ClientKrn })))
    }
    // A system takes some megabytes for who reads nothing.
    for (let round = 0; (await app.request(EVENTS, { method: 'HEAD' })).status === 503; round += 1) {
      expect(round).toBeLessThan(150)
      await write(round)
    }
    await post(app, 'quiet.csv')
    expect((await quiet.next(({ event }) => event === 'progress')).data.filename).toBe('quiet.csv')
  })

  it('refuses more listeners than SSE_MAX, also of those that come before the first has begun', async () => {
    const store = createMemoryStore({ newFileId })
    const asked = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    await using app = await startApp({
      settings: { sseMax: 1 },
      store: {
        ...store,
        position: async () => {
          asked.resolve()
          await answered.promise
          return store.position()
        },
      },
    })
    const first = readEvents(app.url + EVENTS)
    await asked.promise
    const second = await app.request(EVENTS, { signal: AbortSignal.timeout(5_000) })
    expect([second.status, (await jsonOf(second)).code]).toEqual([503, 'TOO_MANY_LISTENERS'])
    answered.resolve()
    await using events = await first
    expect((await events.next()).event).toBe('hello')
  })

  it('refuses more listeners than SSE_MAX', async () => {
    await using app = await startApp({ settings: { sseMax: 2 } })
    await using one = await readEvents(app.url + EVENTS)
    await using two = await readEvents(app.url + EVENTS)
    await Promise.all([one.next(), two.next()])
    const third = await app.request(EVENTS)
    expect([third.status, third.headers.get('retry-after'), ((await third.json()) as { code: string }).code]).toEqual([
      503,
      expect.any(String),
      'TOO_MANY_LISTENERS',
    ])
  })
})
