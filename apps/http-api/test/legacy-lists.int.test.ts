import { StoreUnavailable } from '@pebbles/core'
import type { TestStore } from '@pebbles/core/testing'
import { describe, expect, it } from 'vitest'
import { openConnection } from './raw-socket.ts'
import { sqliteStore } from './sqlite-store.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const LEGACY = 'krn:default:client:001'
const counts = { done: 1, warn: 0, failed: 0 }
const NOON = Date.UTC(2026, 0, 15, 12)

/** Files f0, f1 … of the legacy client, each a second newer than the one before. */
const fill = async (app: TestApp, files: number): Promise<void> => {
  for (let n = 0; n < files; n += 1) {
    app.setNow(NOON + n * 1000)
    const errors = [{ line: n + 1, message: `bad ${n}` }]
    expect((await app.post(LEGACY, { filename: `f${n}.csv`, counts, errors })).status).toBe(200)
  }
}
const namesOf = async (answer: Response | Promise<Response>): Promise<string[]> =>
  (await jsonOf(answer)).map(({ filename }: { filename: string }) => filename)
const newestFirst = (files: number): string[] => Array.from({ length: files }, (_, n) => `f${files - 1 - n}.csv`)

interface HeldStore extends TestStore {
  readonly scanned: () => number
  /** Awaited before files are read that a list fixed earlier. */
  beforePick: () => Promise<void>
}
const heldStore = async (): Promise<HeldStore> => {
  const store = await sqliteStore()
  let scanned = 0
  const held: HeldStore = {
    ...store,
    scanned: () => scanned,
    beforePick: () => Promise.resolve(),
    scan: (...query) => {
      scanned += 1
      return store.scan(...query)
    },
    pick: async (...query) => {
      await held.beforePick()
      return store.pick(...query)
    },
  }
  return held
}

describe('GET /progress', () => {
  it('without a limit is whole, newest first, streamed and without an ETag', async () => {
    await using app = await startApp({ store: await sqliteStore() })
    await fill(app, 230)
    const answer = await app.request('/progress')
    expect(answer.headers.get('etag')).toBeNull()
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const rows = await jsonOf(answer)
    expect(rows.map(({ filename }: { filename: string }) => filename)).toEqual(newestFirst(230))
    expect(rows[0]).toMatchObject({
      ...{ id: expect.any(String), email: 'ada@example.com', counts, total: null, isCompleted: false },
      ...{ createdAt: '2026-01-15T12:03:49.000Z', errors: [{ line: 230, message: 'bad 229' }], warnings: [] },
    })
  })

  it('of an email has the files of that owner; without any it is an empty list', async () => {
    await using app = await startApp({ store: await sqliteStore() })
    expect(await jsonOf(app.request('/progress'))).toEqual([])
    await fill(app, 3)
    const token = await aToken({ email: 'eve@example.com' })
    await app.post(LEGACY, { filename: 'eve.csv', counts }, { token })
    expect(await namesOf(app.request('/progress?email=eve@example.com'))).toEqual(['eve.csv'])
    expect(await namesOf(app.request('/progress?email=ada@example.com'))).toEqual(newestFirst(3))
    expect(await namesOf(app.request('/progress?email=nobody@example.com'))).toEqual([])
  })

  it('keeps the order of the moment it was asked for, with the files as they are when they are read', async () => {
    const store = await heldStore()
    await using app = await startApp({ store })
    await fill(app, 150)
    let updated = false
    store.beforePick = async () => {
      if (updated) return
      updated = true
      app.setNow(NOON + 3_600_000)
      for (const filename of ['f0.csv', 'f149.csv', 'new.csv']) await app.post(LEGACY, { filename, counts })
      const token = await aToken()
      await app.request(`/clients/${LEGACY}/progress?filename=f7.csv`, { method: 'DELETE', token })
    }
    const rows = await jsonOf(app.request('/progress'))
    const names = rows.map(({ filename }: { filename: string }) => filename)
    expect(names).toEqual(newestFirst(150).filter((name) => name !== 'f7.csv'))
    expect(rows.at(-1)).toMatchObject({ filename: 'f0.csv', counts: { done: 2 } })
  })

  it('with a limit comes by pages, each with its ETag, and misses none', async () => {
    await using app = await startApp({ store: await sqliteStore() })
    await fill(app, 25)
    const seen: string[] = []
    let path: string | undefined = '/progress?limit=10&email=ada@example.com'
    while (path !== undefined) {
      const page: Response = await app.request(path)
      const etag = page.headers.get('etag') ?? ''
      expect(etag).toMatch(/^"/)
      expect((await app.request(path, { headers: { 'if-none-match': etag } })).status).toBe(304)
      const link: string | undefined = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1]
      expect(link?.startsWith(`${app.url}/progress?`) ?? true).toBe(true)
      path = link?.slice(app.url.length)
      const rows = await jsonOf(page)
      for (const { filename, errors } of rows) {
        expect(errors).toHaveLength(1)
        seen.push(filename)
      }
    }
    expect(seen).toEqual(newestFirst(25))
    const path2 = '/progress?limit=1'
    const before = (await app.request(path2)).headers.get('etag')
    await app.post(LEGACY, { filename: 'f24.csv', counts, warnings: [{ message: 'odd' }] })
    expect((await app.request(path2)).headers.get('etag')).not.toBe(before)
  })

  it('refuses bad parameters, and a cursor of another page', async () => {
    await using app = await startApp({ store: await sqliteStore() })
    const codeOf = async (query: string) => (await jsonOf(app.request(`/progress?${query}`))).code
    expect(await codeOf('limit=0')).toBe('INVALID_QUERY')
    expect(await codeOf('email=a@b.c&email=a@b.c')).toBe('INVALID_QUERY')
    expect(await codeOf('limit=5&cursor=x')).toBe('INVALID_CURSOR')
  })

  it('asks for a token where reads do, as every read', async () => {
    await using app = await startApp({ store: await sqliteStore(), settings: { readAuth: 'jwt' } })
    await fill(app, 1)
    const status = async (token?: string) =>
      (await app.request('/progress', { ...(token === undefined ? {} : { token }) })).status
    expect(await status()).toBe(401)
    expect(await status(await aToken({ clients: ['krn:acme:*'] }))).toBe(403)
    expect(await status(await aToken({ clients: [LEGACY] }))).toBe(200)
  })
})

