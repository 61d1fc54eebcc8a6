import { afterEach, describe, expect, it, vi } from 'vitest'
import { createRemoteKeySet, type RemoteKeySet } from '../src/auth/remote-key-set.ts'
import { createSigningKey, keySet, startKeyServer } from './key-server.ts'
import { jsonOf, startApp, type TestApp } from './start-app.ts'

const OLD = await createSigningKey('RS256', 'old')
const NEW = await createSigningKey('RS256', 'new')
const SECOND = 1_000
const PROGRESS = '/clients/krn:acme:client:prod-001/progress'

/** A key set on a clock that only the test moves. */
const heldKeySet = (url: string): { keys: RemoteKeySet; failures: unknown[]; pass: (ms: number) => void } => {
  let now = 0
  const failures: unknown[] = []
  const keys = createRemoteKeySet(new URL(url), { monotonic: () => now, onFailure: (error) => failures.push(error) })
  return {
    keys,
    failures,
    pass: (ms) => {
      now += ms
    },
  }
}
const found = async (keys: RemoteKeySet, kid: string): Promise<number> =>
  (await keys.keysFor({ alg: 'RS256', kid })).length

describe('a key set', () => {
  it('is fetched once, by the first token that needs it, however many come', async () => {
    await using provider = await startKeyServer(keySet(OLD.jwk))
    const { keys } = heldKeySet(provider.url)
    expect(provider.asked).toEqual([])
    const all = await Promise.all(Array.from({ length: 50 }, () => found(keys, 'old')))
    expect([new Set(all), provider.asked.length]).toEqual([new Set([1]), 1])
  })

  it('is fetched anew for an unknown kid, once within 30 s however many come', async () => {
    await using provider = await startKeyServer(keySet(OLD.jwk))
    const { keys, pass } = heldKeySet(provider.url)
    await found(keys, 'old')
    provider.answer = keySet(OLD.jwk, NEW.jwk)
    pass(29 * SECOND)
    expect([await found(keys, 'new'), provider.asked.length]).toEqual([0, 1])
    pass(2 * SECOND)
    expect([await found(keys, 'new'), provider.asked.length]).toEqual([1, 2])
    for (let n = 0; n < 1_000; n += 1) expect(await found(keys, `unknown ${n}`)).toBe(0)
    expect(provider.asked).toHaveLength(2)
    pass(31 * SECOND)
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => found(keys, `unknown ${n}`)))
    expect(provider.asked).toHaveLength(3)
  })

  it('is looked at anew when it is old, without anybody waiting, and a key that left is no key', async () => {
    await using provider = await startKeyServer(keySet(OLD.jwk))
    const { keys, pass } = heldKeySet(provider.url)
    expect([await found(keys, 'old'), keys.generation()]).toEqual([1, 1])
    pass(301 * SECOND)
    expect(await found(keys, 'old')).toBe(1)
    await expect.poll(() => provider.asked.length).toBe(2)
    // The same keys are no change.
    pass(301 * SECOND)
    provider.answer = keySet(NEW.jwk)
    expect([await found(keys, 'old'), keys.generation()]).toEqual([1, 1])
    await expect.poll(() => keys.generation()).toBe(2)
    expect(await found(keys, 'old')).toBe(0)
    expect(await found(keys, 'new')).toBe(1)
  })

  const canaryAnswer = keySet(OLD.jwk)
  it.each<[string, (canary: string) => Parameters<typeof startKeyServer>[0]]>([
    ['an error', () => (_, response) => response.writeHead(500).end('{"keys":[]}')],
    ['an error with keys', () => (_, response) => response.writeHead(404).end(JSON.stringify({ keys: [OLD.jwk] }))],
    ['no JSON', () => (_, response) => response.end('<html>')],
    ['other JSON', () => (_, response) => response.end('{"keys":{}}')],
    ['null', () => (_, response) => response.end('null')],
    ['no keys', () => keySet()],
    ['10 MB', () => (_, response) => response.end(JSON.stringify({ keys: [OLD.jwk], x: 'x'.repeat(10_000_000) }))],
    ['a redirect', (canary) => (_, response) => response.writeHead(302, { location: canary }).end()],
    ['nothing', () => (request) => request.socket.destroy()],
    [
      'half an answer',
      () => (request, response) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write('{"keys":[', () => request.socket.destroy())
      },
    ],
  ])('that is %s leaves the keys that are known, and is unavailable without any', async (_, answering) => {
    await using canary = await startKeyServer(canaryAnswer)
    await using provider = await startKeyServer(answering(canary.url))
    const { keys, pass, failures } = heldKeySet(provider.url)
    await expect(found(keys, 'old')).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' })
    expect(failures).toHaveLength(1)
    // Not asked again at once, but soon: nobody can come in meanwhile.
    await expect(found(keys, 'old')).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' })
    expect(provider.asked).toHaveLength(1)
    const bad = provider.answer
    provider.answer = keySet(OLD.jwk)
    pass(SECOND)
    expect(await found(keys, 'old')).toBe(1)

    provider.answer = bad
    pass(400 * SECOND)
    expect(await found(keys, 'old')).toBe(1)
    await expect.poll(() => failures.length).toBe(2)
    expect([await found(keys, 'old'), await found(keys, 'new'), keys.generation()]).toEqual([1, 0, 1])
    expect(canary.asked).toEqual([])
  })

  it('that never comes is given up after 5 s', async () => {
    await using provider = await startKeyServer((_, response) => response.flushHeaders())
    const { keys, failures } = heldKeySet(provider.url)
    await expect(found(keys, 'old')).rejects.toMatchObject({ code: 'AUTH_UNAVAILABLE' })
    expect(failures).toMatchObject([{ name: 'TimeoutError' }])
  })

  it('with keys of other kinds beside serves those that fit', async () => {
    const edwards = { kty: 'OKP', crv: 'Ed25519', kid: 'old', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    const broken = { kty: 'RSA', kid: 'broken', e: 'AQAB' }
    const encryption = { ...OLD.jwk, kid: 'enc', use: 'enc' }
    await using provider = await startKeyServer(keySet(edwards, broken, encryption, OLD.jwk))
    const { keys } = heldKeySet(provider.url)
    expect(await found(keys, 'old')).toBe(1)
    expect(await found(keys, 'enc')).toBe(0)
    expect(await found(keys, 'broken')).toBe(0)
  })
})

