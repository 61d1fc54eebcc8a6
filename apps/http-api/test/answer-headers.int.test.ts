import { ROUTES } from '@pebbles/wire'
import { describe, expect, it } from 'vitest'
import { exchange, openConnection, type RawAnswer } from './raw-socket.ts'
import { aToken, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const counts = { done: 1, warn: 0, failed: 0 }
const TOKEN = await aToken({ pebbles_admin: true })

/** An address of each route that is served. */
const ADDRESSES = [...new Set(ROUTES.map(({ path }) => path))].map((path) => ({
  path,
  address: path.replace('{clientKrn}', CLIENT).replace('{code}', 'NOT_OWNER'),
  methods: ROUTES.filter((route) => route.path === path).flatMap(({ method }) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  ),
}))

const ask = (app: TestApp, request: string, headers: readonly string[] = []): Promise<RawAnswer> =>
  exchange(app.port, `${request} HTTP/1.1\r\n${['Host: pebbles.example', ...headers].join('\r\n')}\r\n\r\n`)

describe('every address', () => {
  it.each(ADDRESSES)(
    '$path answers OPTIONS, and refuses other methods by what it takes',
    async ({ address, methods }) => {
      await using app = await startApp()
      const allow = [...methods, 'OPTIONS'].sort().join(', ')
      const options = await ask(app, `OPTIONS ${address}`)
      expect([options.status, options.headers.get('allow'), options.body]).toEqual([204, allow, ''])
      for (const method of ['PUT', 'PATCH', 'TRACE', 'DELETE', 'POST'].filter((method) => !methods.includes(method))) {
        const answer = await ask(app, `${method} ${address}`, ['Content-Length: 0'])
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'METHOD_NOT_ALLOWED', instance: address })
      }
    },
  )

  it.each(ADDRESSES.filter(({ methods, path }) => methods.includes('GET') && !path.endsWith('/events')))(
    '$path answers HEAD as GET, without the body',
    async ({ address }) => {
      await using app = await startApp()
      const token = [`Authorization: Bearer ${TOKEN}`, 'X-Request-Id: same']
      const get = await ask(app, `GET ${address}`, token)
      using connection = await openConnection(app.port)
      connection.write(`HEAD ${address} HTTP/1.1\r\nHost: pebbles.example\r\n${token.join('\r\n')}\r\n\r\n`)
      const head = await connection.answer({ head: true })
      const comparable = ({ status, headers }: RawAnswer): unknown => [
        status,
        new Map([...headers].filter(([name]) => !['date', 'transfer-encoding'].includes(name))),
      ]
      expect(comparable(head)).toEqual(comparable(get))
      // The next answer begins right behind: nothing of a body came.
      connection.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n')
      expect(await connection.answer()).toMatchObject({ status: 200, body: 'OK' })
    },
  )

  it('a HEAD of an export counts no bytes and reads no rows', async () => {
    await using app = await startApp()
    await app.post(CLIENT, { filename: 'a.csv', counts })
    const head = await app.request(`/clients/${CLIENT}/progress`, { method: 'HEAD', headers: { accept: 'text/csv' } })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, null])
    expect(head.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  })
})

