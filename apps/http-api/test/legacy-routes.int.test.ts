import type { ClientKrn } from '@pebbles/core'
import { parseItem } from 'structured-headers'
import { describe, expect, it } from 'vitest'
import type { HttpSettings } from '../src/settings.ts'
import { sqliteStore } from './sqlite-store.ts'
import { aToken, jsonOf, startApp, type TestApp, type TestAppOptions } from './start-app.ts'

const LEGACY = 'krn:default:client:001'
const counts = { done: 1, warn: 0, failed: 0 }
const NOON = Date.UTC(2026, 0, 15, 12)

const start = async (options: TestAppOptions = {}): Promise<TestApp> =>
  startApp({ store: await sqliteStore(), ...options })

const post = async (
  app: TestApp,
  body: object,
  { token, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
): Promise<Response> =>
  app.request('/progress', {
    method: 'POST',
    token: token ?? (await aToken()),
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

describe('POST /progress', () => {
  it('answers in the old form, with the issues of the file so far in order of arrival', async () => {
    await using app = await start()
    const errors = [{ line: 3, message: 'Amount 12 is bad' }, { message: 'no header' }]
    const first = await post(app, { filename: 'a.csv', counts, total: 10, errors })
    expect(first.status).toBe(200)
    expect(await jsonOf(first)).toEqual({
      result: 'created',
      clientKrn: LEGACY,
      filename: 'a.csv',
      counts,
      total: 10,
      isCompleted: false,
      errors,
      warnings: [],
    })
    const more = { errors: [{ line: 1, message: 'Amount 7 is bad' }], warnings: [{ line: 9, message: 'late' }] }
    const second = await post(app, {
      filename: 'a.csv',
      counts: { done: 2, warn: 1, failed: 1 },
      ...more,
      isLast: true,
    })
    expect(await jsonOf(second)).toMatchObject({
      result: 'updated',
      counts: { done: 3, warn: 1, failed: 1 },
      isCompleted: true,
      errors: [...errors, ...more.errors],
      warnings: more.warnings,
    })
    const page = await jsonOf(app.request(`/clients/${LEGACY}/progress?filename=a.csv`))
    expect(page).toMatchObject({ clientKrn: LEGACY, counts: { done: 3 }, issueCounts: { errors: 3, warnings: 1 } })
  })

  it('shows the first 1,000 of each kind, and says that there are more', async () => {
    await using app = await start()
    const many = (count: number, from = 1) =>
      Array.from({ length: count }, (_, n) => ({ line: from + n, message: `bad ${from + n}` }))
    const whole = await jsonOf(post(app, { filename: 'a.csv', counts, errors: many(1000), warnings: many(1000) }))
    expect([whole.errors, whole.warnings]).toEqual([many(1000), many(1000)])
    expect(whole).not.toHaveProperty('linesTruncated')
    const beyond = await jsonOf(post(app, { filename: 'a.csv', counts, errors: many(1, 1001) }))
    expect([beyond.errors, beyond.warnings]).toEqual([many(1000), many(1000)])
    expect(beyond.linesTruncated).toBe(true)
    const record = await jsonOf(app.request('/progress?filename=a.csv'))
    expect([record.errors, record.warnings, record.linesTruncated]).toEqual([many(1000), many(1000), true])
    const [row] = await jsonOf(app.request('/progress'))
    expect([row.errors, row.warnings, row.linesTruncated]).toEqual([many(1000), many(1000), true])
  })

  it('keeps the first total: a later one is ignored, also of updates that come together', async () => {
    await using app = await start()
    await post(app, { filename: 'a.csv', counts })
    expect(await jsonOf(post(app, { filename: 'a.csv', counts, total: 10 }))).toMatchObject({ total: 10 })
    expect(await jsonOf(post(app, { filename: 'a.csv', counts, total: 20 }))).toMatchObject({ total: 10 })
    expect(await jsonOf(post(app, { filename: 'a.csv', counts, total: null }))).toMatchObject({ total: 10 })
    const totals = Array.from({ length: 20 }, (_, n) => post(app, { filename: 'b.csv', counts, total: n + 1 }))
    const answers = await Promise.all(totals.map(jsonOf))
    expect(new Set(answers.map(({ total }) => total)).size).toBe(1)
    const renewed = await app.post(LEGACY, { filename: 'a.csv', counts, total: 30 })
    expect(await jsonOf(renewed)).toMatchObject({ total: 30 })
  })

  it('refuses by the rules and in the words of the old version', async () => {
    await using app = await start()
    const refusal = async (body: object, claims: Record<string, unknown> = {}): Promise<unknown> => {
      const answer = await post(app, body, { token: await aToken(claims) })
      const { code, error, detail } = await jsonOf(answer)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(error).toBe(detail)
      return [answer.status, code, error]
    }
    const eve = { email: 'eve@example.com' }
    await post(app, { filename: 'a.csv', counts })
    expect(await refusal({ filename: 'a.csv', counts }, eve)).toEqual([
      ...[403, 'NOT_OWNER'],
      "Only the original creator can update this file's progress",
    ])
    expect(await refusal({ filename: 'a.csv', counts }, { email: undefined })).toEqual([
      ...[403, 'NO_EMAIL'],
      'No email found in authentication token',
    ])
    await post(app, { filename: 'a.csv', counts, isLast: true })
    expect(await refusal({ filename: 'a.csv', counts })).toEqual([
      ...[400, 'PROGRESS_COMPLETED'],
      'This file processing has already been completed',
    ])
    const missing = await app.request('/progress?filename=none.csv')
    expect([missing.status, (await jsonOf(missing)).error]).toEqual([404, 'Progress not found for this file'])
    expect(await refusal({ filename: 'a.csv', counts }, { clients: ['krn:acme:*'] })).toContain('CLIENT_FORBIDDEN')
    expect(await refusal({ filename: 'a.csv' })).toContain('INVALID_BODY')
  })

  it('takes a key, and answers a repeat in the old form', async () => {
    await using app = await start()
    const body = { filename: 'a.csv', counts, errors: [{ message: 'bad' }] }
    const headers = { 'idempotency-key': 'k1' }
    await post(app, body, { headers })
    const repeat = await post(app, body, { headers })
    expect(repeat.headers.get('idempotent-replayed')).toBe('true')
    expect(await jsonOf(repeat)).toMatchObject({ result: 'created', counts, errors: [{ message: 'bad' }] })
  })

  it('means the client that LEGACY_CLIENT_KRN names', async () => {
    await using app = await start({ settings: { legacyClientKrn: 'krn:acme:client:old' as ClientKrn } })
    await post(app, { filename: 'a.csv', counts })
    expect((await app.request('/clients/krn:acme:client:old/progress?filename=a.csv')).status).toBe(200)
    expect(await jsonOf(app.request('/progress'))).toMatchObject([{ clientKrn: 'krn:acme:client:old' }])
  })
})

describe('the phases', () => {
  const DEPRECATED: Partial<HttpSettings> = {
    legacyRoutes: 'deprecated',
    legacyDeprecatedAt: NOON + 999,
    legacySunsetAt: Date.UTC(2026, 2, 31),
  }
  const ask = async (app: TestApp): Promise<readonly Response[]> => [
    await post(app, { filename: 'a.csv', counts }),
    await app.request('/progress?filename=a.csv'),
    await app.request('/progress'),
    await app.request('/progress?limit=10'),
    await app.request('/progress', { method: 'HEAD' }),
    await app.request('/progress?filename=none.csv'),
    await app.request('/progress', { method: 'POST' }),
  ]
  const STATUSES = [200, 200, 200, 200, 200, 404, 401]

  it('dual: as they were, without a word', async () => {
    await using app = await start()
    const answers = await ask(app)
    expect(answers.map(({ status }) => status)).toEqual(STATUSES)
    for (const { headers } of answers)
      for (const name of ['deprecation', 'sunset', 'link']) expect(headers.get(name)).toBeNull()
  })

  it('deprecated: the same, and every answer says since when, until when and what comes next', async () => {
    await using app = await start({ settings: DEPRECATED })
    const answers = await ask(app)
    expect(answers.map(({ status }) => status)).toEqual(STATUSES)
    for (const { headers } of answers) {
      const [deprecation] = parseItem(headers.get('deprecation') ?? '')
      expect(deprecation).toEqual(new Date(NOON))
      expect(headers.get('sunset')).toBe('Tue, 31 Mar 2026 00:00:00 GMT')
      expect(headers.get('link')).toBe(
        `<${app.url}/clients/${LEGACY}/progress>; rel="successor-version", <${app.url}/guides/migrate>; rel="deprecation"; type="text/html"`,
      )
    }
  })

  it('removed: gone, with the new address; nobody is asked for a token', async () => {
    await using app = await start({ settings: { legacyRoutes: 'removed', publicUrl: 'https://pebbles.example' } })
    for (const method of ['GET', 'POST']) {
      const gone = await app.request('/progress?filename=a.csv', { method })
      expect(gone.status).toBe(410)
      expect(await jsonOf(gone)).toMatchObject({
        code: 'LEGACY_REMOVED',
        error: 'The single-tenant routes were removed',
        successor: `https://pebbles.example/clients/${LEGACY}/progress`,
      })
    }
  })
})

it('the guide that answers link to is a page, with the addresses and the dates of this server', async () => {
  await using app = await start({
    settings: { legacyRoutes: 'deprecated', legacyDeprecatedAt: NOON, legacySunsetAt: NOON + 86_400_000 },
  })
  const link = (await app.request('/progress')).headers.get('link') ?? ''
  const [, guide = ''] = /<([^>]+)>; rel="deprecation"/.exec(link) ?? []
  const page = await fetch(guide)
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  const html = await page.text()
  for (const told of [`POST /clients/${LEGACY}/progress`, '2026-01-15T12:00:00.000Z', '2026-01-16T12:00:00.000Z'])
    expect(html).toContain(told)
})

describe('who still calls', () => {
  const CALLED = 'a single-tenant route was called'
  const named = (app: TestApp) =>
    app.log.filter(({ message }) => message === CALLED).map(({ level, facts }) => [level, facts['caller']])

  it.each([
    ['dual', 'info'],
    ['deprecated', 'warn'],
    ['removed', 'warn'],
  ] as const)('%s: each request is counted, each caller named once a minute at level %s', async (phase, level) => {
    const counted: string[] = []
    await using app = await start({
      settings: { legacyRoutes: phase, legacyDeprecatedAt: NOON },
      deps: { countLegacy: (route) => counted.push(route) },
    })
    const ada = await aToken()
    for (let n = 0; n < 3; n += 1) await post(app, { filename: 'a.csv', counts }, { token: ada })
    await post(app, { filename: 'b.csv', counts }, { token: await aToken({ email: 'eve@example.com' }) })
    for (let n = 0; n < 3; n += 1) await app.request('/progress')
    await app.request('/progress', { method: 'POST', token: 'none' })
    await app.request(`/clients/${LEGACY}/progress`)
    expect(counted).toEqual(Array.from({ length: 8 }, () => '/progress'))
    const emails = phase === 'removed' ? [] : ['ada@example.com', 'eve@example.com']
    expect(named(app)).toEqual([...emails, '127.0.0.1'].map((caller) => [level, caller]))
    app.passTime(59_000)
    await app.request('/progress')
    expect(named(app)).toHaveLength(emails.length + 1)
    app.passTime(1_001)
    await app.request('/progress')
    expect(named(app).at(-1)).toEqual([level, '127.0.0.1'])
    expect(named(app)).toHaveLength(emails.length + 2)
  })
})
