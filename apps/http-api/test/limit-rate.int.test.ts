import { parseList } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import { exchange } from './raw-socket.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const PROGRESS = '/clients/krn:acme:client:prod-001/progress'
const LIMIT = { requests: 3, seconds: 60 }

/** The one item of a list of RFC 9651, with its parameters. */
const itemOf = (header: string | null): [unknown, Record<string, unknown>] => {
  const [item, ...more] = parseList(header ?? '')
  expect(more).toEqual([])
  const [name, parameters] = item as [string, Map<string, unknown>]
  return [name, Object.fromEntries(parameters)]
}
const statuses = async (times: number, ask: () => Promise<Response>): Promise<number[]> => {
  const seen: number[] = []
  for (let n = 0; n < times; n += 1) seen.push((await ask()).status)
  return seen
}
const limited = (settings: Parameters<typeof startApp>[0] = {}): Promise<TestApp> =>
  startApp({ ...settings, settings: { rateLimit: LIMIT, ...settings?.settings } })

describe('RATE_LIMIT', () => {
  it('says with each answer what is left, and refuses what is above with when to come again', async () => {
    await using app = await limited()
    for (let left = 2; left >= 0; left -= 1) {
      const answer = await app.request(PROGRESS)
      expect(answer.status).toBe(200)
      expect(itemOf(answer.headers.get('ratelimit-policy'))).toEqual(['default', { q: 3, w: 60 }])
      const [name, { r, t }] = itemOf(answer.headers.get('ratelimit'))
      expect([name, r]).toEqual(['default', left])
      expect(t).toBeGreaterThan(0)
      expect(t).toBeLessThanOrEqual(60)
    }
    const over = await app.request(PROGRESS)
    expect(over.status).toBe(429)
    const [, { r, t }] = itemOf(over.headers.get('ratelimit'))
    const retryAfter = Number(over.headers.get('retry-after'))
    expect(r).toBe(0)
    expect(retryAfter).toBeGreaterThanOrEqual(Number(t))
    expect(await jsonOf(over)).toMatchObject({ code: 'RATE_LIMITED', retryAfter, status: 429 })
    expect(over.headers.get('content-type')).toBe('application/problem+json')
  })

  it('begins anew with the next window', async () => {
    await using app = await limited({ settings: { rateLimit: { requests: 1, seconds: 1 } } })
    expect(await statuses(2, () => app.request(PROGRESS))).toEqual([200, 429])
    await expect.poll(async () => (await app.request(PROGRESS)).status, { timeout: 20_000 }).toBe(200)
  })

  it('counts a token by its subject, whatever token and route, apart from others and from the address', async () => {
    await using app = await limited({ settings: { readAuth: 'jwt' } })
    const first = await aToken({ sub: 'ada', jti: '1', pebbles_admin: true })
    const second = await aToken({ sub: 'ada', jti: '2', pebbles_admin: true })
    expect(await statuses(1, () => app.request(PROGRESS, { token: first }))).toEqual([200])
    expect(await statuses(1, () => app.request('/clients', { token: second }))).toEqual([200])
    const body = { filename: 'a.csv', counts: { done: 1, warn: 0, failed: 0 } }
    expect(await statuses(2, () => app.post('krn:acme:client:prod-001', body, { token: first }))).toEqual([200, 429])
    const bob = await aToken({ sub: 'bob' })
    expect(await statuses(4, () => app.request(PROGRESS, { token: bob }))).toEqual([200, 200, 200, 429])
    const byEmail = await aToken({ email: 'eve@example.com' })
    expect(await statuses(4, () => app.request(PROGRESS, { token: byEmail }))).toEqual([200, 200, 200, 429])
    expect(await statuses(4, () => app.request(PROGRESS))).toEqual([401, 401, 401, 429])
  })

  it('counts whom it does not know by the address: public reads, and tokens that do not verify', async () => {
    await using app = await limited()
    expect(await statuses(2, () => app.request(`${PROGRESS}/summary`))).toEqual([200, 200])
    // Public reads look at no token.
    expect(await statuses(1, async () => app.request(PROGRESS, { token: await aToken({ sub: 'ada' }) }))).toEqual([200])
    expect((await app.request(PROGRESS)).status).toBe(429)
    const bad = await app.request('/clients', { token: 'x.y.z' })
    expect([bad.status, bad.headers.get('www-authenticate')]).toEqual([429, null])
    expect((await app.request('/clients', { token: await aToken({ pebbles_admin: true }) })).status).toBe(200)
  })

  it('leaves out what operators and pages ask of the process itself', async () => {
    await using app = await limited()
    for (const path of ['/health', '/ready', '/metrics', '/openapi.json', '/errors/NOT_OWNER', '/nothing']) {
      const answers = await statuses(5, () => app.request(path))
      expect([path, new Set(answers).has(429)]).toEqual([path, false])
      expect((await app.request(path)).headers.get('ratelimit')).toBeNull()
    }
    expect((await app.request(PROGRESS)).status).toBe(200)
  })

  describe('and X-Forwarded-For', () => {
    const from = async (app: TestApp, forwarded: string): Promise<number> =>
      (await exchange(app.port, `GET ${PROGRESS} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${forwarded}\r\n\r\n`)).status
    const until = async (app: TestApp, addresses: readonly string[]): Promise<number[]> => {
      const seen: number[] = []
      for (const address of addresses) seen.push(await from(app, address))
      return seen
    }

    it('is not believed of anybody', async () => {
      await using app = await limited()
      expect(await until(app, ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'])).toEqual([200, 200, 200, 429])
    })

    it('is believed of a trusted proxy: the last one, which the proxy saw itself', async () => {
      await using app = await limited({ settings: { trustProxy: true } })
      expect(await until(app, ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'])).toEqual([200, 200, 200, 200])
      expect(await until(app, ['8.8.8.8, 1.1.1.1', '9.9.9.9,1.1.1.1', '7.7.7.7 , 1.1.1.1'])).toEqual([200, 200, 429])
    })

    it('takes one network of IPv6 for one caller, and IPv4 within IPv6 for what it is', async () => {
      await using app = await limited({ settings: { trustProxy: true } })
      const one = ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', '2001:0DB8:0001:0002::ffff', '2001:db8:1:2::']
      expect(await until(app, one)).toEqual([200, 200, 200, 429])
      expect(await until(app, ['2001:db8:1:3::1', '2001:db8::1'])).toEqual([200, 200])
      expect(await until(app, ['::ffff:5.5.5.5', '5.5.5.5', '::FFFF:5.5.5.5', '5.5.5.5'])).toEqual([200, 200, 200, 429])
      expect(await until(app, ['::1', '::2', '::'])).toEqual([200, 200, 200])
    })
  })
})
