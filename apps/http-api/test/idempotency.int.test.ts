import { StoreUnavailable } from '@pebbles/core'
import { createMemoryStore, newFileId, type TestStore } from '@pebbles/core/testing'
import { describe, expect, it } from 'vitest'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const OTHER = 'krn:globex:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const report = { filename: 'a.csv', counts: { done: 1, warn: 0, failed: 0 } }
const EVE = await aToken({ email: 'eve@example.com' })

interface Told {
  readonly status: number
  readonly replayed: boolean
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on what it reads
  readonly body: any
}
const post = async (
  app: TestApp,
  body: object,
  { key, token, client = CLIENT }: { key?: string; token?: string; client?: string } = {},
): Promise<Told> => {
  const answer = await app.post(client, body, {
    ...(token === undefined ? {} : { token }),
    headers: key === undefined ? {} : { 'idempotency-key': key },
  })
  return {
    status: answer.status,
    replayed: answer.headers.get('idempotent-replayed') === 'true',
    body: await jsonOf(answer),
  }
}
const remove = (app: TestApp, filename: string): Promise<Response> =>
  aToken().then((token) => app.request(`${PROGRESS}?filename=${filename}`, { method: 'DELETE', token }))
const doneIn = async (app: TestApp, filename = 'a.csv'): Promise<number> =>
  (await jsonOf(app.request(`${PROGRESS}?filename=${filename}`))).counts.done

