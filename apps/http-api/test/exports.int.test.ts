import { StoreUnavailable } from '@pebbles/core'
import { createMemoryStore, newFileId, type TestStore } from '@pebbles/core/testing'
import { describe, expect, it } from 'vitest'
import { openConnection } from './raw-socket.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const counts = { done: 1, warn: 0, failed: 0 }
const FORMATS = ['text/csv', 'application/x-ndjson']
const PAGE = 500

interface HeldStore extends TestStore {
  /** How many pages were asked for. */
  readonly scanned: () => number
  /** What happens before a page, by its number from 1. */
  beforePage: (page: number) => Promise<void>
}
/** A store whose pages of an export a test holds back, or fails. */
const heldStore = (): HeldStore => {
  const store = createMemoryStore({ newFileId })
  let scanned = 0
  const held: HeldStore = {
    ...store,
    scanned: () => scanned,
    beforePage: () => Promise.resolve(),
    scan: async (filter, limit, after) => {
      scanned += 1
      await held.beforePage(scanned)
      return store.scan(filter, limit, after)
    },
  }
  return held
}

const fill = async (app: TestApp, files: number): Promise<void> => {
  const token = await aToken()
  for (let from = 0; from < files; from += PAGE) {
    const updates = Array.from({ length: Math.min(PAGE, files - from) }, (_, n) => ({
      filename: `f${from + n}.csv`,
      counts,
    }))
    const body = JSON.stringify({ updates })
    const headers = { 'content-type': 'application/json' }
    expect((await app.request(`${PROGRESS}/batch`, { method: 'POST', token, headers, body })).status).toBe(200)
  }
}
const exportOf = (app: TestApp, accept = 'text/csv', method = 'GET'): Promise<Response> =>
  app.request(PROGRESS, { method, headers: { accept } })

describe('exports', () => {
  it('are EXPORT_MAX at once, and leave all else alone', async () => {
    const store = heldStore()
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    store.beforePage = () => released
    await using app = await startApp({ store, settings: { exportMax: 2 } })
    await fill(app, 3)
    const running = [exportOf(app), exportOf(app, 'application/x-ndjson')]
    await expect.poll(() => store.scanned()).toBe(2)
    for (const method of ['GET', 'HEAD']) {
      const refused = await exportOf(app, 'text/csv', method)
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
      if (method === 'GET') expect((await jsonOf(refused)).code).toBe('TOO_MANY_EXPORTS')
    }
    expect((await app.request(PROGRESS)).status).toBe(200)
    release()
    for (const answer of await Promise.all(running))
      expect((await answer.text()).trim().split('\n').length).toBeGreaterThanOrEqual(3)
    expect((await exportOf(app)).status).toBe(200)
  })

  it.each(FORMATS)('as %s hold every file once that matched all along, though updates go on', async (accept) => {
    const store = heldStore()
    await using app = await startApp({ store })
    await fill(app, 3 * PAGE - 100)
    store.beforePage = async (page) => {
      if (page > 1)
        for (let n = 0; n < 50; n += 1)
          await app.post(CLIENT, { filename: `f${(page * 331 + n * 17) % 1400}.csv`, counts })
    }
    const text = await (await exportOf(app, accept)).text()
    const names = [...text.matchAll(/\bf\d+\.csv\b/g)].map(([name]) => name)
    expect(names).toHaveLength(3 * PAGE - 100)
    expect(new Set(names).size).toBe(3 * PAGE - 100)
  })

  it.each(FORMATS)('as %s that fail midway are cut off, never ended well', async (accept) => {
    const store = heldStore()
    await using app = await startApp({ store, settings: { exportMax: 1 } })
    await fill(app, 2 * PAGE)
    store.beforePage = (page) => (page % 2 === 0 ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve())
    const answer = await exportOf(app, accept)
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
    expect(app.log.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'answer broken off', facts: { requestId: answer.headers.get('x-request-id') } },
    ])

    using connection = await openConnection(app.port)
    connection.write(`GET ${PROGRESS} HTTP/1.1\r\nHost: a\r\nAccept: ${accept}\r\n\r\n`)
    await expect(connection.answer()).rejects.toThrow(/ended within an answer/)
    expect((await app.request(PROGRESS)).status).toBe(200)
  })

  it('of a store that is away from the start are a problem', async () => {
    const store = heldStore()
    await using app = await startApp({ store, settings: { exportMax: 1 } })
    store.beforePage = () => Promise.reject(new StoreUnavailable('away'))
    for (let n = 0; n < 3; n += 1) {
      const answer = await exportOf(app)
      expect([answer.status, (await jsonOf(answer)).code]).toEqual([503, 'STORE_UNAVAILABLE'])
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    }
  })

  /** Endless: each page is the first one again. */
  const endless = (): HeldStore => {
    const store = heldStore()
    return { ...store, scan: (filter, limit) => store.scan(filter, limit, null) }
  }

  it('wait for a slow reader, and hold no more than it can take', async () => {
    const store = endless()
    await using app = await startApp({ store })
    await fill(app, PAGE)
    using connection = await openConnection(app.port)
    connection.socket.pause()
    connection.write(`GET ${PROGRESS} HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n`)
    let scanned = -1
    const standsStill = (): boolean => {
      const before = scanned
      scanned = store.scanned()
      return scanned > 0 && scanned === before
    }
    await expect.poll(standsStill, { interval: 300, timeout: 20_000 }).toBe(true)
    expect(scanned).toBeLessThan(200)
    connection.socket.resume()
    await expect.poll(() => store.scanned()).toBeGreaterThan(scanned)
  })

  it('let a reader go that takes nothing any more, and one that left', async () => {
    const store = endless()
    await using app = await startApp({ store, settings: { exportMax: 1, readerStallMs: 300 } })
    await fill(app, PAGE)
    for (const leave of [false, true]) {
      using connection = await openConnection(app.port)
      connection.write(`GET ${PROGRESS} HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n`)
      connection.socket.pause()
      await expect.poll(() => store.scanned()).toBeGreaterThan(0)
      if (leave) connection.socket.destroy()
      await expect.poll(async () => (await exportOf(app, 'text/csv', 'HEAD')).status, { timeout: 20_000 }).toBe(200)
    }
    expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
  })
})