describe('CORS', () => {
  const preflight = [
    'Origin: https://app.example.com',
    'Access-Control-Request-Method: POST',
    'Access-Control-Request-Headers: authorization',
  ]
  const allowed = (answer: RawAnswer): string | undefined => answer.headers.get('access-control-allow-origin')

  it('lets any page call every route, without credentials, and read every header that is promised', async () => {
    await using app = await startApp()
    for (const { address } of ADDRESSES) {
      const answer = await ask(app, `OPTIONS ${address}`, preflight)
      expect([answer.status, allowed(answer), answer.headers.get('vary')]).toEqual([204, '*', undefined])
      expect(answer.headers.get('access-control-allow-credentials')).toBeUndefined()
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE'])
        expect(answer.headers.get('access-control-allow-methods')).toContain(method)
      for (const header of [
        'Authorization',
        'Content-Type',
        'Accept',
        'Idempotency-Key',
        'If-None-Match',
        'Last-Event-ID',
        'X-Request-Id',
        'traceparent',
      ])
        expect(answer.headers.get('access-control-allow-headers')).toContain(header)
    }
    for (const request of [
      'GET /health',
      'GET /nothing',
      `GET /clients/${CLIENT}/progress`,
      `POST /clients/${CLIENT}/progress`,
    ]) {
      const answer = await ask(app, request, ['Origin: https://app.example.com', 'Content-Length: 0'])
      expect(allowed(answer)).toBe('*')
      for (const header of [
        'ETag',
        'Link',
        'Idempotent-Replayed',
        'X-Request-Id',
        'Retry-After',
        'RateLimit',
        'RateLimit-Policy',
        'Deprecation',
        'Sunset',
        'WWW-Authenticate',
        'Allow',
        'Accept-Post',
      ])
        expect(answer.headers.get('access-control-expose-headers')).toContain(header)
    }
  })

  it('by a list names the origin of the page that asked, if it is on it, and varies by it', async () => {
    await using app = await startApp({
      settings: { corsOrigins: ['https://app.example.com', 'http://localhost:3000'] },
    })
    const origins: [string, string | undefined][] = [
      ['https://app.example.com', 'https://app.example.com'],
      ['http://localhost:3000', 'http://localhost:3000'],
      ['https://app.example.com.evil.com', undefined],
      ['https://evil-app.example.com', undefined],
      ['http://app.example.com', undefined],
      ['https://app.example.com:8443', undefined],
      ['https://APP.example.com', undefined],
      ['null', undefined],
      ['*', undefined],
    ]
    for (const [origin, expected] of origins)
      for (const request of [
        'GET /health',
        'GET /nothing',
        `OPTIONS /clients/${CLIENT}/progress`,
        `GET /clients/${CLIENT}/progress`,
      ]) {
        const answer = await ask(app, request, [`Origin: ${origin}`, 'Access-Control-Request-Method: GET'])
        expect([origin, allowed(answer)]).toEqual([origin, expected])
        expect(answer.headers.get('vary')).toMatch(/\bOrigin\b/)
      }
    expect(allowed(await ask(app, 'GET /health'))).toBeUndefined()
  })
})

describe('Vary', () => {
  it('names Accept where the format can differ, also on 304, and Origin with it', async () => {
    await using app = await startApp({ settings: { corsOrigins: ['https://app.example.com'] } })
    await app.post(CLIENT, { filename: 'a.csv', counts })
    const list = `GET /clients/${CLIENT}/progress`
    const first = await ask(app, list)
    for (const headers of [
      [],
      ['Accept: text/csv'],
      ['Accept: application/x-ndjson'],
      [`If-None-Match: ${first.headers.get('etag')}`],
    ])
      expect((await ask(app, list, headers)).headers.get('vary')).toBe('Origin, Accept')
  })
})

