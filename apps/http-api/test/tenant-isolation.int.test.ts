import { ROUTES } from '@pebbles/wire'
import { describe, expect, it } from 'vitest'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const ACME = 'krn:acme:client:prod-001'
/** A neighbour in name: one character more. */
const NEIGHBOUR = 'krn:acme:client:prod-0011'
const counts = { done: 3, warn: 0, failed: 2 }
const NAMES = ['orders.csv', 'stock.csv', 'clients.csv']

/** Both clients have files of the same names, sums and times; all that is told of them apart is a word. */
const fill = async (app: TestApp): Promise<void> => {
  app.setNow(Date.UTC(2026, 0, 15, 12))
  for (const [client, word] of [
    [ACME, 'anvil'],
    [NEIGHBOUR, 'secret'],
  ] as const) {
    const token = await aToken({ email: `${word}@example.com` })
    for (const filename of [...NAMES, `${word}.csv`]) {
      const errors = [{ line: 1, message: `${word} is missing` }]
      expect((await app.post(client, { filename, counts, errors }, { token })).status).toBe(200)
    }
  }
}

/** What a client can be asked, for every route under it: with each filter, format and page. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  readProgress: [
    '',
    '?filename=orders.csv',
    '?filename=secret.csv',
    '?q=secret',
    '?email=secret@example.com',
    '?status=running',
    '?completed=false',
    '?updatedSince=2020-01-01T00:00:00Z',
    '?limit=1',
    '?limit=1&q=.csv',
    `?clientKrn=${NEIGHBOUR}`,
  ],
  listIssues: ['?filename=orders.csv', '?filename=orders.csv&pattern=secret+is+missing', '?filename=secret.csv'],
  listHistory: ['?filename=orders.csv', '?filename=orders.csv&limit=1', '?filename=secret.csv'],
  readSummary: [''],
}
/** Events never end, so they have tests of their own. */
const UNDER_A_CLIENT = ROUTES.filter(
  ({ method, path, operationId }) => method === 'GET' && path.includes('{clientKrn}') && operationId !== 'streamEvents',
)
const asked = function* (client: string): Generator<string> {
  for (const { operationId, path } of UNDER_A_CLIENT)
    for (const query of QUESTIONS[operationId] ?? []) yield path.replace('{clientKrn}', client) + query
}
const nextOf = (answer: Response, app: TestApp): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]?.slice(app.url.length)

describe('tenants never see each other', () => {
  it('has a question for every route', () => {
    expect(UNDER_A_CLIENT.map(({ operationId }) => operationId).filter((id) => !(id in QUESTIONS))).toEqual([])
  })

  it.each([undefined, 'text/csv', 'application/x-ndjson'])('by any route, filter or page, as %s', async (accept) => {
    await using app = await startApp()
    await fill(app)
    for (const question of asked(ACME)) {
      let path: string | undefined = question
      while (path !== undefined) {
        const answer: Response = await app.request(path, accept === undefined ? {} : { headers: { accept } })
        const text = await answer.text()
        // A refusal names the caller's own question, and nothing else.
        if (answer.status === 200) expect(text).not.toMatch(/secret|prod-0011/)
        else expect([answer.status, text]).toEqual([404, expect.not.stringMatching(/prod-0011|is missing/)])
        path = nextOf(answer, app)
      }
    }
    const all = await jsonOf(app.request(`/clients/${ACME}/progress`))
    expect(all).toHaveLength(NAMES.length + 1)
    expect(await jsonOf(app.request(`/clients/${ACME}/progress/summary`))).toMatchObject({ files: 4 })
  })

  it('by a cursor of another client, route or filter', async () => {
    await using app = await startApp()
    await fill(app)
    const cursorOf = async (path: string): Promise<string> =>
      new URL(nextOf(await app.request(path), app) ?? '', app.url).searchParams.get('cursor') ?? ''
    const list = await cursorOf(`/clients/${NEIGHBOUR}/progress?limit=1`)
    expect(list).not.toBe('')
    for (const path of [
      `/clients/${ACME}/progress?limit=1&cursor=${list}`,
      `/clients/${NEIGHBOUR}/progress?limit=1&q=csv&cursor=${list}`,
      `/clients/${NEIGHBOUR}/progress/history?filename=orders.csv&cursor=${list}`,
      `/clients/${NEIGHBOUR}/progress/issues?filename=orders.csv&cursor=${list}`,
    ]) {
      const answer = await app.request(path)
      expect([answer.status, (await jsonOf(answer)).code]).toEqual([400, 'INVALID_CURSOR'])
    }
  })

  it("by another client's ETag, though the bytes were the same", async () => {
    await using app = await startApp()
    await fill(app)
    for (const question of asked(NEIGHBOUR)) {
      const etag = (await app.request(question)).headers.get('etag')
      if (etag === null) continue
      const headers = { 'if-none-match': etag }
      expect((await app.request(question, { headers })).status).toBe(304)
      const other = await app.request(question.replace(NEIGHBOUR, ACME), { headers })
      expect(other.status).not.toBe(304)
    }
  })

  it('by a name that only looks the same', async () => {
    await using app = await startApp()
    await fill(app)
    for (const name of [
      'KRN:acme:client:prod-0011',
      'krn:acme:client:prod-0011%00',
      'krn:acme:client:prod-0011%20',
      'krn%253Aacme%253Aclient%253Aprod-0011',
      'krn:acme:client:prod-001%2F..%2Fkrn:acme:client:prod-0011',
      `${ACME}%2C${NEIGHBOUR}`,
      'ｋｒｎ:acme:client:prod-0011',
      'krn:аcme:client:prod-0011',
    ]) {
      const answer = await app.request(`/clients/${name}/progress`)
      expect([name, answer.status, (await jsonOf(answer)).code]).toEqual([name, 400, 'INVALID_CLIENT_KRN'])
    }
  })

  it('in GET /clients, for an administrator of some', async () => {
    await using app = await startApp()
    await fill(app)
    const seen = async (clients: unknown): Promise<string[]> => {
      const token = await aToken({ pebbles_admin: true, ...(clients === undefined ? {} : { clients }) })
      const rows: { clientKrn: string }[] = await jsonOf(app.request('/clients', { token }))
      return rows.map(({ clientKrn }) => clientKrn).sort()
    }
    expect(await seen(undefined)).toEqual([ACME, NEIGHBOUR])
    expect(await seen([ACME])).toEqual([ACME])
    expect(await seen([`${ACME}*`])).toEqual([])
    expect(await seen(NEIGHBOUR)).toEqual([])
  })

  it('by deleting, or by writing to a file of the same name', async () => {
    await using app = await startApp()
    await fill(app)
    const token = await aToken({ email: 'secret@example.com' })
    const path = `/clients/${ACME}/progress?filename=orders.csv`
    expect((await app.request(path, { method: 'DELETE', token })).status).toBe(403)
    expect((await app.post(ACME, { filename: 'orders.csv', counts }, { token })).status).toBe(403)
    expect(await jsonOf(app.request(path))).toMatchObject({ version: 1, email: 'anvil@example.com' })
  })
})
