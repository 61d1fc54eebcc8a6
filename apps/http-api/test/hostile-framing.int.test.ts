import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { exchange, openConnection, type RawAnswer } from './raw-socket.ts'
import { aToken, startApp, type TestApp } from './start-app.ts'

const HOST = 'Host: localhost\r\n'
const POST = `POST /clients/krn:a:b/progress HTTP/1.1\r\n${HOST}Authorization: Bearer ${await aToken()}\r\nContent-Type: application/json\r\n`
const BODY = JSON.stringify({ filename: 'a.csv', counts: { done: 1, warn: 0, failed: 0 } })
const WHOLE_POST = `${POST}Content-Length: ${BODY.length}\r\n\r\n${BODY}`
const HEALTH = `GET /health HTTP/1.1\r\n${HOST}\r\n`

/** Whatever the request was: a problem with the headers of every answer. */
const expectProblem = (answer: RawAnswer, status: number, code: string): void => {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  const problem = JSON.parse(answer.body)
  expect(problem).toMatchObject({ code, status, error: problem.detail })
  expect(problem.requestId).toBe(answer.headers.get('x-request-id'))
  expect(problem.type).toMatch(new RegExp(`/errors/${code}$`))
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  expect(answer.headers.get('access-control-expose-headers')).toContain('X-Request-Id')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
}

const expectUnharmed = async (app: TestApp): Promise<void> => {
  expect((await app.request('/health')).status).toBe(200)
  expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
}

