import { describe, expect, it } from 'vitest'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const counts = { done: 1, warn: 0, failed: 0 }

const fill = async (app: TestApp, names: readonly string[]): Promise<void> => {
  for (const filename of names) expect((await app.post(CLIENT, { filename, counts })).status).toBe(200)
}

describe('GET progress', () => {
  it('answers one record whole, by its name, percent-encoded or not', async () => {
    await using app = await startApp()
    app.setNow(Date.UTC(2026, 0, 15, 12))
    await app.post(CLIENT, { filename: 'a b.csv', counts, total: 10, errors: [{ line: 3, message: 'bad amount 7' }] })
    const record = await jsonOf(app.request(`/clients/krn%3Aacme%3Aclient%3Aprod-001/progress?filename=a%20b.csv`))
    expect(record).toMatchObject({
      clientKrn: CLIENT,
      filename: 'a b.csv',
      email: 'ada@example.com',
      counts,
      total: 10,
      isCompleted: false,
      outcome: null,
      reason: null,
      createdAt: '2026-01-15T12:00:00.000Z',
      updatedAt: '2026-01-15T12:00:00.000Z',
      completedAt: null,
      version: 1,
      rate: null,
      eta: null,
      status: 'running',
      issueCounts: { errors: 1, warnings: 0 },
      warnings: [],
    })
    expect(record.errors).toMatchObject([{ count: 1, lines: [{ line: 3 }] }])
    const missing = await app.request(`${PROGRESS}?filename=no.csv`)
    expect([missing.status, (await jsonOf(missing)).error]).toEqual([404, 'Progress not found for this file'])
  })

  it('lists newest first and leads through the pages by Link', async () => {
    await using app = await startApp()
    for (const [index, name] of ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'e.csv'].entries()) {
      app.setNow(1_700_000_000_000 + index)
      await fill(app, [name])
    }
    const seen: string[] = []
    let path = `${PROGRESS}?limit=2&q=.CSV`
    for (let page = 0; page < 3; page += 1) {
      const answer = await app.request(path)
      for (const { filename } of await jsonOf(answer)) seen.push(filename)
      const [, next] = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? []
      expect(next === undefined).toBe(page === 2)
      path = next === undefined ? '' : next.slice(app.url.length)
      if (next !== undefined) expect(next).toContain('q=.CSV')
    }
    expect(seen).toEqual(['e.csv', 'd.csv', 'c.csv', 'b.csv', 'a.csv'])
  })

  it('changes its ETag with the answer, by a write and by time alone, and never by a read', async () => {
    await using app = await startApp()
    const start = Date.UTC(2026, 0, 15, 12)
    app.setNow(start)
    await fill(app, ['a.csv'])
    for (const path of [PROGRESS, `${PROGRESS}?filename=a.csv`, `${PROGRESS}/summary`]) {
      app.setNow(start)
      const first = await app.request(path)
      const etag = first.headers.get('etag') ?? ''
      const same = (headers: Record<string, string>): Promise<number> =>
        app.request(path, { headers }).then((answer) => answer.status)
      expect(await same({ 'if-none-match': etag })).toBe(304)
      expect(await same({ 'if-none-match': `"x", W/${etag}` })).toBe(304)
      expect(await same({ 'if-none-match': '*' })).toBe(304)
      expect(await same({ 'if-none-match': '"x"' })).toBe(200)
      app.setNow(start + 600_001)
      expect(await same({ 'if-none-match': etag })).toBe(200)
    }
    app.setNow(start + 600_002)
    const stalled = await app.request(PROGRESS)
    expect((await jsonOf(stalled))[0].status).toBe('stalled')
    await fill(app, ['a.csv'])
    expect(
      (await app.request(PROGRESS, { headers: { 'if-none-match': stalled.headers.get('etag') ?? '' } })).status,
    ).toBe(200)
  })

  it('streams every row as CSV and as NDJSON', async () => {
    await using app = await startApp()
    const names = ['=cmd().csv', 'a,"b".csv', ...Array.from({ length: 1200 }, (_, n) => `f${n}.csv`)]
    const items = names.map((filename) => ({ filename, counts }))
    for (let n = 0; n < items.length; n += 1000) {
      const batch = await app.request(`${PROGRESS}/batch`, {
        method: 'POST',
        token: await aToken(),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ updates: items.slice(n, n + 1000) }),
      })
      expect((await jsonOf(batch)).results.every(({ status }: { status: number }) => status === 200)).toBe(true)
    }
    const csv = await (await app.request(PROGRESS, { headers: { accept: 'text/csv' } })).text()
    expect(csv.split('\r\n')).toHaveLength(names.length + 2)
    expect(csv).toContain(`,'=cmd().csv,`)
    expect(csv).toContain('"a,""b"".csv"')
    const ndjson = await (await app.request(PROGRESS, { headers: { accept: 'application/x-ndjson' } })).text()
    expect(
      new Set(
        ndjson
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).filename),
      ),
    ).toEqual(new Set(names))
  })

  it('pages through the issues and the history, and sums up', async () => {
    await using app = await startApp()
    const errors = (from: number) =>
      Array.from({ length: 5 }, (_, n) => ({ line: from + n, message: `bad amount ${from + n}` }))
    await app.post(CLIENT, { filename: 'a.csv', counts, errors: errors(1) })
    await app.post(CLIENT, {
      filename: 'a.csv',
      counts,
      errors: errors(6),
      isLast: true,
      outcome: 'failed',
      reason: 'too many errors',
    })
    const lines: number[] = []
    let path: string | undefined = `${PROGRESS}/issues?filename=a.csv&kind=error&limit=3`
    while (path !== undefined) {
      const answer = await app.request(path)
      for (const { line } of await jsonOf(answer)) lines.push(line)
      path = /^<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1]?.slice(app.url.length)
    }
    expect(lines).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const history = await jsonOf(app.request(`${PROGRESS}/history?filename=a.csv`))
    expect(history).toMatchObject([
      { version: 1, updates: 1, counts, isLast: false, sources: ['http'] },
      { version: 2, isLast: true },
    ])
    expect(await jsonOf(app.request(`${PROGRESS}/summary`))).toMatchObject({
      files: 1,
      running: 0,
      failed: 1,
      counts: { done: 2, warn: 0, failed: 0 },
    })
  })

  it('is for tokens that cover the client where READ_AUTH=jwt', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    await fill(app, ['a.csv'])
    const status = async (claims: Record<string, unknown> | null): Promise<number> =>
      (await app.request(PROGRESS, claims === null ? {} : { token: await aToken(claims) })).status
    expect(await status(null)).toBe(401)
    expect(await status({})).toBe(200)
    expect(await status({ clients: [CLIENT] })).toBe(200)
    expect(await status({ clients: ['krn:acme:*'] })).toBe(200)
    expect(await status({ clients: ['krn:acme:client:prod-00*', '*', 'krn:acme:client:prod-0011'] })).toBe(403)
    expect(await status({ clients: CLIENT })).toBe(403)
    expect(await status({ clients: [CLIENT], email: undefined })).toBe(200)
    expect((await app.request(PROGRESS, { token: await aToken() })).headers.get('cache-control')).toContain('private')
  })
})

describe('DELETE progress and GET clients', () => {
  it('are for owners and administrators', async () => {
    await using app = await startApp()
    await fill(app, ['a.csv', 'b.csv'])
    const remove = async (name: string, claims: Record<string, unknown>): Promise<number> =>
      (await app.request(`${PROGRESS}?filename=${name}`, { method: 'DELETE', token: await aToken(claims) })).status
    expect(await remove('a.csv', { email: 'eve@example.com' })).toBe(403)
    expect(await remove('a.csv', {})).toBe(204)
    expect(await remove('a.csv', {})).toBe(404)
    expect(await remove('b.csv', { email: 'root@example.com', pebbles_admin: true })).toBe(204)
    expect((await app.request('/clients', { token: await aToken() })).status).toBe(403)
    await fill(app, ['c.csv'])
    expect(await jsonOf(app.request('/clients', { token: await aToken({ pebbles_admin: true }) }))).toMatchObject([
      { clientKrn: CLIENT, files: 1 },
    ])
    expect(
      await jsonOf(app.request('/clients', { token: await aToken({ pebbles_admin: true, clients: [] }) })),
    ).toEqual([])
  })
})
