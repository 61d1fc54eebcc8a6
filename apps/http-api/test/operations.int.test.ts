import { StoreUnavailable } from '@pebbles/core'
import { createMemoryStore, newFileId } from '@pebbles/core/testing'
import { createMetrics, createReadiness } from '@pebbles/runtime'
import { describe, expect, it } from 'vitest'
import { openConnection } from './raw-socket.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const counts = { done: 1, warn: 0, failed: 0 }

const measured = async (): Promise<TestApp & { text: () => Promise<string> }> => {
  const metrics = createMetrics({ version: '0.0.0-test', process: 'http-api', channels: ['http'] })
  const app = await startApp({
    deps: {
      observer: { started: metrics.requestStarted, finished: metrics.requestFinished },
      countUpdate: (outcome) => metrics.updatesSettled('http', outcome),
      onGroup: metrics.groupCommitted,
      probes: { ready: async () => ({ status: 'ok' }), metrics: metrics.render },
    },
  })
  return { ...app, text: async () => (await app.request('/metrics')).text() }
}
const seriesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

describe('/metrics', () => {
  it('has as many series after 10,000 tenants, random paths and methods as before, and names none of them', async () => {
    await using app = await measured()
    using connection = await openConnection(app.port)
    const token = await aToken({ email: 'secret@example.com', sub: 'secret-subject' })
    const requests = 10_000
    const request = (n: number): string => {
      const [method, path] = [
        ['GET', `/clients/krn:secret:tenant-${n}:a/progress?filename=secret-${n}.csv`],
        ['GET', `/clients/krn:secret:tenant-${n}:a/progress?q=secret-${n}`],
        ['GET', `/secret/${n}/path?x=${n}`],
        ['DELETE', `/clients/krn:secret:tenant-${n}:a/progress?filename=secret-${n}.csv`],
        ['PATCH', `/clients/krn:secret:tenant-${n}:a/progress`],
        ['PROPFIND', `/errors/secret-${n}`],
        ['SEARCH', '/assets/secret.js'],
        ['GET', `/errors/SECRET_${n}`],
      ][n % 8] as [string, string]
      return `${method} ${path} HTTP/1.1\r\nHost: secret-${n}\r\nUser-Agent: secret-${n}\r\nX-Request-Id: secret-${n}\r\nAuthorization: Bearer ${token}\r\n\r\n`
    }
    connection.write(Array.from({ length: requests }, (_, n) => request(n)).join(''))
    for (let n = 0; n < requests; n += 1) await connection.answer()
    await app.post('krn:secret:tenant:a', { filename: 'secret.csv', counts }, { token })
    const text = await app.text()
    expect(seriesOf(text).length).toBeLessThan(500)
    expect(text).not.toMatch(/secret/i)
    expect(text).toContain('method="other",route="none",status="501"')
  })

  it('counts requests by route and status, and updates by what became of them', async () => {
    await using app = await measured()
    const post = (key: string, body = {}): Promise<Response> =>
      app.post('krn:a:b', { filename: 'a.csv', counts, ...body }, { headers: { 'idempotency-key': key } })
    expect(await app.text()).toContain('pebbles_updates_total{channel="http",outcome="applied"} 0')
    for (const key of ['1', '2', '1']) await post(key)
    await post('1', { total: 5 })
    const text = await app.text()
    for (const series of [
      'pebbles_updates_total{channel="http",outcome="applied"} 2',
      'pebbles_updates_total{channel="http",outcome="duplicate"} 1',
      'pebbles_updates_total{channel="http",outcome="refused"} 1',
      'pebbles_http_request_duration_seconds_count{method="POST",route="/clients/{clientKrn}/progress",status="200"} 3',
      'pebbles_http_request_duration_seconds_count{method="POST",route="/clients/{clientKrn}/progress",status="422"} 1',
    ])
      expect(seriesOf(text)).toContain(series)
    for (const name of seriesOf(text)) expect(name).toMatch(/^pebbles_/)
  })
})

describe('/ready', () => {
  it('is 503 by component while the store is away, and goes on when it is back', async () => {
    const store = createMemoryStore({ newFileId })
    let away = false
    const ready = createReadiness(
      {
        store: async () => {
          if (away) throw new StoreUnavailable('mongodb://user:password@host is away')
        },
      },
      { keepMs: 0 },
    )
    await using app = await startApp({
      store,
      deps: { probes: { ready, metrics: async () => ({ contentType: 'text/plain', body: '' }) } },
    })
    const asked = async (): Promise<unknown[]> => {
      const answer = await app.request('/ready')
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      return [answer.status, answer.headers.get('retry-after'), await jsonOf(answer)]
    }
    const up = [200, null, { status: 'ok', components: { store: { ok: true } } }]
    expect(await asked()).toEqual(up)
    away = true
    const [status, retryAfter, report] = await asked()
    expect([status, retryAfter]).toEqual([503, '1'])
    expect(report).toMatchObject({ status: 'unavailable', components: { store: { ok: false } } })
    expect(JSON.stringify(report)).not.toContain('password')
    // The process lives all the same.
    expect((await app.request('/health')).status).toBe(200)
    away = false
    expect(await asked()).toEqual(up)
  })
})

describe('a store that is away', () => {
  it('makes every read and write 503 with Retry-After, and none of it an error of this server', async () => {
    const store = createMemoryStore({ newFileId })
    const refuse = (): Promise<never> => Promise.reject(new StoreUnavailable('away'))
    const away = {
      ...store,
      open: refuse,
      commit: refuse,
      get: refuse,
      list: refuse,
      scan: refuse,
      pick: refuse,
      sums: refuse,
      issues: refuse,
      history: refuse,
      clients: refuse,
    }
    await using app = await startApp({ store: away })
    const token = await aToken({ pebbles_admin: true })
    const client = '/clients/krn:a:b/progress'
    const answers = [
      app.request(client),
      app.request(`${client}?filename=a`),
      app.request(client, { headers: { accept: 'text/csv' } }),
      app.request(`${client}/issues?filename=a`),
      app.request(`${client}/history?filename=a`),
      app.request(`${client}/summary`),
      app.request('/clients', { token }),
      app.post('krn:a:b', { filename: 'a', counts }),
      app.request(`${client}?filename=a`, { method: 'DELETE', token }),
    ]
    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      const problem = await jsonOf(answer)
      expect([index, answer.status, answer.headers.get('retry-after'), problem.code]).toEqual([
        index,
        503,
        '1',
        'STORE_UNAVAILABLE',
      ])
      // Only of what may have been stored is it unknown.
      expect(problem.outcome).toBe(index < 7 ? undefined : 'unknown')
    }
    const batch = await app.request(`${client}/batch`, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        updates: [
          { filename: 'a', counts },
          { filename: '', counts },
        ],
      }),
    })
    expect(await jsonOf(batch)).toMatchObject({
      results: [{ status: 503, code: 'STORE_UNAVAILABLE', outcome: 'unknown' }, { status: 400 }],
    })
    expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('is told from a bug, which is logged and says nothing of itself', async () => {
    const store = createMemoryStore({ newFileId })
    await using app = await startApp({
      store: { ...store, sums: () => Promise.reject(new TypeError('secret inside')) },
    })
    const answer = await app.request('/clients/krn:a:b/progress/summary')
    const text = await answer.text()
    expect([answer.status, JSON.parse(text).code]).toEqual([500, 'INTERNAL'])
    expect(text).not.toMatch(/secret|TypeError|\.ts/)
    expect(app.log.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'request failed by a bug', facts: { requestId: answer.headers.get('x-request-id') } },
    ])
  })
})