describe('what is no proper HTTP', () => {
  it.each<[string, string | Buffer, number, string]>([
    ['a header of 17 KB', `GET /health HTTP/1.1\r\n${HOST}X: ${'x'.repeat(17_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    ['an address of 17 KB', `GET /health?${'x'.repeat(17_000)} HTTP/1.1\r\n${HOST}\r\n`, 431, 'HEADERS_TOO_LARGE'],
    ['3,000 short headers', `GET /health HTTP/1.1\r\n${HOST}${'a:\r\n'.repeat(3_000)}\r\n`, 431, 'HEADERS_TOO_LARGE'],
    ['250 headers', `GET /health HTTP/1.1\r\n${HOST}${'a: b\r\n'.repeat(250)}\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'length and chunks',
      `${POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'BAD_REQUEST',
    ],
    [
      'chunks and length',
      `${POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
      400,
      'BAD_REQUEST',
    ],
    ['two lengths', `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}}`, 400, 'BAD_REQUEST'],
    ['one length twice', `${POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`, 400, 'BAD_REQUEST'],
    ['a negative length', `${POST}Content-Length: -2\r\n\r\n{}`, 400, 'BAD_REQUEST'],
    ['a length with a sign', `${POST}Content-Length: +2\r\n\r\n{}`, 400, 'BAD_REQUEST'],
    ['a length that overflows', `${POST}Content-Length: 99999999999999999999\r\n\r\n{}`, 400, 'BAD_REQUEST'],
    ['chunks in disguise', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 400, 'BAD_REQUEST'],
    ['chunks that are not last', `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`, 400, 'BAD_REQUEST'],
    ['a chunk of no size', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`, 400, 'BAD_REQUEST'],
    [
      'an endless chunk extension',
      `${POST}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
      413,
      'BODY_TOO_LARGE',
    ],
    ['lines that end in LF only', `GET /health HTTP/1.1\nHost: a\n\n`, 400, 'BAD_REQUEST'],
    ['a bare CR within a header', `GET /health HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`, 400, 'BAD_REQUEST'],
    ['NUL within a header', `GET /health HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, 400, 'BAD_REQUEST'],
    ['a folded header', `GET /health HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`, 400, 'BAD_REQUEST'],
    ['a space before the colon', `GET /health HTTP/1.1\r\n${HOST}X : a\r\n\r\n`, 400, 'BAD_REQUEST'],
    ['HTTP/0.9', 'GET /health\r\n\r\n', 400, 'BAD_REQUEST'],
    ['HTTP/9.9', `GET /health HTTP/9.9\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'BAD_REQUEST'],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 501, 'NOT_IMPLEMENTED'],
    ['no host', 'GET /health HTTP/1.1\r\n\r\n', 400, 'BAD_REQUEST'],
    ['two hosts', `GET /health HTTP/1.1\r\n${HOST}Host: evil\r\n\r\n`, 400, 'BAD_REQUEST'],
    ['an address without a slash', `GET health HTTP/1.1\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
    ['an address with a fragment', `GET /health#top HTTP/1.1\r\n${HOST}\r\n`, 400, 'BAD_REQUEST'],
    ['an address of a broken host', `GET http://[::1/%zz HTTP/1.1\r\n${HOST}\r\n`, 404, 'NOT_FOUND'],
    ['an expectation', `${POST}Content-Length: 2\r\nExpect: x\r\n\r\n{}`, 417, 'EXPECTATION_FAILED'],
    ['CONNECT', `CONNECT evil:443 HTTP/1.1\r\n${HOST}\r\n`, 501, 'NOT_IMPLEMENTED'],
    ['TRACE', `TRACE /health HTTP/1.1\r\n${HOST}\r\n`, 405, 'METHOD_NOT_ALLOWED'],
    ['a method of WebDAV', `PROPFIND /clients HTTP/1.1\r\n${HOST}\r\n`, 501, 'NOT_IMPLEMENTED'],
    ['a method that there is not', `BREW /health HTTP/1.1\r\n${HOST}\r\n`, 501, 'NOT_IMPLEMENTED'],
    ['a method in lower case', `get /health HTTP/1.1\r\n${HOST}\r\n`, 501, 'NOT_IMPLEMENTED'],
  ])('%s is a problem', async (_, bytes, status, code) => {
    await using app = await startApp()
    expectProblem(await exchange(app.port, bytes), status, code)
    await expectUnharmed(app)
  })

  it.each([
    [
      'an upgrade to HTTP/2 that is not taken',
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
    ],
    ['an upgrade to a web socket', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
  ])('%s is answered as if it were not there', async (_, headers) => {
    await using app = await startApp()
    expect(await exchange(app.port, `GET /health HTTP/1.1\r\n${HOST}${headers}\r\n`)).toMatchObject({
      status: 200,
      body: 'OK',
    })
  })

  it('takes the address of a proxy, and HTTP/1.0 without a host', async () => {
    await using app = await startApp()
    expect(await exchange(app.port, `GET http://pebbles.example/health HTTP/1.1\r\n${HOST}\r\n`)).toMatchObject({
      body: 'OK',
    })
    expect(await exchange(app.port, 'GET /health HTTP/1.0\r\n\r\n')).toMatchObject({ status: 200 })
    const stars = await exchange(app.port, `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`)
    expect([stars.status, stars.headers.get('allow')]).toEqual([204, 'DELETE, GET, HEAD, OPTIONS, POST'])
  })

  it('names no foreign origin to a page that CORS_ORIGINS does not name', async () => {
    await using app = await startApp({ settings: { corsOrigins: ['https://app.example.com'] } })
    const answer = await exchange(app.port, 'GET /health\r\n\r\n')
    expect(answer.headers.get('access-control-allow-origin')).toBeUndefined()
    expect(answer.headers.get('vary')).toBe('Origin')
  })
})

describe('pipelined requests', () => {
  it('are answered, all 10,000 and in order', async () => {
    await using app = await startApp()
    using connection = await openConnection(app.port)
    const request = (n: number): string => `GET /health HTTP/1.1\r\n${HOST}X-Request-Id: n${n}\r\n\r\n`
    connection.write(Array.from({ length: 10_000 }, (_, n) => request(n)).join(''))
    for (let n = 0; n < 10_000; n += 1) {
      const answer = await connection.answer()
      if (answer.status !== 200 || answer.headers.get('x-request-id') !== `n${n}`)
        expect.fail(`answer ${n}: ${answer.status}`)
    }
  })

  it('get their own answers when what follows is broken', async () => {
    await using app = await startApp()
    using connection = await openConnection(app.port)
    connection.write(`${WHOLE_POST}NO HTTP AT ALL\r\n\r\n`)
    expect(await connection.answer()).toMatchObject({ status: 200 })
    await connection.ended
    await expectUnharmed(app)
  })
})

describe('slow and broken callers', () => {
  const patience = { headers: 300, request: 600, checkEvery: 50 }

  it.each([
    ['says nothing', ''],
    ['sends its headers byte by byte', `GET /health HTTP/1.1\r\n${HOST}X-Slow: `],
    ['sends its body byte by byte', `${POST}Content-Length: 5000\r\n\r\n`],
  ])('one that %s is told so, and others are served meanwhile', async (_, first) => {
    await using app = await startApp({ patience })
    using connection = await openConnection(app.port)
    connection.write(first)
    const drip = setInterval(() => connection.socket.writable && first !== '' && connection.write('x'), 20)
    let told = false
    const answer = connection.answer().finally(() => {
      told = true
      clearInterval(drip)
    })
    for (let served = 0; !told; served += 1)
      expect([served, (await app.request('/health')).status]).toEqual([served, 200])
    expectProblem(await answer, 408, 'REQUEST_TIMEOUT')
    await connection.ended
    await expectUnharmed(app)
  })

  it('many of them at once do not stand in the way', async () => {
    await using app = await startApp({ patience })
    const connections = await Promise.all(Array.from({ length: 500 }, () => openConnection(app.port)))
    for (const connection of connections) connection.write(`${POST}Content-Length: 100\r\n\r\n{`)
    expect((await app.post('krn:a:b', JSON.parse(BODY))).status).toBe(200)
    const answers = await Promise.all(connections.map((connection) => connection.answer()))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([408]))
    await expectUnharmed(app)
  })

  it('one that goes away within its body has changed nothing', async () => {
    await using app = await startApp()
    for (const [bytes, leave] of [
      [`${POST}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, -1)}`, 'end'],
      [`${POST}Content-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, -1)}`, 'resetAndDestroy'],
      [`${POST}Transfer-Encoding: chunked\r\n\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n`, 'resetAndDestroy'],
      [`CONNECT evil:443 HTTP/1.1\r\n${HOST}\r\n`, 'resetAndDestroy'],
      [`GET /openapi.json HTTP/1.1\r\n${HOST}\r\n`, 'resetAndDestroy'],
    ] as const) {
      using connection = await openConnection(app.port)
      connection.write(bytes)
      await setTimeout(20)
      connection.socket[leave]()
      if (!connection.socket.closed) await once(connection.socket, 'close')
    }
    await expectUnharmed(app)
    expect((await app.request('/clients/krn:a:b/progress?filename=a.csv')).status).toBe(404)
  })

  it('one that ends its half of the connection gets its answer all the same', async () => {
    await using app = await startApp()
    using connection = await openConnection(app.port)
    connection.socket.end(HEALTH)
    expect(await connection.answer()).toMatchObject({ status: 200, body: 'OK' })
  })
})
