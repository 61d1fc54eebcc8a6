import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ClientKrn } from '@pebbles/core'
import {
  type Config,
  configureProcess,
  createInnerIds,
  createLogger,
  createMetrics,
  createReadiness,
  developmentSecret,
  type Logger,
  runProcess,
  systemClock,
} from '@pebbles/runtime'
import { createApp } from './app.ts'
import { createTokenKeys } from './auth/token-keys.ts'
import { createLiveHub } from './live/live-hub.ts'
import { openStore } from './open-store.ts'
import { startServer } from './server.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** How long the reader of an export or of events may take nothing before it is let go. */
const READER_STALL_MS = 60_000

const warnOfOpenDoors = (config: Config, log: Logger): void => {
  if (config.developmentMode)
    log.warn(
      'development mode: no JWT_SECRET, JWT_JWKS_URL or JWT_PUBLIC_KEY is set, tokens are signed by a secret in DATA_DIR',
    )
  if (config.readAuth === 'public')
    log.warn('READ_AUTH=public: whoever reaches this server can read every client; READ_AUTH=jwt closes it')
  if (!config.jwtClientsRequired)
    log.warn('JWT_CLIENTS_REQUIRED=false: a token without the clients claim covers every client')
}

const warnOfPassedSunset = ({ legacyRoutes, legacySunsetAt }: Config, log: Logger): void => {
  if (legacyRoutes === 'removed' || legacySunsetAt === null || legacySunsetAt > systemClock.now()) return
  const sunset = new Date(legacySunsetAt).toISOString()
  log.warn(
    `LEGACY_SUNSET_AT=${sunset} has passed, and the single-tenant routes are still served: LEGACY_ROUTES=removed ends them, a later LEGACY_SUNSET_AT gives them time`,
  )
}

const config = configureProcess()
const log = createLogger({ name: 'http-api', level: config.logLevel })

await runProcess(log, config.shutdownTimeoutMs, async (lifecycle) => {
  const store = await openStore(config, log, lifecycle)
  const metrics = createMetrics({ version, process: 'http-api', channels: ['http'], legacyRoutes: ['/progress'] })
  const ready = createReadiness({ store: () => store.ping() })
  const live = createLiveHub({
    feed: store,
    reader: store,
    clock: systemClock,
    stalledAfterMs: config.stalledAfterMs,
    log,
  })
  const settings = {
    ...config,
    legacyClientKrn: config.legacyClientKrn as ClientKrn,
    kafkaTopic: config.kafkaTopicName,
    version,
    readerStallMs: READER_STALL_MS,
  }
  const app = createApp({
    settings,
    tokens: {
      keys: createTokenKeys(
        {
          secret: config.developmentMode ? developmentSecret(config.dataDir) : config.jwtSecret,
          jwksUrl: config.jwtJwksUrl,
          publicKey: config.jwtPublicKey,
        },
        (err) => log.warn({ err }, 'JWT_JWKS_URL: the key set could not be fetched'),
      ),
      claims: {
        email: config.jwtEmailClaim,
        clients: config.jwtClientsClaim,
        admin: config.jwtAdminClaim,
        clientsRequired: config.jwtClientsRequired,
      },
      issuer: config.jwtIssuer,
      audience: config.jwtAudience,
    },
    store,
    live,
    clock: systemClock,
    newRequestId: randomUUID,
    innerId: createInnerIds(),
    log,
    observer: { started: metrics.requestStarted, finished: metrics.requestFinished },
    countUpdate: (outcome) => metrics.updatesSettled('http', outcome),
    countLegacy: metrics.legacyRequest,
    onGroup: metrics.groupCommitted,
    probes: {
      ready: async () => {
        const report = await ready()
        metrics.storeUp(report.status === 'ok')
        return report
      },
      metrics: metrics.render,
    },
  })
  const server = await startServer({
    handler: app.callback(),
    host: config.listenHost,
    port: config.port,
    newRequestId: randomUUID,
    settings,
  })
  lifecycle.register('http', server)
  // Streams never end by themselves: they go first, and the server can.
  lifecycle.register('live', live)
  warnOfOpenDoors(config, log)
  warnOfPassedSunset(config, log)
  const host = config.listenHost.includes(':') ? `[${config.listenHost}]` : config.listenHost
  const url = config.publicUrl ?? `http://${host}:${server.port}`
  // Said at every LOG_LEVEL: launchers wait for this line.
  log.child({}, { level: 'info' }).info({ url, legacyRoutes: config.legacyRoutes }, 'listening')
})
