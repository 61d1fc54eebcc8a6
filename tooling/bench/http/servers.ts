import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '@pebbles/adapters-sqlite'
import type { ClientKrn, FileId, FileState, Opened, OpenRequest, ProgressReader, ProgressStore } from '@pebbles/core'
import { createInnerIds, randomFileId, systemClock, tuneHeap } from '@pebbles/runtime'
import { createApp } from '../../../apps/http-api/src/app.ts'
import { createTokenKeys } from '../../../apps/http-api/src/auth/token-keys.ts'
import { startServer } from '../../../apps/http-api/src/server.ts'

/** The servers that are compared. Each runs as a process of its own, `node servers.ts NAME`, and prints its port. */
const SECRET = process.env['BENCH_SECRET'] ?? 'a secret for the bench of at least 32 bytes'

const MONGO_URI = process.env['BENCH_MONGO_URI'] ?? ''

const settings = {
  readAuth: 'public',
  corsOrigins: '*',
  publicUrl: null,
  trustProxy: false,
  maxBodyBytes: 5 * 1024 * 1024,
  stalledAfterMs: 600_000,
  exportMax: 4,
  readerStallMs: 60_000,
  sseMax: 10_000,
  clientKrnPattern: null,
  rateLimit: null,
  legacyRoutes: 'removed',
  legacyClientKrn: 'krn:default:client:001' as ClientKrn,
  legacyDeprecatedAt: null,
  legacySunsetAt: null,
  kafkaTopic: 'progress-updates',
  version: 'bench',
} as const

const stack = async (store: ProgressStore & ProgressReader): Promise<number> => {
  tuneHeap()
  const app = createApp({
    settings,
    tokens: {
      keys: createTokenKeys({ secret: SECRET, jwksUrl: null, publicKey: null }, () => undefined),
      claims: { email: 'email', clients: 'clients', admin: 'pebbles_admin', clientsRequired: false },
      issuer: null,
      audience: null,
    },
    store,
    live: { join: none, resetText: none, size: () => 0, stop: async () => undefined },
    clock: systemClock,
    newRequestId: randomUUID,
    innerId: createInnerIds(),
    log: {
      error: (facts, message) => console.error(message, facts),
      warn: () => undefined,
      info: () => undefined,
      debug: () => undefined,
    },
    observer: { started: () => undefined, finished: () => undefined },
    countUpdate: () => undefined,
    countLegacy: () => undefined,
    probes: { ready: async () => ({ status: 'ok' }), metrics: async () => ({ contentType: 'text/plain', body: '' }) },
  })
  return (
    await startServer({ handler: app.callback(), host: '127.0.0.1', port: 0, newRequestId: randomUUID, settings })
  ).port
}

const none = (): never => {
  throw new Error('this server only takes updates')
}

/** Our own stack, storing nothing: what the edge and the core cost by themselves. */
const storingNothing = (): ProgressStore & ProgressReader => {
  const states = new Map<string, FileState>()
  const fileIds = new Map<string, FileId>()
  const openOne = (request: OpenRequest): Opened => {
    const state = states.get(request.filename)
    if (state !== undefined) return { kind: 'live', state, tables: {}, known: new Map(), thorough: true }
    const fileId = fileIds.get(request.filename) ?? randomFileId()
    fileIds.set(request.filename, fileId)
    return { kind: 'free', fileId, former: [], known: new Map() }
  }
  return {
    open: async (requests) => requests.map(openOne),
    commit: async (changes) =>
      changes.map((change) => {
        if (change.kind === 'update') states.set(change.after.filename, change.after)
        return 'committed' as const
      }),
    get: none,
    list: none,
    scan: none,
    pick: none,
    sums: none,
    issues: none,
    history: none,
    clients: none,
  }
}

const listen = (server: Server): Promise<number> =>
  new Promise((listening) =>
    server.listen(0, '127.0.0.1', () => listening((server.address() as { port: number }).port)),
  )

/** The floor of the platform: parses the JSON and answers. */
const bare = (): Promise<number> =>
  listen(
    createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { filename, counts } = JSON.parse(Buffer.concat(chunks).toString()) as {
          filename: string
          counts: object
        }
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ result: 'updated', filename, counts, isCompleted: false }))
      })
    }),
  )

const onSqlite = async (): Promise<number> =>
  stack(
    await openSqliteStore({
      path: join(mkdtempSync(join(tmpdir(), 'pebbles-bench-')), 'bench.sqlite'),
      clock: systemClock,
      ids: { fileId: randomFileId },
    }),
  )

const onMongo = async (): Promise<number> =>
  stack(
    await (await import('@pebbles/adapters-mongo')).openMongoStore({
      uri: MONGO_URI,
      clock: systemClock,
      ids: { fileId: randomFileId },
      legacyClient: 'krn:default:client:001' as ClientKrn,
    }),
  )

/** Each loads only what it serves with. */
const SERVERS: Readonly<Record<string, () => Promise<number>>> = {
  bare,
  'storing nothing': () => stack(storingNothing()),
  sqlite: onSqlite,
  mongo: onMongo,
  'old way on sqlite': async () => {
    const { createOldWay, oldSqlite } = await import('./old-way.ts')
    return listen(createOldWay(oldSqlite(), SECRET))
  },
  'old way on mongo': async () => {
    const { createOldWay, oldMongo } = await import('./old-way.ts')
    return listen(createOldWay(await oldMongo(MONGO_URI), SECRET))
  },
}

process.on('SIGINT', () => process.exit(0))
const name = process.argv[2] ?? ''
const start = SERVERS[name]
if (start === undefined) throw new Error(`one of ${Object.keys(SERVERS).join(', ')}`)
console.log(await start())
