import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSigningKey, type KeyServer, keySet, startKeyServer } from './key-server.ts'
import { exchange } from './raw-socket.ts'
import { aToken, jsonOf, SECRET, startApp, type TestApp } from './start-app.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const counts = { done: 1, warn: 0, failed: 0 }
const NOW = Date.UTC(2026, 0, 15, 12)
const NOW_SECONDS = NOW / 1000

const RSA = await createSigningKey('RS256', 'rsa')
const EC = await createSigningKey('ES256', 'ec')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

/** By what the Authorization header says: who asks for a list that needs a token. */
const ask = async (app: TestApp, authorization: string): Promise<[number, string | null]> => {
  const answer = await app.request(PROGRESS, { headers: { authorization } })
  await answer.body?.cancel()
  return [answer.status, answer.headers.get('www-authenticate')]
}
const accepted = async (app: TestApp, token: string): Promise<boolean> => {
  const [status, challenge] = await ask(app, `Bearer ${token}`)
  if (status === 200) return true
  expect([status, challenge]).toEqual([401, expect.stringMatching(/^Bearer realm="pebbles", error="invalid_token"/)])
  return false
}

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
const claims = { email: 'ada@example.com', exp: NOW_SECONDS + 3600 }
/** A token made by hand, as no library would make it. */
const forge = (header: unknown, payload: unknown, secret: string | Buffer | KeyObject, hash = 'sha256'): string => {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}
const unsigned = (header: unknown): string => `${encode(header)}.${encode(claims)}.`

describe('good tokens', () => {
  it.each(['HS256', 'HS384', 'HS512'])('of %s, by JWT_SECRET', async (alg) => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    expect(await accepted(app, await aToken({}, { alg }))).toBe(true)
  })

  const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']
  it.each(algorithms)('of %s, by JWT_JWKS_URL with and without kid, and by JWT_PUBLIC_KEY', async (alg) => {
    const key = await createSigningKey(alg, 'k')
    const nameless = await createSigningKey(alg)
    await using provider = await startKeyServer(keySet(RSA.jwk, key.jwk, EC.jwk, nameless.jwk))
    for (const keys of [
      { jwksUrl: provider.url },
      { publicKey: key.pem },
      { jwksUrl: provider.url, publicKey: EC.pem },
    ]) {
      await using app = await startApp({ settings: { readAuth: 'jwt' }, keys: { secret: null, ...keys } })
      expect(await accepted(app, await key.sign())).toBe(true)
      expect(await accepted(app, await key.sign({ exp: NOW_SECONDS - 10 }))).toBe(false)
      if ('jwksUrl' in keys) expect(await accepted(app, await nameless.sign())).toBe(true)
    }
    expect(new Set(provider.asked)).toEqual(new Set(['/keys']))
  })

  it('end, and begin, within 5 s of what they say', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    const of = async (more: Record<string, unknown>): Promise<boolean> => accepted(app, await aToken(more))
    expect(await of({ exp: NOW_SECONDS - 4 })).toBe(true)
    expect(await of({ exp: NOW_SECONDS - 5 })).toBe(false)
    expect(await of({ nbf: NOW_SECONDS + 5 })).toBe(true)
    expect(await of({ nbf: NOW_SECONDS + 6 })).toBe(false)
    expect(await of({ exp: undefined })).toBe(true)
    expect(await of({ exp: 1e300 })).toBe(true)
    expect(await of({ iat: NOW_SECONDS + 3600 })).toBe(true)
  })

  it('are remembered, but never beyond their end', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    const token = await aToken({ exp: NOW_SECONDS + 10 })
    for (const [seconds, good] of [
      [0, true],
      [14, true],
      [15, false],
      [3600, false],
      [-3600, true],
    ] as const) {
      vi.setSystemTime(NOW + seconds * 1000)
      expect([seconds, await accepted(app, token)]).toEqual([seconds, good])
    }
  })

  it('may be long, and may have spaces around them', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    expect(await accepted(app, await aToken({ groups: 'x'.repeat(10_000) }))).toBe(true)
    const token = await aToken()
    expect((await ask(app, `bearer ${token}`))[0]).toBe(200)
    expect((await ask(app, `BEARER   ${token}  `))[0]).toBe(200)
  })

  it('are for this issuer and this audience', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' }, issuer: 'https://login', audience: 'pebbles' })
    const of = async (more: Record<string, unknown>): Promise<boolean> => accepted(app, await aToken(more))
    expect(await of({ iss: 'https://login', aud: 'pebbles' })).toBe(true)
    expect(await of({ iss: 'https://login', aud: ['other', 'pebbles'] })).toBe(true)
    for (const bad of [
      {},
      { iss: 'https://login' },
      { aud: 'pebbles' },
      { iss: 'https://login/', aud: 'pebbles' },
      { iss: 'https://login', aud: ['pebbles2'] },
      { iss: ['https://login', 'x'], aud: {} },
    ])
      expect([bad, await of(bad)]).toEqual([bad, false])
  })
})

