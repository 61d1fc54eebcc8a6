import { randomUUID } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { ClientKrn, Clock } from '@pebbles/core'
import { createMemoryStore, newFileId, type TestStore } from '@pebbles/core/testing'
import { SignJWT } from 'jose'
import { type AppDeps, createApp } from '../src/app.ts'
import { createTokenKeys, type KeySettings } from '../src/auth/token-keys.ts'
import { createLiveHub } from '../src/live/live-hub.ts'
import { type Patience, startServer } from '../src/server.ts'
import type { HttpSettings } from '../src/settings.ts'

export const SECRET = 'a secret of at least thirty-two bytes'

export interface TestApp extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly store: TestStore
  /** What was logged, oldest first. */
  readonly log: readonly LogLine[]
  /** Moves the clock that measures waits. */
  readonly passTime: (ms: number) => void
  readonly setNow: (ms: number | null) => void
  readonly request: (path: string, options?: RequestInit & { token?: string }) => Promise<Response>
  readonly post: (
    client: string,
    body: unknown,
    options?: { token?: string; headers?: Record<string, string> },
  ) => Promise<Response>
  readonly stop: () => Promise<void>
}

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

export interface TestAppOptions {
  readonly settings?: Partial<HttpSettings>
  readonly keys?: Partial<KeySettings>
  readonly store?: TestStore
  readonly issuer?: string
  readonly audience?: string
  readonly clientsRequired?: boolean
  readonly patience?: Patience
  readonly deps?: Partial<Pick<AppDeps, 'observer' | 'countUpdate' | 'countLegacy' | 'onGroup' | 'probes'>>
}

/** The app on a real socket, over the reference store. */
export const startApp = async (options: TestAppOptions = {}): Promise<TestApp> => {
  const store = options.store ?? createMemoryStore({ newFileId })
  let now: number | null = null
  let passed = 0
  let inner = 0
  const clock: Clock = {
    now: () => now ?? Date.now(),
    monotonic: () => performance.now() + passed,
    sleep: (ms) => setTimeout(ms),
    pause: () => setImmediate(),
    random: () => 0.5,
  }
  const settings: HttpSettings = {
    readAuth: 'public',
    corsOrigins: '*',
    publicUrl: null,
    trustProxy: false,
    maxBodyBytes: 5 * 1024 * 1024,
    stalledAfterMs: 600_000,
    exportMax: 4,
    sseMax: 10_000,
    readerStallMs: 60_000,
    clientKrnPattern: null,
    rateLimit: null,
    legacyRoutes: 'dual',
    legacyClientKrn: 'krn:default:client:001' as ClientKrn,
    legacyDeprecatedAt: null,
    legacySunsetAt: null,
    kafkaTopic: 'progress-updates',
    version: '0.0.0-test',
    ...options.settings,
  }
  const log: LogLine[] = []
  const logged =
    (level: LogLine['level']) =>
    (facts: object, message: string): void => {
      log.push({ level, message, facts: facts as Record<string, unknown> })
    }
  const live = createLiveHub({
    feed: store,
    reader: store,
    clock,
    stalledAfterMs: settings.stalledAfterMs,
    log: { warn: () => undefined },
  })
  const app = createApp({
    live,
    settings,
    tokens: {
      keys: createTokenKeys({ secret: SECRET, jwksUrl: null, publicKey: null, ...options.keys }, (error) =>
        logged('error')({ err: error }, 'key set'),
      ),
      claims: {
        email: 'email',
        clients: 'clients',
        admin: 'pebbles_admin',
        clientsRequired: options.clientsRequired ?? false,
      },
      issuer: options.issuer ?? null,
      audience: options.audience ?? null,
    },
    store,
    clock,
    newRequestId: randomUUID,
    innerId: () => {
      inner += 1
      return `inner:${inner}`
    },
    log: { error: logged('error'), warn: logged('warn'), info: logged('info'), debug: logged('debug') },
    observer: { started: () => undefined, finished: () => undefined },
    countUpdate: () => undefined,
    countLegacy: () => undefined,
    probes: { ready: async () => ({ status: 'ok' }), metrics: async () => ({ contentType: 'text/plain', body: '' }) },
    ...options.deps,
  })
  const server = await startServer({
    handler: app.callback(),
    host: '127.0.0.1',
    port: 0,
    newRequestId: randomUUID,
    settings,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  })
  const url = `http://127.0.0.1:${server.port}`
  const request: TestApp['request'] = (path, { token, headers, ...rest } = {}) =>
    fetch(`${url}${path}`, {
      ...rest,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(headers as Record<string, string>),
      },
    })
  return {
    url,
    port: server.port,
    store,
    log,
    passTime: (ms) => {
      passed += ms
    },
    setNow: (ms) => {
      now = ms
    },
    request,
    post: async (client, body, { token, headers = {} } = {}) =>
      request(`/clients/${client}/progress`, {
        method: 'POST',
        token: token ?? (await aToken()),
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    stop: server.stop,
    [Symbol.asyncDispose]: async () => {
      await live.stop()
      server.server.closeAllConnections()
      if (server.server.listening) await server.stop()
      await store[Symbol.asyncDispose]()
    },
  }
}

export const aToken = (
  claims: Record<string, unknown> = {},
  { secret = SECRET, alg = 'HS256' } = {},
): Promise<string> =>
  new SignJWT({ email: 'ada@example.com', exp: Math.floor(Date.now() / 1000) + 3600, ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret))

/** An answer's JSON, to be looked at field by field. */
// biome-ignore lint/suspicious/noExplicitAny: a test asserts on what it reads
export const jsonOf = async (response: Response | Promise<Response>): Promise<any> => (await response).json()
