import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, openConnection } from './raw-socket.ts'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const TOKEN = await aToken()
const MIB = 1024 * 1024
const counts = { done: 1, warn: 0, failed: 0 }
const COUNTS = JSON.stringify(counts)
const JSON_TYPE = { 'content-type': 'application/json' }

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app[Symbol.asyncDispose]())

type Body = string | Uint8Array<ArrayBuffer>
const send = (body: Body, headers: Record<string, string> = JSON_TYPE): Promise<Response> =>
  app.request(PROGRESS, { method: 'POST', token: TOKEN, headers, body })
const stored = async (filename: string): Promise<number> =>
  (await app.request(`${PROGRESS}?filename=${encodeURIComponent(filename)}`)).status

/** A problem, nothing stored, nothing broken. */
const expectRefused = async (
  answer: Response,
  status: number,
  code: string,
): Promise<{ errors?: { path: string }[] }> => {
  const problem = await jsonOf(answer)
  expect([answer.status, problem.code]).toEqual([status, code])
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(await stored('hostile.csv')).toBe(404)
  expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
  return problem
}

describe('the kind of a body', () => {
  const body = JSON.stringify({ filename: 'hostile.csv', counts })

  it.each([
    ['none', {}],
    ['text', { 'content-type': 'text/plain' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['another JSON', { 'content-type': 'application/problem+json' }],
    ['JSON in UTF-16', { 'content-type': 'application/json; charset=utf-16' }],
    ['two types', { 'content-type': 'application/json, text/plain' }],
  ])('%s is not taken', async (_, headers) => {
    const answer = await send(new TextEncoder().encode(body), headers as Record<string, string>)
    expect(answer.headers.get('accept-post')).toBe('application/json')
    await expectRefused(answer, 415, 'UNSUPPORTED_MEDIA_TYPE')
  })

  it.each([
    ['gzip', gzipSync(body)],
    ['gzip', gzipSync(gzipSync(body))],
    ['gzip', gzipSync(body).subarray(0, 20)],
    ['x-gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(Buffer.alloc(100 * MIB))],
    ['zstd', zstdCompressSync(body)],
    ['gzip, identity', gzipSync(body)],
    ['nonsense', Buffer.from(body)],
  ])('compressed by %s is not taken, and never unpacked', async (encoding, bytes) => {
    const answer = await send(new Uint8Array(bytes), { ...JSON_TYPE, 'content-encoding': encoding })
    await expectRefused(answer, 415, 'UNSUPPORTED_MEDIA_TYPE')
  })

  it.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF8"', 'application/json ; a=b'])(
    '%s is taken',
    async (type) => {
      const other = JSON.stringify({ filename: `taken as ${type}`, counts })
      expect((await send(other, { 'content-type': type, 'content-encoding': 'identity' })).status).toBe(200)
    },
  )
})

describe('what is no update', () => {
  const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
  it.each<[string, Body]>([
    ['nothing', ''],
    ['a space', ' '],
    ['5 MB of [', '['.repeat(5_000_000)],
    ['5 MB of {"a":', '{"a":'.repeat(1_000_000)],
    ['65 levels', `{"a":${'['.repeat(64)}${']'.repeat(64)},"filename":"hostile.csv","counts":${COUNTS}}`],
    ['an array', `[{"filename":"hostile.csv","counts":${COUNTS}}]`],
    ['text', '"hostile.csv"'],
    ['a number', '7'],
    ['null', 'null'],
    ['a trailing comma', `{"filename":"hostile.csv","counts":${COUNTS},}`],
    ['a comment', `{"filename":"hostile.csv",/**/"counts":${COUNTS}}`],
    ['single quotes', `{'filename':'hostile.csv'}`],
    ['NaN', '{"filename":"hostile.csv","counts":{"done":NaN,"warn":0,"failed":0}}'],
    ['Infinity', '{"filename":"hostile.csv","counts":{"done":Infinity,"warn":0,"failed":0}}'],
    ['two values', `{"filename":"hostile.csv","counts":${COUNTS}} {}`],
    ['a byte order mark', utf8(`\ufeff{"filename":"hostile.csv","counts":${COUNTS}}`)],
    ['UTF-16', new Uint8Array(Buffer.from(`\ufeff{"filename":"hostile.csv","counts":${COUNTS}}`, 'utf16le'))],
    ['no UTF-8', new Uint8Array(Buffer.from(`{"filename":"hostile.csv\xff","counts":${COUNTS}}`, 'latin1'))],
    ['overlong UTF-8', new Uint8Array([...utf8('{"filename":"'), 0xc0, 0xaf, ...utf8(`","counts":${COUNTS}}`)])],
    ['half a surrogate pair', `{"filename":"hostile.csv","x":"\\ud800","counts":${COUNTS}}`],
    ['half a pair as a key', `{"filename":"hostile.csv","\\udc00":1,"counts":${COUNTS}}`],
  ])('%s is refused', async (_, body) => {
    const { errors } = await expectRefused(await send(body), 400, 'INVALID_BODY')
    expect(errors?.length).toBeGreaterThan(0)
  })

  it.each([
    ['filename', { counts }],
    ['filename', { filename: '', counts }],
    ['filename', { filename: { $gt: '' }, counts }],
    ['filename', { filename: ['hostile.csv'], counts }],
    ['filename', { filename: 'x'.repeat(1025), counts }],
    ['filename', { filename: '😀'.repeat(257), counts }],
    ['filename', { filename: 'a\u0000', counts }],
    ['filename', { filename: 'a\n', counts }],
    ['filename', { filename: 'a\u007f', counts }],
    ['filename', { filename: 'a\u0085', counts }],
    ['counts', { filename: 'hostile.csv' }],
    ['counts', { filename: 'hostile.csv', counts: [1, 2, 3] }],
    ['counts', { filename: 'hostile.csv', counts: null }],
    ['counts.failed', { filename: 'hostile.csv', counts: { done: 1, warn: 1 } }],
    ['total', { filename: 'hostile.csv', counts, total: 0 }],
    ['total', { filename: 'hostile.csv', counts, total: '10' }],
    ['total', { filename: 'hostile.csv', counts, total: 2 ** 53 }],
    ['isLast', { filename: 'hostile.csv', counts, isLast: 'true' }],
    ['isLast', { filename: 'hostile.csv', counts, isLast: null }],
    ['outcome', { filename: 'hostile.csv', counts, outcome: 'failed' }],
    ['outcome', { filename: 'hostile.csv', counts, isLast: true, outcome: 'exploded' }],
    ['reason', { filename: 'hostile.csv', counts, isLast: true, reason: 'é'.repeat(513) }],
    ['updateId', { filename: 'hostile.csv', counts, updateId: '' }],
    ['updateId', { filename: 'hostile.csv', counts, updateId: 'a\u0001' }],
    ['updateId', { filename: 'hostile.csv', counts, updateId: 7 }],
    ['errors', { filename: 'hostile.csv', counts, errors: { length: 1e9 } }],
    ['errors.0', { filename: 'hostile.csv', counts, errors: ['bad'] }],
    ['errors.0.message', { filename: 'hostile.csv', counts, errors: [{ line: 1 }] }],
    ['errors.0.message', { filename: 'hostile.csv', counts, errors: [{ message: 'x'.repeat(65_537) }] }],
    ['warnings.1.line', { filename: 'hostile.csv', counts, warnings: [{ message: '' }, { line: 0, message: '' }] }],
  ])('names the place %s', async (path, body) => {
    const { errors } = await expectRefused(await send(JSON.stringify(body)), 400, 'INVALID_BODY')
    expect(errors).toEqual([
      { path, pointer: `#/${path.replaceAll('.', '/')}`, message: expect.stringMatching(/^(must|is taken)/) },
    ])
  })

  it.each(['-1', '1.5', '"1"', 'true', 'null', '9007199254740992', '1e400', '-1e-400', '[1]', '{}'])(
    'takes no count of %s',
    async (count) => {
      const body = `{"filename":"hostile.csv","counts":{"done":${count},"warn":0,"failed":0}}`
      // The last but two is so small that it is a zero.
      if (count === '-1e-400') expect((await send(body.replace('hostile', 'tiny'))).status).toBe(200)
      else await expectRefused(await send(body), 400, 'INVALID_BODY')
    },
  )
})

describe('odd bodies that are updates all the same', () => {
  it.each([
    ['-0', 0],
    ['1.0', 1],
    ['1e2', 100],
    ['9007199254740991', 2 ** 53 - 1],
    ['9007199254740991.4', 2 ** 53 - 1],
  ])('a count of %s', async (count, read) => {
    const answer = await send(`{"filename":"count ${count}","counts":{"done":${count},"warn":0,"failed":0}}`)
    const { counts: sums } = await jsonOf(answer)
    expect([answer.status, sums.done, Object.is(sums.done, -0)]).toEqual([200, read, false])
  })

  it.each([
    'a',
    ' ',
    '../../etc/passwd',
    '<img src=x onerror=alert(1)>',
    '=cmd()',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what an attack looks like
    '${jndi:ldap://evil/a}',
    '%2e%2e%2f',
    'a&b=c?d#e+f',
    '\u2028\u202e\u200d',
    '__proto__',
    'é',
    'e\u0301',
    'x'.repeat(1024),
    '😀'.repeat(256),
  ])('the filename %j, kept as it is', async (filename) => {
    expect((await send(JSON.stringify({ filename, counts }))).status).toBe(200)
    const read = await jsonOf(app.request(`${PROGRESS}?filename=${encodeURIComponent(filename)}`))
    expect([read.filename, read.counts.done]).toEqual([filename, 1])
  })

  it('keys that mean something to JavaScript, and 250,000 that mean nothing', async () => {
    const proto = `{"__proto__":{"polluted":1,"filename":"x"},"constructor":{"prototype":{"polluted":1}},"toJSON":1,"filename":"proto.csv","counts":{"done":1,"warn":0,"failed":0,"__proto__":{"done":7}}}`
    expect(await jsonOf(send(proto))).toMatchObject({ filename: 'proto.csv', counts })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    const unknown = Array.from({ length: 250_000 }, (_, n) => `"k${n}":0`).join()
    expect((await send(`{${unknown},"filename":"many.csv","counts":${COUNTS}}`)).status).toBe(200)
  })

  it('a field given twice: the last one counts; 64 levels of what is not read', async () => {
    const twice = `{"filename":"first.csv","filename":"last.csv","counts":{"done":5,"done":1,"warn":0,"failed":0}}`
    expect(await jsonOf(send(twice))).toMatchObject({ filename: 'last.csv', counts })
    const deep = `{"a":${'['.repeat(63)}${']'.repeat(63)},"filename":"deep.csv","counts":${COUNTS}}`
    expect((await send(deep)).status).toBe(200)
  })

  it('the longest messages, all different, and every one of them readable', async () => {
    const errors = Array.from({ length: 70 }, (_, n) => ({ message: `${n} ${'(('.repeat(32_766)}`.slice(0, 65_536) }))
    expect((await send(JSON.stringify({ filename: 'long.csv', counts, errors }))).status).toBe(200)
    const rows = await jsonOf(app.request(`${PROGRESS}/issues?filename=long.csv&limit=1000`))
    expect(rows.map(({ message }: { message: string }) => message)).toEqual(errors.map(({ message }) => message))
  })
})

describe('bodies beyond MAX_BODY_BYTES', () => {
  const large = new Uint8Array(6 * MIB).fill(0x20)

  it('are refused by their length, and the answer gets through', async () => {
    for (let n = 0; n < 5; n += 1) await expectRefused(await send(large), 413, 'BODY_TOO_LARGE')
  })

  it('are refused in chunks, too', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        for (let at = 0; at < large.length; at += MIB) controller.enqueue(large.subarray(at, at + MIB))
        controller.close()
      },
    })
    const init = { method: 'POST', token: TOKEN, headers: JSON_TYPE, body, duplex: 'half' } as const
    await expectRefused(await app.request(PROGRESS, init), 413, 'BODY_TOO_LARGE')
  })

  it('of endless length end with the connection', async () => {
    using connection = await openConnection(app.port)
    connection.write(
      `POST ${PROGRESS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n`,
    )
    expect(await connection.answer()).toMatchObject({ status: 413 })
    const flood = setInterval(() => connection.socket.writable && connection.write(Buffer.alloc(65_536)), 5)
    await connection.ended.finally(() => clearInterval(flood))
  })

  it('are taken exactly up to it', async () => {
    const body = JSON.stringify({ filename: 'exact.csv', counts })
    expect((await send(body + ' '.repeat(5 * MIB - body.length))).status).toBe(200)
    await expectRefused(await send(body + ' '.repeat(5 * MIB - body.length + 1)), 413, 'BODY_TOO_LARGE')
  })

  it('are not asked for when the caller waits for a word', async () => {
    const head = `POST ${PROGRESS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n`
    const authorized = `${head}Authorization: Bearer ${TOKEN}\r\n`
    expect(await exchange(app.port, `${authorized}Content-Length: 6000000\r\n\r\n`)).toMatchObject({ status: 413 })
    const unknown = await exchange(app.port, `${head}Content-Length: 2\r\n\r\n`)
    expect([unknown.status, unknown.headers.get('connection')]).toEqual([401, 'close'])
    using connection = await openConnection(app.port)
    const body = JSON.stringify({ filename: 'waited.csv', counts })
    connection.write(`${authorized}Content-Length: ${body.length}\r\n\r\n`)
    expect(await connection.answer()).toMatchObject({ status: 100 })
    connection.write(body)
    expect(await connection.answer()).toMatchObject({ status: 200 })
  })
})
