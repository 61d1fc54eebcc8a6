import type { ClientKrn } from '@pebbles/core'
import { type OperationId, ROUTES, type RouteAuth } from '@pebbles/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aToken, jsonOf, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const counts = { done: 1, warn: 0, failed: 1 }
const hourAgo = Math.floor(Date.now() / 1000) - 3600

/** Who asks. Those without `bad` have a token that this server verifies. */
const CALLERS = {
  'no token': null,
  'a token without the clients claim': await aToken(),
  "another client's token": await aToken({ clients: ['krn:globex:client:prod-001', 'krn:globex:*'] }),
  "the client's token": await aToken({ clients: [CLIENT] }),
  'a prefix token': await aToken({ clients: ['krn:acme:*'] }),
  'a prefix that ends within a name': await aToken({ clients: ['krn:acme:client:prod-00*', '*', 'krn:acme:client'] }),
  'a clients claim that is no list': await aToken({ clients: CLIENT }),
  'a token without an email': await aToken({ email: undefined }),
  'an administrator': await aToken({ email: 'root@example.com', pebbles_admin: true }),
  'an administrator of the client': await aToken({ email: 'root@example.com', pebbles_admin: true, clients: [CLIENT] }),
  'an administrator of another client': await aToken({ pebbles_admin: true, clients: ['krn:globex:*'] }),
  'an administrator in words only': await aToken({ email: 'root@example.com', pebbles_admin: 'true' }),
  'an expired token': await aToken({ exp: hourAgo }),
  'a token that is not valid yet': await aToken({ nbf: hourAgo + 7200 }),
  'a wrong signature': await aToken({}, { secret: 'another secret of thirty-two bytes' }),
} as const
type Caller = keyof typeof CALLERS

const UNKNOWN: readonly Caller[] = [
  'no token',
  'an expired token',
  'a token that is not valid yet',
  'a wrong signature',
]
const ELSEWHERE: readonly Caller[] = [
  "another client's token",
  'a prefix that ends within a name',
  'a clients claim that is no list',
  'an administrator of another client',
]
const ADMINISTRATORS: readonly Caller[] = [
  'an administrator',
  'an administrator of the client',
  'an administrator of another client',
]

/** What the registry's `auth` of a route promises to a caller: a code of refusal, or null for an answer. */
const promised = (auth: RouteAuth, caller: Caller, readAuth: 'public' | 'jwt'): string | null => {
  switch (auth) {
    case 'none':
      return null
    case 'reader':
      if (readAuth === 'public') return null
      if (UNKNOWN.includes(caller)) return 'UNAUTHENTICATED'
      return ELSEWHERE.includes(caller) ? 'CLIENT_FORBIDDEN' : null
    case 'token':
      if (UNKNOWN.includes(caller)) return 'UNAUTHENTICATED'
      if (caller === 'a token without an email') return 'NO_EMAIL'
      return ELSEWHERE.includes(caller) ? 'CLIENT_FORBIDDEN' : null
    case 'owner':
      if (UNKNOWN.includes(caller)) return 'UNAUTHENTICATED'
      if (caller === 'a token without an email') return 'NO_EMAIL'
      if (ELSEWHERE.includes(caller)) return 'CLIENT_FORBIDDEN'
      return caller === 'an administrator in words only' ? 'NOT_OWNER' : null
    case 'admin':
      if (UNKNOWN.includes(caller)) return 'UNAUTHENTICATED'
      return ADMINISTRATORS.includes(caller) ? null : 'ADMIN_REQUIRED'
  }
}