describe('tokens of a provider', () => {
  afterEach(() => {
    vi.useRealTimers()
  })
  const reading = (jwksUrl: string): Promise<TestApp> =>
    startApp({ settings: { readAuth: 'jwt' }, keys: { secret: null, jwksUrl } })
  const statusOf = async (app: TestApp, token: string): Promise<number> =>
    (await app.request(PROGRESS, { token })).status

  it('that is away from the start are neither taken nor refused', async () => {
    await using provider = await startKeyServer((_, response) => response.writeHead(503).end())
    await using app = await reading(provider.url)
    const answer = await app.request(PROGRESS, { token: await OLD.sign() })
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('www-authenticate')]).toEqual([
      503,
      '1',
      null,
    ])
    expect(await jsonOf(answer)).toMatchObject({ code: 'AUTH_UNAVAILABLE', retryAfter: 1 })
    // What no key of any provider could save is refused all the same.
    expect((await app.request(PROGRESS)).status).toBe(401)
    expect(await statusOf(app, 'x.y.z')).toBe(401)
    provider.answer = keySet(OLD.jwk)
    const token = await OLD.sign()
    await expect.poll(() => statusOf(app, token), { timeout: 20_000 }).toBe(200)
  })

  it('are forgotten when its keys change', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    await using provider = await startKeyServer(keySet(OLD.jwk))
    await using app = await reading(provider.url)
    const [old, fresh] = [await OLD.sign(), await NEW.sign()]
    expect(await statusOf(app, old)).toBe(200)
    provider.answer = keySet(NEW.jwk)
    expect([await statusOf(app, old), await statusOf(app, fresh)]).toEqual([200, 401])
    vi.advanceTimersByTime(31 * SECOND)
    // Remembered for a minute, but the keys that it was verified by are gone with this one.
    expect(await statusOf(app, old)).toBe(200)
    expect(await statusOf(app, fresh)).toBe(200)
    expect(await statusOf(app, old)).toBe(401)
  })

  it('of EdDSA are refused, though their key is in the set', async () => {
    const edwards = await createSigningKey('EdDSA', 'ed')
    await using provider = await startKeyServer(keySet(edwards.jwk, OLD.jwk))
    await using app = await reading(provider.url)
    const answer = await app.request(PROGRESS, { token: await edwards.sign() })
    expect([answer.status, (await jsonOf(answer)).code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(provider.asked).toEqual([])
    expect(await statusOf(app, await OLD.sign())).toBe(200)
  })
})
