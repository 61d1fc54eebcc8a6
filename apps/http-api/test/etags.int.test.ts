import { describe, expect, it } from 'vitest'
import { aToken, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const ONE = `${PROGRESS}?filename=a.csv`
const report = { filename: 'a.csv', counts: { done: 1, warn: 0, failed: 0 }, errors: [{ line: 1, message: 'bad' }] }

const etagOf = async (app: TestApp, path: string, headers = {}): Promise<string> =>
  (await app.request(path, { headers })).headers.get('etag') ?? 'none'
const statusOf = async (app: TestApp, path: string, etag: string, headers = {}): Promise<number> => {
  const answer = await app.request(path, { headers: { 'if-none-match': etag, ...headers } })
  if (answer.status === 304) {
    expect(await answer.text()).toBe('')
    expect(answer.headers.get('etag')).not.toBeNull()
    expect(answer.headers.get('cache-control')).toBe('no-cache')
  }
  return answer.status
}

describe('ETags', () => {
  it('are compared weakly, one by one or among a thousand, and never by a part', async () => {
    await using app = await startApp()
    await app.post(CLIENT, report)
    const etag = await etagOf(app, ONE)
    const many = Array.from({ length: 1_000 }, (_, n) => `"${n}"`)
    for (const match of [etag, `W/${etag}`, `"x" , ${etag}`, `"a,b",${etag}`, [...many, etag].join(), '*', ' * '])
      expect([match, await statusOf(app, ONE, match)]).toEqual([match, 304])
    for (const other of [
      '"x"',
      many.join(),
      etag.replaceAll('"', ''),
      `"${etag.slice(1, -2)}"`,
      `"x${etag.slice(1)}`,
      ',',
      '"',
      'W/',
    ])
      expect([other, await statusOf(app, ONE, other)]).toEqual([other, 200])
  })

  it('belong to one life of a file, though the next looks the same', async () => {
    await using app = await startApp()
    app.setNow(Date.UTC(2026, 0, 15, 12))
    await app.post(CLIENT, report)
    const paths = [ONE, PROGRESS]
    const before = await Promise.all(paths.map((path) => etagOf(app, path)))
    expect((await app.request(ONE, { method: 'DELETE', token: await aToken() })).status).toBe(204)
    expect((await app.request(ONE, { headers: { 'if-none-match': before[0] as string } })).status).toBe(404)
    await app.post(CLIENT, report)
    for (const [index, path] of paths.entries()) expect(await statusOf(app, path, before[index] as string)).toBe(200)
  })

  it('stand for one format: what was JSON is no CSV', async () => {
    await using app = await startApp()
    await app.post(CLIENT, report)
    const etag = await etagOf(app, PROGRESS)
    for (const accept of ['text/csv', 'application/x-ndjson']) {
      expect(await statusOf(app, PROGRESS, etag, { accept })).toBe(200)
      expect(await etagOf(app, PROGRESS, { accept })).toBe('none')
    }
    expect(await statusOf(app, PROGRESS, etag, { accept: 'image/png' })).toBe(304)
  })

  it('change when only the link to the next page does', async () => {
    await using app = await startApp()
    for (const [index, filename] of ['old.csv', 'new.csv'].entries()) {
      app.setNow(Date.UTC(2026, 0, 15, 12, index))
      await app.post(CLIENT, { ...report, filename })
    }
    const page = `${PROGRESS}?limit=1`
    const first = await app.request(page)
    expect(first.headers.get('link')).not.toBeNull()
    const remove = { method: 'DELETE', token: await aToken() }
    expect((await app.request(`${PROGRESS}?filename=old.csv`, remove)).status).toBe(204)
    const second = await app.request(page, { headers: { 'if-none-match': first.headers.get('etag') as string } })
    expect([second.status, second.headers.get('link'), await second.text()]).toEqual([200, null, await first.text()])
  })

  it('are not for shared caches where reads need a token', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    await app.post(CLIENT, report)
    const token = await aToken()
    for (const path of [
      ONE,
      PROGRESS,
      `${PROGRESS}/summary`,
      `${PROGRESS}/issues?filename=a.csv`,
      `${PROGRESS}/history?filename=a.csv`,
    ]) {
      const answer = await app.request(path, { token })
      expect(answer.headers.get('cache-control')).toBe('private, no-cache')
      const headers = { 'if-none-match': answer.headers.get('etag') as string }
      expect((await app.request(path, { token, headers })).status).toBe(304)
      // Who holds the tag and no token gets nothing of it.
      expect((await app.request(path, { headers })).status).toBe(401)
      expect((await app.request(path, { headers, token: await aToken({ clients: [] }) })).status).toBe(403)
    }
  })
})