describe('a repeat under the same Idempotency-Key', () => {
  it('of 50 at once is applied once, and each gets an answer', async () => {
    await using app = await startApp()
    const all = await Promise.all(Array.from({ length: 50 }, () => post(app, report, { key: 'k' })))
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1)
    for (const { status, body } of all) expect([status, body.result, body.counts.done]).toEqual([200, 'created', 1])
    expect(await doneIn(app)).toBe(1)
  })

  it('answers with the first result and the present state, also after completion', async () => {
    await using app = await startApp()
    await post(app, report, { key: 'first' })
    await post(app, report, { key: 'second' })
    await post(app, { ...report, isLast: true, outcome: 'failed' }, { key: 'last' })
    for (const [key, body, result] of [
      ['first', report, 'created'],
      ['second', report, 'updated'],
      ['last', { ...report, isLast: true, outcome: 'failed' }, 'updated'],
    ] as const) {
      const repeat = await post(app, body, { key })
      expect(repeat).toMatchObject({ status: 200, replayed: true })
      expect(repeat.body).toMatchObject({ result, counts: { done: 3 }, isCompleted: true })
    }
    expect((await post(app, report, { key: 'new' })).body.code).toBe('PROGRESS_COMPLETED')
  })

  it('says the same when defaults are spelled out, unknown fields come along, or the key moves into the body', async () => {
    await using app = await startApp()
    await post(app, report, { key: 'k' })
    for (const [body, key] of [
      [{ ...report, total: null, isLast: false, errors: [], warnings: [], extra: 1 }, 'k'],
      [{ counts: { failed: 0, warn: 0, done: 1.0 }, filename: 'a.csv' }, '"k"'],
      [{ ...report, updateId: 'k' }, undefined],
      [{ ...report, updateId: 'ignored, as the header wins' }, 'k'],
    ] as const)
      expect((await post(app, body, key === undefined ? {} : { key })).replayed).toBe(true)
    expect(await doneIn(app)).toBe(1)
  })

  const others: [string, object][] = [
    ['counts', { counts: { done: 2, warn: 0, failed: 0 } }],
    ['total', { total: 10 }],
    ['isLast', { isLast: true }],
    ['outcome', { isLast: true, outcome: 'cancelled' }],
    ['reason', { isLast: true, reason: 'why' }],
    ['errors', { errors: [{ message: 'bad' }] }],
    ['the line of an error', { errors: [{ line: 1, message: 'bad' }] }],
    ['warnings', { warnings: [{ message: 'bad' }] }],
  ]
  it.each(others)('with other %s is refused, and changes nothing', async (_, change) => {
    await using app = await startApp()
    await post(app, report, { key: 'k' })
    const reused = await post(app, { ...report, ...change }, { key: 'k' })
    expect([reused.status, reused.body.code, reused.replayed]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED', false])
    expect(await jsonOf(app.request(`${PROGRESS}?filename=a.csv`))).toMatchObject({ version: 1, isCompleted: false })
  })

  it('counts within its file: another file or client may use it', async () => {
    await using app = await startApp()
    await post(app, report, { key: 'k' })
    expect(await post(app, { ...report, filename: 'b.csv' }, { key: 'k' })).toMatchObject({
      status: 200,
      replayed: false,
    })
    expect(await post(app, report, { key: 'k', client: OTHER })).toMatchObject({ status: 200, replayed: false })
  })

  it('by another email is no repeat: the owner rule answers', async () => {
    await using app = await startApp()
    await post(app, report, { key: 'k' })
    expect((await post(app, report, { key: 'k', token: EVE })).body.code).toBe('NOT_OWNER')
    expect(await doneIn(app)).toBe(1)
  })

  it('of what was refused is tried anew', async () => {
    await using app = await startApp()
    await post(app, { ...report, filename: 'full.csv', counts: { done: 2 ** 53 - 1, warn: 0, failed: 0 } })
    expect((await post(app, { ...report, filename: 'full.csv' }, { key: 'k' })).body.code).toBe('COUNTS_OVERFLOW')
    const heartbeat = { filename: 'full.csv', counts: { done: 0, warn: 0, failed: 0 } }
    expect(await post(app, heartbeat, { key: 'k' })).toMatchObject({ status: 200, replayed: false })
    await post(app, report, { token: EVE })
    expect((await post(app, report, { key: 'k2' })).body.code).toBe('NOT_OWNER')
    const admin = await aToken({ email: 'root@example.com', pebbles_admin: true })
    expect((await app.request(`${PROGRESS}?filename=a.csv`, { method: 'DELETE', token: admin })).status).toBe(204)
    expect(await post(app, report, { key: 'k2' })).toMatchObject({ status: 200, replayed: false })
  })

  it('of a deleted life is known as such, by its body and its email, for 15 days', async () => {
    await using app = await startApp()
    const start = Date.UTC(2026, 0, 15)
    const day = 86_400_000
    app.setNow(start)
    await post(app, report, { key: 'first' })
    await post(app, report, { key: 'second' })
    expect((await remove(app, 'a.csv')).status).toBe(204)
    for (const days of [0, 1, 14]) {
      app.setNow(start + days * day)
      for (const [key, result] of [
        ['first', 'created'],
        ['second', 'updated'],
      ] as const) {
        const repeat = await post(app, report, { key })
        expect(repeat).toEqual({
          status: 200,
          replayed: true,
          body: { result, clientKrn: CLIENT, filename: 'a.csv', deleted: true },
        })
      }
      expect((await post(app, { ...report, total: 7 }, { key: 'first' })).status).toBe(422)
    }
    expect((await app.request(`${PROGRESS}?filename=a.csv`)).status).toBe(404)
    // The name is free, for anybody, and its earlier keys stay known.
    expect((await post(app, report, { key: 'third', token: EVE })).body.result).toBe('created')
    expect(await post(app, report, { key: 'first' })).toMatchObject({ replayed: true, body: { deleted: true } })
    expect(await doneIn(app)).toBe(1)
  })
})

describe('a store that fails in the middle', () => {
  /** Fails the next commit after it was stored, or before. */
  const failing = (): TestStore & { failNext: (when: 'before' | 'after') => void } => {
    const store = createMemoryStore({ newFileId })
    let next: 'before' | 'after' | null = null
    return {
      ...store,
      failNext: (when) => {
        next = when
      },
      commit: async (changes) => {
        const when = next
        next = null
        if (when === 'before') throw new StoreUnavailable('away')
        const results = await store.commit(changes)
        if (when === 'after') throw new StoreUnavailable('gone')
        return results
      },
    }
  }

  it.each(['before', 'after'] as const)(
    '%s it stored an update: unknown, and a repeat under the key is safe',
    async (when) => {
      const store = failing()
      await using app = await startApp({ store })
      store.failNext(when)
      const answer = await app.post(CLIENT, report, { headers: { 'idempotency-key': 'k' } })
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await jsonOf(answer)).toMatchObject({ code: 'STORE_UNAVAILABLE', outcome: 'unknown' })
      const repeat = await post(app, report, { key: 'k' })
      expect(repeat).toMatchObject({ status: 200, replayed: when === 'after', body: { result: 'created' } })
      expect(await doneIn(app)).toBe(1)
    },
  )
})

