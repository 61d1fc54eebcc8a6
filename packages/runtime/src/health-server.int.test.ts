import { createConnection } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createHealthServer, type HealthServer, type HealthServerOptions } from './health-server.ts'
import type { ReadinessReport } from './readiness.ts'

const OPTIONS: HealthServerOptions = {
  host: '127.0.0.1',
  port: 0,
  ready: async () => report,
  metrics: async () => {
    if (metricsFail) throw new Error('hush')
    return { contentType: 'text/plain; version=0.0.4', body: 'pebbles_store_up 1\n' }
  },
  newRequestId: () => 'request-1',
}
let report: ReadinessReport = { status: 'ok', components: { store: { ok: true } } }
let metricsFail = false
let server: HealthServer
let url: string

beforeAll(async () => {
  server = await createHealthServer(OPTIONS)
  url = `http://127.0.0.1:${server.port}`
})
afterAll(() => server.stop())

it('says that it lives, and what it counts', async () => {
  const health = await fetch(`${url}/health?from=lb`)
  expect([health.status, await health.text()]).toEqual([200, 'OK'])
  const metrics = await fetch(`${url}/metrics`)
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4')
  expect(await metrics.text()).toBe('pebbles_store_up 1\n')
})

it('is ready or not, by component', async () => {
  const ready = await fetch(`${url}/ready`)
  expect([ready.status, await ready.json()]).toEqual([200, report])
  report = { status: 'unavailable', components: { store: { ok: false, detail: 'STORE_UNAVAILABLE' } } }
  const away = await fetch(`${url}/ready`)
  expect([away.status, away.headers.get('retry-after'), await away.json()]).toEqual([503, '1', report])
})

it('answers HEAD as GET, without a body', async () => {
  const head = await fetch(`${url}/health`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '2', ''])
})

it('answers all else with a problem', async () => {
  const unknown = await fetch(`${url}/clients/%ff`)
  expect(unknown.headers.get('content-type')).toBe('application/problem+json')
  expect([unknown.status, await unknown.json()]).toMatchObject([
    404,
    { code: 'NOT_FOUND', status: 404, instance: '/clients/%ff', requestId: 'request-1', error: expect.any(String) },
  ])
  const posted = await fetch(`${url}/health`, { method: 'POST', body: 'x' })
  expect([posted.status, posted.headers.get('allow'), await posted.json()]).toMatchObject([
    405,
    'GET, HEAD',
    { code: 'METHOD_NOT_ALLOWED' },
  ])
  metricsFail = true
  const broken = await fetch(`${url}/metrics`)
  const text = await broken.text()
  expect(broken.status).toBe(500)
  expect(text).toContain('INTERNAL')
  expect(text).not.toContain('hush')
})

it('names the variable when the port is taken', async () => {
  await expect(createHealthServer({ ...OPTIONS, port: server.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringContaining(`WORKER_PORT=${server.port}`),
  })
})

it('stops at once, with connections open, and may be stopped twice', async () => {
  const other = await createHealthServer(OPTIONS)
  const socket = createConnection(other.port, '127.0.0.1')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write('GET /health HTTP/1.1\r\nHost: a\r\n')
  socket.on('error', () => undefined)
  await other.stop()
  await other.stop()
  await closed
  await expect(fetch(`http://127.0.0.1:${other.port}/health`)).rejects.toThrow()
})