describe('where links lead', () => {
  const linkOf = async (app: TestApp, headers: readonly string[]): Promise<string> => {
    const bytes = `GET /clients/${CLIENT}/progress?limit=1 HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`
    const { headers: answered } = await exchange(app.port, bytes)
    return /^<([^?]*)\/clients\//.exec(answered.get('link') ?? '')?.[1] ?? 'no link'
  }
  const filled = async (settings: Parameters<typeof startApp>[0]): Promise<TestApp> => {
    const app = await startApp(settings)
    for (const filename of ['a.csv', 'b.csv']) await app.post(CLIENT, { filename, counts })
    return app
  }

  it('is the host of the request, if that is one', async () => {
    await using app = await filled({})
    expect(await linkOf(app, ['Host: pebbles_api:8081'])).toBe('http://pebbles_api:8081')
    expect(await linkOf(app, ['Host: [::1]:8081'])).toBe('http://[::1]:8081')
    for (const host of [
      'a@evil',
      'a/b',
      'evil?x',
      'evil#x',
      'a b',
      'a,b',
      'evil>; rel="x"',
      '',
      '..',
      'http://evil',
      'é',
      ':80',
    ])
      expect([host, await linkOf(app, [`Host: ${host}`])]).toEqual([host, ''])
  })

  it('is not what a caller says of a proxy, unless one is trusted', async () => {
    const headers = ['Host: inner', 'X-Forwarded-Host: evil', 'X-Forwarded-Proto: https', 'Forwarded: host=evil']
    await using app = await filled({})
    expect(await linkOf(app, headers)).toBe('http://inner')
    await using behind = await filled({ settings: { trustProxy: true } })
    expect(await linkOf(behind, headers)).toBe('https://evil')
    expect(await linkOf(behind, ['Host: inner'])).toBe('http://inner')
    // A proxy that appends says it last; what stands before came from the caller.
    expect(await linkOf(behind, ['Host: a', 'X-Forwarded-Host: evil, outer', 'X-Forwarded-Proto: x, https'])).toBe(
      'https://outer',
    )
    expect(await linkOf(behind, ['Host: a', 'X-Forwarded-Host: a@evil'])).toBe('')
    await using named = await filled({ settings: { trustProxy: true, publicUrl: 'https://pebbles.example/base' } })
    expect(await linkOf(named, headers)).toBe('https://pebbles.example/base')
  })

  it('holds for the type of a problem, and that address answers', async () => {
    await using app = await startApp()
    for (const { path } of ROUTES.filter(({ path }) => path.startsWith('/clients/'))) {
      const problem = JSON.parse(
        (await ask(app, `PATCH ${path.replace('{clientKrn}', 'x')}`, ['Content-Length: 0'])).body,
      )
      expect(problem.type).toBe(`http://pebbles.example/errors/${problem.code}`)
      expect(await ask(app, `GET ${new URL(problem.type).pathname}`)).toMatchObject({ status: 200 })
    }
  })
})

describe('X-Request-Id', () => {
  it('is echoed when it is harmless, else made anew', async () => {
    await using app = await startApp()
    const echoed = async (...sent: string[]): Promise<string | undefined> =>
      (await ask(app, 'GET /health', sent)).headers.get('x-request-id')
    for (const id of ['a', 'A.b_c~d-9', 'x'.repeat(128)]) expect(await echoed(`X-Request-Id: ${id}`)).toBe(id)
    for (const id of [
      '',
      'x'.repeat(129),
      'x'.repeat(10_000),
      'a b',
      'é',
      '{{7*7}}',
      '<script>',
      'a\tb',
      'a%0d%0aSet-Cookie: x',
    ])
      expect(await echoed(`X-Request-Id: ${id}`)).toMatch(/^[0-9a-f-]{36}$/)
    expect(await echoed('X-Request-Id: a', 'X-Request-Id: b')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await echoed()).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('and traceparent stand in the log of a request', async () => {
    await using app = await startApp()
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    await ask(app, `GET /clients/${CLIENT}/progress?limit=0`, [
      'X-Request-Id: mine',
      `traceparent: 00-${traceId}-00f067aa0ba902b7-01`,
    ])
    const facts = { requestId: 'mine', traceId, parentId: '00f067aa0ba902b7', route: '/clients/{clientKrn}/progress' }
    expect(app.log.map(({ message, facts }) => [message, facts])).toEqual([
      ['request refused', { ...facts, code: 'INVALID_QUERY' }],
      ['request', expect.objectContaining({ ...facts, method: 'GET', status: 400 })],
    ])
    await ask(app, 'GET /health', ['traceparent: 00-zz-00-01'])
    expect(app.log.at(-1)?.facts).not.toHaveProperty('traceId')
  })
})