describe('a batch', () => {
  const batch = async (app: TestApp, updates: unknown, key?: string, token?: string): Promise<Response> =>
    app.request(`${PROGRESS}/batch`, {
      method: 'POST',
      token: token ?? (await aToken()),
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
      body: JSON.stringify({ updates }),
    })
  const results = async (answer: Promise<Response>): Promise<{ status: number; code?: string; replayed?: boolean }[]> =>
    (await jsonOf(answer)).results

  it('gives each update an id of the key and its index, in a name space that no caller can name', async () => {
    await using app = await startApp()
    const updates = [report, report, { ...report, updateId: 'own' }]
    expect((await results(batch(app, updates, 'k'))).map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await results(batch(app, updates, 'k'))).map(({ replayed }) => replayed)).toEqual([true, true, true])
    expect(await doneIn(app)).toBe(3)
    for (const key of ['k', 'k#0', 'batch:k#0', '0']) expect((await post(app, report, { key })).replayed).toBe(false)
    expect((await post(app, report, { key: 'own' })).replayed).toBe(true)
    expect((await results(batch(app, [{ ...report, total: 9 }], 'k')))[0]).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
  })

  it('takes an update once that it holds twice, and answers each, in order', async () => {
    await using app = await startApp()
    const updates = Array.from({ length: 10 }, () => ({ ...report, updateId: 'same' }))
    const answers = await results(batch(app, updates))
    expect(answers.map(({ replayed = false }) => replayed)).toEqual([false, ...Array(9).fill(true)])
    expect(await doneIn(app)).toBe(1)
  })

  it('lets each update stand alone: what is refused changes nothing for the others', async () => {
    await using app = await startApp()
    await post(app, { ...report, filename: 'eve.csv' }, { token: EVE })
    const updates = [
      { ...report, isLast: true },
      report,
      null,
      { ...report, filename: 'eve.csv' },
      { ...report, filename: 'b.csv', counts: { done: 'x' } },
      { ...report, filename: 'c.csv' },
    ]
    const answers = await results(batch(app, updates))
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [200, undefined],
      [400, 'PROGRESS_COMPLETED'],
      [400, 'INVALID_BODY'],
      [403, 'NOT_OWNER'],
      [400, 'INVALID_BODY'],
      [200, undefined],
    ])
    expect(answers[4]).toMatchObject({
      errors: expect.arrayContaining([
        expect.objectContaining({ path: 'updates.4.counts.done', pointer: '#/updates/4/counts/done' }),
      ]),
    })
    const { requestId } = answers[1] as { requestId?: string }
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect((await app.request(`${PROGRESS}?filename=b.csv`)).status).toBe(404)
  })

  it.each([[[]], [null], [{}], ['x'], [Array(1001).fill(report)]])(
    'of no 1 to 1,000 updates is refused whole',
    async (updates) => {
      await using app = await startApp()
      const answer = await batch(app, updates)
      expect([answer.status, (await jsonOf(answer)).code]).toEqual([400, 'INVALID_BODY'])
      expect(await jsonOf(app.request(PROGRESS))).toEqual([])
    },
  )

  it('needs an email and the client before anything of it is looked at', async () => {
    await using app = await startApp()
    expect((await jsonOf(batch(app, [report], 'k', await aToken({ email: undefined })))).code).toBe('NO_EMAIL')
    expect((await jsonOf(batch(app, [report], 'k', await aToken({ clients: [OTHER] })))).code).toBe('CLIENT_FORBIDDEN')
    expect((await jsonOf(batch(app, {}, 'k', await aToken({ clients: [OTHER] })))).code).toBe('INVALID_BODY')
  })
})
