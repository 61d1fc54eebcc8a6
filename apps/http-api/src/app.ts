import {
  type Clock,
  createReadPlain,
  createReadProgress,
  createRecorder,
  createRemoveFile,
  type ProgressReader,
  type ProgressStore,
  type UpdateId,
} from '@pebbles/core'
import Koa from 'koa'
import { createAuthenticate, type TokenSettings } from './auth/verify-token.ts'
import { answerProblems, type ProblemLog } from './edge/answer-problems.ts'
import { createBodyTurns } from './edge/body-turns.ts'
import { checkRequest } from './edge/check-request.ts'
import { cors } from './edge/cors.ts'
import { type HttpContext, type HttpState, requestFacts } from './edge/http-context.ts'
import { HttpProblem } from './edge/http-problem.ts'
import { createAdmission } from './edge/limit-rate.ts'
import { type RequestObserver, requestContext } from './edge/request-context.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { RouteDeps } from './routes/deps.ts'
import { createExportFiles } from './routes/export-files.ts'
import { legacyHandlers } from './routes/legacy-routes.ts'
import { createListPlaces } from './routes/list-places.ts'
import { deleteProgress, listClients } from './routes/manage-files.ts'
import { listHistory, listIssues, readProgress, readSummary } from './routes/read-files.ts'
import { recordBatch, recordUpdate } from './routes/record-updates.ts'
import { createRoutes, type RouteHandlers } from './routes/route-table.ts'
import { docsHandlers, serveAssets } from './routes/serve-docs.ts'
import { type Probes, probeHandlers } from './routes/serve-probes.ts'
import { streamEvents } from './routes/stream-events.ts'
import type { HttpSettings } from './settings.ts'

export interface AppDeps {
  readonly settings: HttpSettings
  readonly tokens: TokenSettings
  readonly store: ProgressStore & ProgressReader
  readonly live: LiveHub
  readonly clock: Clock
  readonly newRequestId: () => string
  readonly innerId: () => UpdateId
  readonly log: ProblemLog
  readonly observer: RequestObserver
  readonly countUpdate: (outcome: string) => void
  readonly countLegacy: (route: string) => void
  readonly onGroup?: Parameters<typeof createRecorder>[0]['onGroup']
  readonly probes: Probes
}

/** The HTTP app, without a server and without side effects: parse, use case, answer. */
export const createApp = (deps: AppDeps): Koa<HttpState> => {
  const { settings, store, clock } = deps
  const routeDeps: RouteDeps = {
    settings,
    turns: createBodyTurns(settings.maxBodyBytes),
    admission: createAdmission(createAuthenticate(deps.tokens), settings),
    record: createRecorder({ store, clock, ...(deps.onGroup === undefined ? {} : { onGroup: deps.onGroup }) }).record,
    read: createReadProgress({ reader: store, clock, stalledAfterMs: settings.stalledAfterMs }),
    plain: createReadPlain({ reader: store, clock, stalledAfterMs: settings.stalledAfterMs }),
    remove: createRemoveFile({ store, clock }),
    clock,
    innerId: deps.innerId,
    countUpdate: deps.countUpdate,
    countLegacy: deps.countLegacy,
    log: deps.log,
  }
  const places = createListPlaces(settings.exportMax)
  const handlers: RouteHandlers = {
    recordUpdate: recordUpdate(routeDeps),
    recordBatch: recordBatch(routeDeps),
    readProgress: readProgress(routeDeps, createExportFiles(routeDeps, places)),
    deleteProgress: deleteProgress(routeDeps),
    listIssues: listIssues(routeDeps),
    listHistory: listHistory(routeDeps),
    readSummary: readSummary(routeDeps),
    streamEvents: streamEvents(routeDeps, deps.live),
    listClients: listClients(routeDeps),
    ...legacyHandlers(routeDeps, places),
    ...probeHandlers(deps.probes),
    ...docsHandlers(settings),
  }
  const app = new Koa<HttpState>()
  app.use(requestContext(deps.newRequestId, deps.observer, deps.log))
  app.use(answerProblems(settings, deps.log))
  app.use(cors(settings))
  app.use(checkRequest())
  app.use(createRoutes(handlers))
  app.use(serveAssets())
  app.use(() => {
    throw new HttpProblem('NOT_FOUND')
  })
  // What reaches Koa itself came after the headers: a caller that left, or a bug that the log must show.
  app.on('error', (error: NodeJS.ErrnoException, ctx: HttpContext) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return
    deps.log.error({ err: error, ...requestFacts(ctx) }, 'answer broken off')
  })
  return app
}
