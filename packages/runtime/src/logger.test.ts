import { expect, it } from 'vitest'
import { createLogger, type Logger } from './logger.ts'

const listen = (
  level: 'info' | 'silent' = 'info',
): { log: Logger; lines: string[]; last: () => Record<string, unknown> } => {
  const lines: string[] = []
  const log = createLogger({ name: 'test', level }, { write: (line: string) => void lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

it('writes one line of JSON for each event, with an ISO time and a level that is a word', () => {
  const { log, lines, last } = listen()
  log.child({ requestId: 'r-1' }).warn({ route: '/a' }, 'first\nsecond')
  log.debug('not shown')
  expect(lines).toHaveLength(1)
  expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
  expect(last()).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    name: 'test',
    pid: process.pid,
    requestId: 'r-1',
    route: '/a',
    msg: 'first\nsecond',
  })
})

it('hides what is secret by its name, in any case and at any depth', () => {
  const { log, lines, last } = listen()
  log.child({ token: 'hush' }).info(
    {
      Authorization: 'Basic hush"hush\\',
      api_key: 12345,
      access_token: ['hush', 'hush'],
      deep: { deeper: { deepest: { headers: { 'Set-Cookie': 'hush' } } } },
      JWT_SECRET: 'hush',
      config: { jwtSecret: 'hush', mongoUri: 'hush', kafkaSaslPassword: 'hush', port: 1 },
      req: { headers: { authorization: 'hush', cookie: 'hush', host: 'a' } },
      sasl: { username: 'a', password: 'hush' },
    },
    'x',
  )
  expect(lines.join()).not.toContain('hush')
  expect(last()).toMatchObject({
    token: '(hidden)',
    api_key: '(hidden)',
    access_token: '(hidden)',
    config: { port: 1 },
    req: { headers: { host: 'a' } },
    sasl: { username: 'a', password: '(hidden)' },
    msg: 'x',
  })
})

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImFAYi5jIn0.c2lnbmF0dXJl'
it('does not take the text of a message for a field', () => {
  const { log, last } = listen()
  const msg = 'sent {"token":"x"}, got "token":"y"'
  log.info({ tokens: 2, secretary: 'a' }, msg)
  expect(last()).toMatchObject({ tokens: 2, secretary: 'a', msg })
})

it.for([
  ['a password in an address', 'mongodb://root:hu/sh@h@db:27017/pebbles', 'mongodb://(hidden)@db:27017/pebbles'],
  [
    'a user in an address',
    'GET https://hush:hush@sqs.example.com/1/q?a=b@c',
    'GET https://(hidden)@sqs.example.com/1/q?a=b@c',
  ],
  ['a bearer token', 'Authorization: Bearer hush.hush-hush==', 'Authorization: Bearer (hidden)'],
  ['a JSON web token', `token ${jwt} refused`, 'token (hidden) refused'],
  ['a private key', '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----', '(hidden)'],
  [
    'nothing',
    'https://example.com/a@b at file:///node_modules/@scope/x.js',
    'https://example.com/a@b at file:///node_modules/@scope/x.js',
  ],
])('hides %s by its form, in texts and fields and errors', ([, text = '', shown]) => {
  const { log, lines, last } = listen()
  log.error({ url: text, list: [text], err: new Error(text) }, text)
  expect(last()).toMatchObject({ url: shown, list: [shown], err: { message: shown }, msg: shown })
  expect(lines.join()).not.toMatch(/hush|eyJ/)
})

it('tells an error with its code and its causes, even when they go in circles', () => {
  const { log, last } = listen()
  const root = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', connection: { huge: true } })
  log.error({ err: new AggregateError([root], 'all failed', { cause: root }) }, 'x')
  expect(last()['err']).toMatchObject({
    type: 'AggregateError',
    message: 'all failed',
    stack: expect.stringContaining('logger.test.ts'),
    cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    errors: [{ code: 'ECONNREFUSED' }],
  })
  expect(JSON.stringify(last())).not.toContain('huge')
  root.cause = root
  log.error({ err: root }, 'x')
  log.error({ err: 'no error at all' }, 'x')
  expect(last()['err']).toBe('no error at all')
})

it('has no character that acts on a terminal', () => {
  const { log, lines, last } = listen()
  const hostile = '\u001b[2J\u009b31m\u007f\u0000\u202e\u2028\u2066ok'
  log.info({ name2: hostile }, hostile)
  expect(lines[0]?.slice(0, -1)).toMatch(/^[\x20-\x7e]+$/)
  expect(last()).toMatchObject({ name2: hostile, msg: hostile })
})

it('is silent when asked to be', () => {
  const { log, lines } = listen('silent')
  log.fatal('x')
  expect(lines).toEqual([])
})
