import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, type RawAnswer } from './raw-socket.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const counts = { done: 1, warn: 0, failed: 0 }

let app: TestApp
beforeAll(async () => {
  app = await startApp()
  for (const filename of ['a.csv', 'b.csv', '100%_(a+)+$.csv', 'ÄB.csv'])
    await app.post(CLIENT, { filename, counts, errors: [{ message: 'bad' }] })
})
afterAll(async () => {
  expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
  await app[Symbol.asyncDispose]()
})

/** As it is, byte for byte: no client library puts it in order first. */
const get = (target: string, headers = ''): Promise<RawAnswer> =>
  exchange(app.port, Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`))
const asked = async (target: string): Promise<[number, string | undefined]> => {
  const { status, body } = await get(target)
  return [status, status === 200 ? undefined : JSON.parse(body).code]
}

describe('queries', () => {
  it.each([
    'filename=a.csv&filename=b.csv',
    'filename=a.csv&%66ilename=b.csv',
    'limit=1&limit=1',
    'filename=',
    'filename=%00',
    'filename=%ff%fe',
    'filename=%ED%A0%80',
    'filename=%E0%A4%A',
    'filename=%',
    'filename=%zz',
    `filename=${'x'.repeat(1025)}`,
    `q=${'x'.repeat(257)}`,
    'q=%ff',
    'email=',
    'completed=yes',
    'completed=1',
    'status=paused',
    'status=__proto__',
    'updatedSince=yesterday',
    'updatedSince=2026-01-01',
    'updatedSince=2026-13-01T00:00:00Z',
    ...['0', '1001', '-1', '1.5', '1e2', '', '%205', '%EF%BC%91'].map((limit) => `limit=${limit}`),
  ])('%s is refused', async (query) => {
    expect(await asked(`${PROGRESS}?${query}`)).toEqual([400, 'INVALID_QUERY'])
  })

  it.each([
    '',
    '&&&=&==',
    'filename[$gt]=',
    'email[$ne]=x',
    '__proto__=1&constructor=2&toString=3',
    'unknown=1&unknown=2&x=%ff%zz',
    'FILENAME=a.csv',
    'limit=1000',
    'q=',
    'updatedSince=2020-01-01T00:00:00%2B02:00',
  ])('%s is a list', async (query) => {
    const { status, body } = await get(`${PROGRESS}?${query}`)
    expect([status, JSON.parse(body).length]).toEqual([200, 4])
  })

  it.each([
    ['.*(a+)+$', 0],
    ['%25_', 1],
    ['%28a%2B%29%2B%24', 1],
    ['(a%2b)%2b$', 1],
    ['_', 1],
    ['%25', 1],
    ['*', 0],
    ['%C3%A4b', 1],
    ['%5C', 0],
    ["'%20OR%201=1--", 0],
    ['a'.repeat(256), 0],
  ])('q=%s is taken literally', async (q, found) => {
    const { status, body } = await get(`${PROGRESS}?q=${q}`)
    expect([status, JSON.parse(body).length]).toEqual([200, found])
  })

  it.each(['utf8', 'latin1'] as const)('bytes of %s that are not percent-encoded are no address', async (encoding) => {
    const bytes = Buffer.from(`GET ${PROGRESS}?filename=ÄB.csv HTTP/1.1\r\nHost: a\r\n\r\n`, encoding)
    expect(JSON.parse((await exchange(app.port, bytes)).body)).toMatchObject({ code: 'BAD_REQUEST' })
  })

  it('a link to the next page keeps what was asked, encoded', async () => {
    for (const filename of ['日本1.csv', '日本2.csv']) await app.post('krn:next:page', { filename, counts })
    const { headers } = await get('/clients/krn:next:page/progress?limit=1&q=%E6%97%A5%E6%9C%AC')
    const link = headers.get('link') ?? ''
    expect(link).toMatch(/^<http:\/\/a\/clients\/krn:next:page\/progress\?[!-;=?-~]+>; rel="next"$/)
    expect(link).toContain('q=%E6%97%A5%E6%9C%AC')
  })
})

describe('cursors', () => {
  const forge = (parts: unknown): string => Buffer.from(JSON.stringify(parts)).toString('base64url')
  const digestOf = async (path: string): Promise<string> => {
    const link = (await get(path)).headers.get('link') ?? ''
    const cursor = new URL(/^<([^>]+)>/.exec(link)?.[1] ?? '').searchParams.get('cursor') ?? ''
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())[0]
  }

  it.each(['', 'x', 'null', 'e30', 'W10', '%00', '=', 'a'.repeat(1025), '-1', '../..'])(
    '%s is none',
    async (cursor) => {
      for (const path of [PROGRESS, `${PROGRESS}/issues?filename=a.csv`, `${PROGRESS}/history?filename=a.csv`]) {
        const mark = path.includes('?') ? '&' : '?'
        expect(await asked(`${path}${mark}cursor=${cursor}`)).toEqual([400, 'INVALID_CURSOR'])
      }
    },
  )

  it('forged ones are refused or harmless, whatever they hold', async () => {
    await app.post(CLIENT, { filename: 'a.csv', counts, errors: [{ message: 'bad' }] })
    const digests = {
      [`${PROGRESS}?limit=1`]: await digestOf(`${PROGRESS}?limit=1`),
      [`${PROGRESS}/issues?filename=a.csv&limit=1`]: await digestOf(`${PROGRESS}/issues?filename=a.csv&limit=1`),
      [`${PROGRESS}/history?filename=a.csv&limit=1`]: await digestOf(`${PROGRESS}/history?filename=a.csv&limit=1`),
    }
    const positions: unknown[][] = [
      [],
      [0],
      [-1],
      [Number.MAX_SAFE_INTEGER],
      [1e300],
      [null],
      [{}],
      [['x']],
      ['x'],
      [0, 0],
      [0, 'x'],
      [Number.MAX_SAFE_INTEGER, 'ffffffffffffffffffffffff'],
      [-Number.MAX_SAFE_INTEGER, "' OR 1=1"],
      [0, Number.MAX_SAFE_INTEGER],
      [0, 'x', 'y'],
      ['9', '9'],
    ]
    for (const [path, digest] of Object.entries(digests))
      for (const position of positions) {
        const { status, body } = await get(`${path}&cursor=${forge([digest, ...position])}`)
        if (status !== 200) expect([status, JSON.parse(body).code]).toEqual([400, 'INVALID_CURSOR'])
        else expect(body).not.toMatch(/krn:(?!acme:client:prod-001)/)
      }
  })
})

describe('paths', () => {
  it.each([
    'KRN:a:b',
    'krn:a',
    'krn::b',
    'krn:a:b:',
    'krn:a:b%2F..',
    'krn:a:b%3Fx',
    'krn:a:b%00',
    'krn%253Aa%253Ab',
    'krn:%D0%B0:b',
    '%EF%BD%8B%EF%BD%92%EF%BD%8E:a:b',
    'krn:a:b%ff',
    'krn:a:%E0%A4%A',
    'krn:a:%zz',
    '%D0%BA%D0%BB%D1%8E%D1%87',
    `krn:a:${'b:'.repeat(130)}c`,
    `krn:${'a'.repeat(65)}:b`,
    '$ne',
    '__proto__',
  ])('/clients/%s/progress names no client', async (name) => {
    for (const rest of ['progress', 'progress/summary', 'progress/history?filename=a', 'progress/issues?filename=a'])
      expect(await asked(`/clients/${name}/${rest}`)).toEqual([400, 'INVALID_CLIENT_KRN'])
  })

  it.each([
    '/CLIENTS/krn:a:b/progress',
    '/clients/krn:a:b/Progress',
    '/clients/krn:a:b/progress/',
    '/clients/krn:a:b/progress/x',
    '/clients/krn:a:b',
    '/clients/',
    '//clients',
    '/./clients',
    '/clients/../health',
    '/clients//progress',
    '/health/',
    '/HEALTH',
    '/%68ealth',
    '/errors/NO_SUCH_CODE',
    '/errors/__proto__',
    '/errors/toString',
    '/assets/../src/main.ts',
    '/assets/%2e%2e%2fapp.ts',
    '/assets/',
    '/.env',
    '/%',
    '/%ff',
  ])('%s is nothing', async (path) => {
    expect(await asked(path)).toEqual([404, 'NOT_FOUND'])
  })

  it('with an encoded KRN is the same client', async () => {
    expect(
      JSON.parse((await get('/clients/krn%3aacme%3Aclient:prod%2D001/progress?filename=a.csv')).body),
    ).toMatchObject({
      clientKrn: CLIENT,
    })
  })

  it('a narrower CLIENT_KRN_PATTERN holds everywhere', async () => {
    await using narrow = await startApp({ settings: { clientKrnPattern: /^(?:krn:acme:client:[a-z0-9-]+)$/u } })
    expect((await narrow.post(CLIENT, { filename: 'a.csv', counts })).status).toBe(200)
    for (const client of ['krn:acme:client:prod_001', 'krn:acme:client:prod:001', 'krn:globex:client:1'])
      for (const answer of [
        narrow.post(client, { filename: 'a.csv', counts }),
        narrow.request(`/clients/${client}/progress`),
      ])
        expect((await jsonOf(answer)).code).toBe('INVALID_CLIENT_KRN')
  })
})

describe('Idempotency-Key', () => {
  const post = async (header: string): Promise<[number, string | undefined]> => {
    const body = JSON.stringify({ filename: 'keyed.csv', counts })
    const bytes = `POST ${PROGRESS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${await aToken()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${header}\r\n\r\n${body}`
    const answer = await exchange(app.port, Buffer.from(bytes))
    return [answer.status, answer.status === 200 ? undefined : JSON.parse(answer.body).code]
  }
  it.each([
    `Idempotency-Key: ${'x'.repeat(256)}`,
    'Idempotency-Key: é',
    'Idempotency-Key:',
    'Idempotency-Key: ""',
    'Idempotency-Key: "a',
    'Idempotency-Key: a\r\nIdempotency-Key: b',
  ])('%j is refused', async (header) => {
    expect(await post(header)).toEqual([400, 'BAD_REQUEST'])
  })
  it.each([`Idempotency-Key: ${'x'.repeat(255)}`, 'Idempotency-Key: "a b"', 'idempotency-key: ~!@'])(
    '%j is taken',
    async (header) => {
      expect(await post(header)).toEqual([200, undefined])
    },
  )
})
