import type { ClientKrn, UpdateId } from '@pebbles/core'
import { fileName, type TestStore } from '@pebbles/core/testing'
import { describe, expect, it } from 'vitest'
import { readEvents } from './read-events.ts'
import { sqliteStore } from './sqlite-store.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const LEGACY = 'krn:default:client:001' as ClientKrn
const OTHER = 'krn:acme:client:1' as ClientKrn
const counts = { done: 1, warn: 0, failed: 0 }
const NAME = 'Über $ne [a.*] 😀.csv'

const move = async (store: TestStore, from: ClientKrn, to: ClientKrn): Promise<void> => {
  const moved = await store.moves?.move({
    ...{ from, to, filename: fileName(NAME), at: Date.now(), id: `inner:${from}` as UpdateId },
  })
  expect(moved).toMatchObject({ kind: 'moved' })
}

const postLegacy = async (app: TestApp, body: object, key?: string): Promise<Response> =>
  app.request('/progress', {
    method: 'POST',
    token: await aToken(),
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body: JSON.stringify(body),
  })

describe('a file that was moved to another client', () => {
  it('is not at its old name: reads say 404, updates 409, a repeat that it was moved, by either route', async () => {
    const store = await sqliteStore()
    await using app = await startApp({ store })
    const body = { filename: NAME, counts, errors: [{ line: 3, message: 'bad' }] }
    await postLegacy(app, body, 'k1')
    await move(store, LEGACY, OTHER)

    const query = `?filename=${encodeURIComponent(NAME)}`
    for (const path of ['/progress', `/clients/${LEGACY}/progress`]) {
      for (const part of path === '/progress' ? [''] : ['', '/issues', '/history']) {
        const read = await app.request(`${path}${part}${query}${part === '/issues' ? '&kind=error' : ''}`)
        expect([read.status, (await jsonOf(read)).code]).toEqual([404, 'PROGRESS_NOT_FOUND'])
      }
      expect(await jsonOf(app.request(path))).toEqual([])
    }
    const asked = [await postLegacy(app, body), await app.post(LEGACY, body)]
    for (const refused of asked) expect([refused.status, (await jsonOf(refused)).code]).toEqual([409, 'FILE_MOVED'])
    const batch = await app.request(`/clients/${LEGACY}/progress/batch`, {
      method: 'POST',
      token: await aToken(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ updates: [body, { ...body, filename: 'other.csv' }] }),
    })
    expect((await jsonOf(batch)).results).toMatchObject([{ status: 409, code: 'FILE_MOVED' }, { status: 200 }])
    const gone = { result: 'created', clientKrn: LEGACY, filename: NAME, moved: true }
    for (const repeat of [
      await postLegacy(app, body, 'k1'),
      await app.post(LEGACY, body, { headers: { 'idempotency-key': 'k1' } }),
    ]) {
      expect([repeat.status, repeat.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
      expect(await jsonOf(repeat)).toEqual(gone)
    }
    const removed = await app.request(`/clients/${LEGACY}/progress${query}`, {
      method: 'DELETE',
      token: await aToken(),
    })
    expect(removed.status).toBe(404)
    expect(await jsonOf(app.request(`/clients/${OTHER}/progress${query}`))).toMatchObject({
      ...{ clientKrn: OTHER, filename: NAME, counts, issueCounts: { errors: 1, warnings: 0 } },
    })
  })

  it('is told as deleted to listeners of the one client, and as it is to those of the other', async () => {
    const store = await sqliteStore()
    await using app = await startApp({ store })
    await postLegacy(app, { filename: NAME, counts })
    const old = await jsonOf(app.request(`/progress?filename=${encodeURIComponent(NAME)}`))
    await using there = await readEvents(`${app.url}/clients/${LEGACY}/progress/events`)
    await using here = await readEvents(`${app.url}/clients/${OTHER}/progress/events`)
    await there.next(({ event }) => event === 'hello')
    await here.next(({ event }) => event === 'hello')
    await move(store, LEGACY, OTHER)
    expect(await there.next()).toMatchObject({ event: 'deleted', data: { clientKrn: LEGACY, filename: NAME } })
    expect(await here.next()).toMatchObject({
      event: 'progress',
      data: { id: old.id, clientKrn: OTHER, filename: NAME, counts },
    })
  })
})
