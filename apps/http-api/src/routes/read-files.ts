import {
  fullRecordOf,
  historyCursor,
  historyRowOf,
  issueRowsOf,
  issuesCursor,
  type ListQuery,
  listCursor,
  nextQuery,
  parseHistoryQuery,
  parseIssuesQuery,
  parseProgressQuery,
  recordOf,
  summaryOf,
} from '@pebbles/wire'
import { type HttpContext, type RouteHandler, rawQuery } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { originOf } from '../edge/origin.ts'
import { sendCacheable } from '../edge/send-json.ts'
import { readableClient } from './access.ts'
import type { RouteDeps } from './deps.ts'
import type { ExportFiles } from './export-files.ts'

type Parsed<T> =
  | { readonly ok: true; readonly query: T }
  | { readonly ok: false; readonly code: 'INVALID_QUERY' | 'INVALID_CURSOR'; readonly detail: string }

/** GET /clients/{clientKrn}/progress: one record, a page of them, or all as a stream. */
export const readProgress =
  (deps: RouteDeps, exportFiles: ExportFiles): RouteHandler =>
  async (ctx) => {
    const client = await readableClient(ctx, deps)
    ctx.vary('Accept')
    const query = valid(parseProgressQuery(rawQuery(ctx), { client }))
    const asOf = { now: deps.clock.now(), stalledAfterMs: deps.settings.stalledAfterMs }
    if (query.kind === 'one') {
      const found = await deps.read.get(client, query.filename)
      if (found === null) throw new HttpProblem('PROGRESS_NOT_FOUND')
      return sendCacheable(ctx, fullRecordOf(found, asOf), deps.settings)
    }
    const format = ctx.accepts('application/json', 'text/csv', 'application/x-ndjson')
    if (format === 'text/csv' || format === 'application/x-ndjson') return exportFiles(ctx, query.filter, format)
    await sendList(ctx, query, deps)
  }

const sendList = async (ctx: HttpContext, query: ListQuery, deps: RouteDeps): Promise<void> => {
  const asOf = { now: deps.clock.now(), stalledAfterMs: deps.settings.stalledAfterMs }
  const { files, more } = await deps.read.list(query.filter, query.limit, query.after)
  const last = files.at(-1)
  if (more && last !== undefined) linkNext(ctx, deps, nextQuery(query.page, listCursor(query.page, last)))
  sendCacheable(
    ctx,
    files.map((file) => recordOf(file, asOf)),
    deps.settings,
  )
}

/** GET /clients/{clientKrn}/progress/issues */
export const listIssues =
  (deps: RouteDeps): RouteHandler =>
  async (ctx) => {
    const client = await readableClient(ctx, deps)
    const { filename, kind, pattern, limit, after, page } = valid(parseIssuesQuery(rawQuery(ctx), { client }))
    const found = await deps.read.issues(client, filename, { kind, pattern, limit, after })
    if (found === null) throw new HttpProblem('PROGRESS_NOT_FOUND')
    const last = found.issues.at(-1)
    if (found.more && last !== undefined) linkNext(ctx, deps, nextQuery(page, issuesCursor(page, last)))
    sendCacheable(ctx, issueRowsOf(found, kind), deps.settings)
  }

/** GET /clients/{clientKrn}/progress/history */
export const listHistory =
  (deps: RouteDeps): RouteHandler =>
  async (ctx) => {
    const client = await readableClient(ctx, deps)
    const { filename, limit, after, page } = valid(parseHistoryQuery(rawQuery(ctx), { client }))
    const found = await deps.read.history(client, filename, limit, after)
    if (found === null) throw new HttpProblem('PROGRESS_NOT_FOUND')
    const last = found.rows.at(-1)
    if (found.more && last !== undefined) linkNext(ctx, deps, nextQuery(page, historyCursor(page, last.version)))
    sendCacheable(ctx, found.rows.map(historyRowOf), deps.settings)
  }

/** GET /clients/{clientKrn}/progress/summary */
export const readSummary =
  (deps: RouteDeps): RouteHandler =>
  async (ctx) => {
    const client = await readableClient(ctx, deps)
    sendCacheable(ctx, summaryOf(await deps.read.sums(client)), deps.settings)
  }

export const valid = <T>(parsed: Parsed<T>): T => {
  if (!parsed.ok) throw new HttpProblem(parsed.code, { detail: parsed.detail })
  return parsed.query
}

export const linkNext = (ctx: HttpContext, { settings }: Pick<RouteDeps, 'settings'>, query: string): void => {
  ctx.append('Link', `<${originOf(ctx, settings)}${ctx.path}${query}>; rel="next"`)
}
