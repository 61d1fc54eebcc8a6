import { describe, expect, it } from 'vitest'
import { aToken, jsonOf, startApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const report = { filename: 'test.csv', counts: { done: 1, warn: 0, failed: 0 } }

describe('POST progress', () => {
  it('creates, then adds up, and answers with the sums', async () => {
    await using app = await startApp()
    const created = await app.post(CLIENT, { ...report, total: 10 })
    expect(created.status).toBe(200)
    expect(await created.json()).toEqual({
      result: 'created',
      clientKrn: CLIENT,
      filename: 'test.csv',
      counts: { done: 1, warn: 0, failed: 0 },
      total: 10,
      isCompleted: false,
      errors: [],
      warnings: [],
    })
    const updated = await app.post(CLIENT, { ...report, counts: { done: 2, warn: 1, failed: 0 }, isLast: true })
    expect(await updated.json()).toMatchObject({
      result: 'updated',
      counts: { done: 3, warn: 1, failed: 0 },
      isCompleted: true,
    })
    const after = await app.post(CLIENT, report)
    expect(after.status).toBe(400)
    expect(after.headers.get('content-type')).toContain('application/problem+json')
    expect(await after.json()).toMatchObject({
      code: 'PROGRESS_COMPLETED',
      error: 'This file processing has already been completed',
      status: 400,
      type: `${app.url}/errors/PROGRESS_COMPLETED`,
    })
  })

  it('answers a repeat with the first result, and refuses its key for another body', async () => {
    await using app = await startApp()
    const headers = { 'idempotency-key': '"k1"' }
    await app.post(CLIENT, report, { headers })
    const repeat = await app.post(CLIENT, report, { headers: { 'idempotency-key': 'k1' } })
    expect(repeat.headers.get('idempotent-replayed')).toBe('true')
    expect(await repeat.json()).toMatchObject({ result: 'created', counts: { done: 1 } })
    const reused = await app.post(CLIENT, { ...report, counts: { done: 2, warn: 0, failed: 0 } }, { headers })
    expect([reused.status, (await jsonOf(reused)).code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  it('groups the issues of an update into patterns', async () => {
    await using app = await startApp()
    const errors = [
      { line: 7, message: 'Unknown country 17' },
      { line: 9, message: 'Unknown country 18' },
    ]
    const answer = await jsonOf(app.post(CLIENT, { ...report, errors }))
    expect(answer.errors).toHaveLength(1)
    expect(answer.errors[0]).toMatchObject({
      count: 2,
      lines: [
        { line: 7, values: ['17'] },
        { line: 9, values: ['18'] },
      ],
    })
  })

  it('checks in the order: token, KRN, body, email, client', async () => {
    await using app = await startApp()
    const noEmail = await aToken({ email: undefined })
    const narrow = await aToken({ clients: ['krn:globex:*'] })
    const bad = { filename: 'x' }
    const code = async (response: Promise<Response>): Promise<string> => (await jsonOf(response)).code
    expect(await code(app.request('/clients/KRN:x/progress', { method: 'POST', body: 'x' }))).toBe('UNAUTHENTICATED')
    expect(await code(app.post('KRN:x', bad, { token: noEmail }))).toBe('INVALID_CLIENT_KRN')
    expect(await code(app.post(CLIENT, bad, { token: noEmail }))).toBe('INVALID_BODY')
    expect(await code(app.post(CLIENT, report, { token: await aToken({ email: undefined, clients: [] }) }))).toBe(
      'NO_EMAIL',
    )
    expect(await code(app.post(CLIENT, report, { token: narrow }))).toBe('CLIENT_FORBIDDEN')
    expect(
      await code(
        app.post(CLIENT, report, { token: await aToken() }).then(() => app.post(CLIENT, report, { token: EVE })),
      ),
    ).toBe('NOT_OWNER')
  })
})

const EVE = await aToken({ email: 'eve@example.com' })