const WRITE = { headers: { 'content-type': 'application/json' } }
/** One request for each route, on a file of its own for each cell. */
const REQUESTS: Readonly<Record<OperationId, (filename: string) => { path: string } & RequestInit>> = {
  recordUpdate: (filename) => ({
    path: PROGRESS,
    ...WRITE,
    body: JSON.stringify({ filename: `new ${filename}`, counts }),
  }),
  recordBatch: (filename) => ({
    path: `${PROGRESS}/batch`,
    ...WRITE,
    body: JSON.stringify({ updates: [{ filename: `new ${filename}`, counts }] }),
  }),
  deleteProgress: (filename) => ({ path: `${PROGRESS}?filename=${filename}` }),
  readProgress: (filename) => ({ path: `${PROGRESS}?filename=${filename}` }),
  listIssues: (filename) => ({ path: `${PROGRESS}/issues?filename=${filename}&kind=error` }),
  listHistory: (filename) => ({ path: `${PROGRESS}/history?filename=${filename}` }),
  readSummary: () => ({ path: `${PROGRESS}/summary` }),
  streamEvents: (filename) => ({ path: `${PROGRESS}/events?filename=${filename}` }),
  listClients: () => ({ path: '/clients' }),
  recordLegacyUpdate: (filename) => ({
    path: '/progress',
    ...WRITE,
    body: JSON.stringify({ filename: `new ${filename}`, counts }),
  }),
  readLegacyProgress: (filename) => ({ path: `/progress?filename=${filename}` }),
  readHealth: () => ({ path: '/health' }),
  readReady: () => ({ path: '/ready' }),
  readMetrics: () => ({ path: '/metrics' }),
  readOpenApi: () => ({ path: '/openapi.json' }),
  readAsyncApi: () => ({ path: '/asyncapi.json' }),
  readApiDocs: () => ({ path: '/api-docs' }),
  readDashboard: () => ({ path: '/' }),
  readMigrationGuide: () => ({ path: '/guides/migrate' }),
  listErrors: () => ({ path: '/errors' }),
  readError: () => ({ path: '/errors/NOT_OWNER' }),
}

describe.each(['public', 'jwt'] as const)('who may ask what, with READ_AUTH=%s', (readAuth) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ settings: { readAuth, legacyClientKrn: CLIENT as ClientKrn } })
  })
  afterAll(() => app[Symbol.asyncDispose]())

  describe.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
    it.each(Object.entries(CALLERS) as [Caller, string | null][])('asked by %s', async (caller, token) => {
      const filename = `${route.operationId}-${Object.keys(CALLERS).indexOf(caller)}`
      await app.post(CLIENT, { filename, counts, errors: [{ message: 'bad' }] }, { token: await aToken() })
      const { path, ...init } = REQUESTS[route.operationId](filename)
      const ask = (method: string): Promise<Response> =>
        app.request(path, { ...init, method, ...(token === null ? {} : { token }) })

      const code = promised(route.auth, caller, readAuth)
      if (route.method === 'GET') expect((await ask('HEAD')).status === 200).toBe(code === null)
      const answer = await ask(route.method)
      if (code === null) {
        expect(answer.status).toBe(route.method === 'DELETE' ? 204 : 200)
        await answer.body?.cancel()
        return
      }
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      const problem = await jsonOf(answer)
      expect(problem).toMatchObject({ code, status: answer.status, requestId: answer.headers.get('x-request-id') })
      expect(route.codes).toContain(code)
      const challenge = answer.headers.get('www-authenticate')
      if (code !== 'UNAUTHENTICATED') expect(challenge).toBeNull()
      else if (token === null) expect(challenge).toBe('Bearer realm="pebbles"')
      else expect(challenge).toMatch(/^Bearer realm="pebbles", error="invalid_token"/)
    })
  })

  it('changed nothing where it refused', async () => {
    const token = await aToken({ pebbles_admin: true })
    const read = async (filename: string): Promise<Response> =>
      app.request(`${PROGRESS}?filename=${encodeURIComponent(filename)}`, { token })
    for (const [index, caller] of (Object.keys(CALLERS) as Caller[]).entries()) {
      for (const { operationId, auth, method } of ROUTES) {
        if (method === 'GET') continue
        const allowed = promised(auth, caller, readAuth) === null
        const name = `${operationId}-${index}`
        if (method === 'DELETE') expect((await read(name)).status).toBe(allowed ? 404 : 200)
        else expect((await read(`new ${name}`)).status).toBe(allowed ? 200 : 404)
      }
    }
  })
})

it('with JWT_CLIENTS_REQUIRED a token without the claim covers nobody, not even for an administrator', async () => {
  await using app = await startApp({ settings: { readAuth: 'jwt' }, clientsRequired: true })
  const status = async (claims: Record<string, unknown>): Promise<readonly number[]> => {
    const token = await aToken(claims)
    const write = await app.post(CLIENT, { filename: 'a.csv', counts }, { token })
    return [write.status, (await app.request(PROGRESS, { token })).status]
  }
  expect(await status({})).toEqual([403, 403])
  expect(await status({ pebbles_admin: true })).toEqual([403, 403])
  expect(await status({ clients: [] })).toEqual([403, 403])
  expect(await status({ clients: ['krn:*'] })).toEqual([200, 200])
  expect(await status({ clients: [CLIENT] })).toEqual([200, 200])
})