describe('several whole lists at once', () => {
  it('wait for their turn, while an export is refused', async () => {
    const store = await heldStore()
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    store.beforePick = () => released
    await using app = await startApp({ store, settings: { exportMax: 2 } })
    await fill(app, 3)
    const lists = Array.from({ length: 8 }, () => app.request('/progress'))
    await expect.poll(() => store.scanned(), { timeout: 20_000 }).toBe(2)
    const exported = () => app.request(`/clients/${LEGACY}/progress`, { headers: { accept: 'text/csv' } })
    const refused = await exported()
    expect([refused.status, (await jsonOf(refused)).code]).toEqual([503, 'TOO_MANY_EXPORTS'])
    expect(await namesOf(app.request('/progress?limit=10'))).toEqual(newestFirst(3))
    using waiting = await openConnection(app.port)
    waiting.write('GET /progress HTTP/1.1\r\nHost: a\r\n\r\n')
    waiting.socket.destroy()
    expect(store.scanned()).toBe(2)
    release()
    for (const list of lists) expect(await namesOf(list)).toEqual(newestFirst(3))
    await expect.poll(async () => (await exported()).status, { timeout: 20_000 }).toBe(200)
  })

  it('lose their place when the reader takes nothing any more, or left', async () => {
    const store = await sqliteStore()
    // Endless: each page is the first one again.
    const endless = {
      ...store,
      scan: (async (filter, limit) => repeated(await store.scan(filter, limit, null))) as TestStore['scan'],
    }
    const repeated = <T>(rows: readonly T[]): readonly T[] => Array.from({ length: 400 }, () => rows).flat()
    await using app = await startApp({ store: endless, settings: { exportMax: 1, readerStallMs: 300 } })
    const errors = Array.from({ length: 500 }, () => ({ message: 'bad '.repeat(250) }))
    await app.post(LEGACY, { filename: 'a.csv', counts, errors })
    for (const leave of [false, true]) {
      using connection = await openConnection(app.port)
      connection.write('GET /progress HTTP/1.1\r\nHost: a\r\n\r\n')
      connection.socket.pause()
      const busy = async () =>
        (await app.request(`/clients/${LEGACY}/progress`, { method: 'HEAD', headers: { accept: 'text/csv' } })).status
      await expect.poll(busy, { timeout: 20_000 }).toBe(503)
      if (leave) connection.socket.destroy()
      await expect.poll(busy, { timeout: 20_000 }).toBe(200)
    }
  })
})

describe('a store that goes away', () => {
  it('before the list is a problem, midway breaks the answer off', async () => {
    const store = await heldStore()
    await using app = await startApp({ store, settings: { exportMax: 1 } })
    await fill(app, 250)
    store.beforePick = () => Promise.reject(new StoreUnavailable('away'))
    for (let n = 0; n < 3; n += 1) expect((await app.request('/progress')).status).toBe(503)
    let picks = 0
    store.beforePick = () => {
      picks += 1
      return picks === 3 ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve()
    }
    const answer = await app.request('/progress')
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
    expect(app.log.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'answer broken off',
    ])
  })

  it('after an update was stored does not make it look lost: a repeat would count twice', async () => {
    const store = await sqliteStore()
    const blind = { ...store, get: () => Promise.reject(new StoreUnavailable('away')) }
    await using app = await startApp({ store: blind })
    const errors = [{ line: 2, message: 'bad' }]
    const answer = await app.request('/progress', {
      method: 'POST',
      token: await aToken(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filename: 'a.csv', counts, errors }),
    })
    expect(answer.status).toBe(200)
    expect(await jsonOf(answer)).toMatchObject({ result: 'created', counts, errors, linesTruncated: true })
  })
})