describe('attacks', () => {
  /** A server that has a secret and two keys of a provider; the provider also counts what it is asked. */
  const withAll = async (work: (app: TestApp, provider: KeyServer) => Promise<void>): Promise<void> => {
    const oct = {
      kty: 'oct',
      kid: 'oct',
      alg: 'HS256',
      k: Buffer.from('0123456789abcdef0123456789abcdef').toString('base64url'),
    }
    await using provider = await startKeyServer(keySet(RSA.jwk, EC.jwk, oct))
    for (const secret of [null, SECRET]) {
      await using app = await startApp({ settings: { readAuth: 'jwt' }, keys: { secret, jwksUrl: provider.url } })
      await work(app, provider)
      expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
    }
  }

  it.each([
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'HS1',
    'HS256 ',
    'hs256',
    'RS1',
    'ES256K',
    'EdDSA',
    '__proto__',
    'toString',
  ])('the algorithm %j', async (alg) => {
    await withAll(async (app) => {
      expect(await accepted(app, unsigned({ alg }))).toBe(false)
      expect(await accepted(app, forge({ alg, kid: 'rsa' }, claims, ''))).toBe(false)
    })
  })

  it.each([null, 7, ['HS256'], { toString: 'HS256' }])('the algorithm %j, which is no text', async (alg) => {
    await withAll(async (app) => {
      expect(await accepted(app, forge({ alg }, claims, SECRET))).toBe(false)
    })
  })

  it('a public key as the secret of HMAC', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' }, keys: { publicKey: RSA.pem } })
    await using alone = await startApp({ settings: { readAuth: 'jwt' }, keys: { secret: null, publicKey: RSA.pem } })
    const secrets = [
      RSA.pem,
      RSA.pem.trimEnd(),
      `${RSA.pem}\n`,
      RSA.pem.replaceAll('\n', '\\n'),
      JSON.stringify(RSA.jwk),
    ]
    for (const secret of [...secrets, '', ' '])
      for (const [alg, hash] of [
        ['HS256', 'sha256'],
        ['HS384', 'sha384'],
        ['HS512', 'sha512'],
        ['RS256', 'sha256'],
      ] as const)
        for (const target of [app, alone])
          expect(await accepted(target, forge({ alg }, claims, secret, hash))).toBe(false)
    await withAll(async (target) => {
      for (const kid of ['rsa', 'oct', undefined])
        for (const secret of [RSA.pem, '0123456789abcdef0123456789abcdef'])
          expect(await accepted(target, forge({ alg: 'HS256', kid }, claims, secret))).toBe(false)
    })
  })

  it('a key of one kind under the algorithm of another', async () => {
    await withAll(async (app) => {
      const signed = await EC.sign()
      const [, payload, signature] = signed.split('.')
      for (const alg of ['RS256', 'PS256', 'ES384', 'ES512'])
        for (const kid of ['ec', 'rsa'])
          expect(await accepted(app, `${encode({ alg, kid })}.${payload}.${signature}`)).toBe(false)
      expect(await accepted(app, await RSA.sign({}, { kid: 'ec' }))).toBe(false)
      expect(await accepted(app, await EC.sign({}, { kid: 'rsa' }))).toBe(false)
    })
  })

  it('a key or its address in the token: none is used, and nothing is fetched', async () => {
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = own.publicKey.export({ format: 'jwk' })
    await using canary = await startKeyServer(keySet({ ...jwk, kid: 'own', alg: 'RS256', use: 'sig' }))
    await withAll(async (app) => {
      for (const header of [
        { jwk },
        { jwk, kid: 'own' },
        { jku: canary.url, kid: 'own' },
        { x5u: canary.url },
        { x5c: [own.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] },
        { kid: canary.url },
        { jku: canary.url, kid: 'rsa' },
      ]) {
        const signed = `${encode({ alg: 'RS256', typ: 'JWT', ...header })}.${encode({ ...claims, iss: canary.url })}`
        const signature = createSign('RSA-SHA256').update(signed).sign(own.privateKey, 'base64url')
        expect(await accepted(app, `${signed}.${signature}`)).toBe(false)
      }
    })
    expect(canary.asked).toEqual([])
  })

  it('headers that change what a token means', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['unknown'], unknown: 1 },
      { crit: [] },
      { crit: null },
      { b64: false, crit: ['b64'] },
      { b64: false },
      { b64: true },
    ])
      expect(await accepted(app, forge({ alg: 'HS256', ...header }, claims, SECRET))).toBe(false)
  })

  it('a kid that is a path, a query or no text', async () => {
    await withAll(async (app, provider) => {
      for (const kid of [
        '../../../../dev/null',
        '/dev/null',
        'rsa\0',
        "' OR 1=1",
        'x'.repeat(5_000),
        '',
        '__proto__',
        7,
        null,
        {},
        ['rsa'],
      ])
        expect(
          await accepted(app, await RSA.sign({}, { kid }).catch(() => forge({ alg: 'RS256', kid }, claims, ''))),
        ).toBe(false)
      expect(provider.asked.filter((path) => path !== '/keys')).toEqual([])
    })
  })

  it('what is no token at all', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    const good = await aToken()
    const [header, payload, signature] = good.split('.') as [string, string, string]
    for (const token of [
      'x',
      '.',
      '..',
      '.....',
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${good}.`,
      `${good}.x`,
      `${header}.${payload}.${signature}.a.b`,
      `.${payload}.${signature}`,
      `${header}..${signature}`,
      `${header}.${payload}.${signature.slice(0, -6)}`,
      `${header}.${payload}x.${signature}`,
      forge('null', claims, SECRET),
      forge('[]', claims, SECRET),
      forge('"HS256"', claims, SECRET),
      forge('{', claims, SECRET),
      forge({ alg: 'HS256' }, '{', SECRET),
      forge({ alg: 'HS256' }, 'null', SECRET),
      forge({ alg: 'HS256' }, '"text"', SECRET),
      forge({ alg: 'HS256' }, 'text', SECRET),
      forge({ alg: 'HS256' }, '7', SECRET),
      forge({ alg: 'HS256' }, '["a"]', SECRET),
      forge({ alg: 'HS256' }, '', SECRET),
    ])
      expect([token, await accepted(app, token)]).toEqual([token, false])
    expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
  })

  it.each([
    ['exp', '9999999999'],
    ['exp', null],
    ['exp', {}],
    ['exp', true],
    ['nbf', '0'],
    ['nbf', null],
    ['nbf', []],
  ])('a time that is no number: %s %j', async (claim, value) => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    expect(await accepted(app, await forge({ alg: 'HS256' }, { ...claims, [claim as string]: value }, SECRET))).toBe(
      false,
    )
  })

  it('a token elsewhere than in one Authorization header', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    const token = await aToken()
    const get = async (target: string, headers: string): Promise<[number, string | undefined]> => {
      const answer = await exchange(app.port, `GET ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`)
      return [answer.status, answer.headers.get('www-authenticate')]
    }
    const NONE = [401, 'Bearer realm="pebbles"']
    const INVALID = [401, expect.stringMatching(/error="invalid_token"/)]
    expect(await get(`${PROGRESS}?access_token=${token}&token=${token}`, '')).toEqual(NONE)
    expect(await get(PROGRESS, `Cookie: token=${token}; jwt=${token}\r\n`)).toEqual(NONE)
    expect(await get(PROGRESS, `X-Authorization: Bearer ${token}\r\n`)).toEqual(NONE)
    expect(await get(PROGRESS, `Proxy-Authorization: Bearer ${token}\r\n`)).toEqual(NONE)
    expect(await get(PROGRESS, 'Authorization: Basic YTpi\r\n')).toEqual(NONE)
    expect(await get(PROGRESS, `Authorization: ${token}\r\n`)).toEqual(NONE)
    expect(await get(PROGRESS, 'Authorization:\r\n')).toEqual(NONE)
    expect(await get(PROGRESS, 'Authorization: Bearer\r\n')).toEqual(INVALID)
    expect(await get(PROGRESS, `Authorization: Bearer ${token} ${token}\r\n`)).toEqual(INVALID)
    expect(await get(PROGRESS, `Authorization: Bearer ${token}, Bearer ${token}\r\n`)).toEqual(INVALID)
    expect(await get(PROGRESS, `Authorization: Bearer "${token}"\r\n`)).toEqual(INVALID)
    const line = `Authorization: Bearer ${token}\r\n`
    expect(await get(PROGRESS, line + line)).toEqual(INVALID)
    expect(await get(PROGRESS, `${line}authorization: Basic YTpi\r\n`)).toEqual(INVALID)
    expect((await get(PROGRESS, line))[0]).toBe(200)
  })
})

describe('claims', () => {
  it.each([undefined, null, '', 7, true, ['ada@example.com'], { email: 'ada@example.com' }, 'a\nb', 'x'.repeat(321)])(
    'an email of %j is none',
    async (email) => {
      await using app = await startApp()
      const answer = await app.post(CLIENT, { filename: 'a.csv', counts }, { token: await aToken({ email }) })
      expect([answer.status, (await jsonOf(answer)).code]).toEqual([403, 'NO_EMAIL'])
    },
  )

  it('an administrator needs no email to delete, nor a subject', async () => {
    await using app = await startApp()
    for (const sub of [undefined, 'service:cleaner', 'a\nb', 'x'.repeat(1000), 7]) {
      await app.post(CLIENT, { filename: 'a.csv', counts })
      const token = await aToken({ email: undefined, sub, pebbles_admin: true })
      expect((await app.request(`${PROGRESS}?filename=a.csv`, { method: 'DELETE', token })).status).toBe(204)
    }
    expect(app.log.filter(({ message }) => message === 'file deleted')).toHaveLength(5)
  })

  it('a long list of clients is looked through, entries of other types are not', async () => {
    await using app = await startApp({ settings: { readAuth: 'jwt' } })
    const clients = [null, 7, { krn: CLIENT }, [CLIENT], ...Array.from({ length: 500 }, (_, n) => `krn:c:${n}`)]
    const of = async (more: unknown[]): Promise<number> =>
      (await app.request(PROGRESS, { token: await aToken({ clients: [...clients, ...more] }) })).status
    expect(await of([])).toBe(403)
    expect(await of([CLIENT])).toBe(200)
    expect(await of(['*', 'krn*', ':*', 'krn:acme:client:prod-001:*', 'krn:acme*'])).toBe(403)
  })
})
