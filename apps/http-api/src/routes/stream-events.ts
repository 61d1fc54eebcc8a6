import { parseEventsQuery } from '@pebbles/wire'
import { type HttpContext, type RouteHandler, rawQuery } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import type { LiveHub } from '../live/live-hub.ts'
import { createLiveListener, type LiveListener } from '../live/live-listener.ts'
import { readableClient } from './access.ts'
import type { RouteDeps } from './deps.ts'
import { valid } from './read-files.ts'

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Accel-Buffering': 'no',
  'Content-Type': 'text/event-stream; charset=utf-8',
} as const
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** GET /clients/{clientKrn}/progress/events: server-sent events, until the listener leaves or its token ends. */
export const streamEvents =
  (deps: RouteDeps, hub: LiveHub): RouteHandler =>
  async (ctx) => {
    const client = await readableClient(ctx, deps)
    const { filename } = valid(parseEventsQuery(rawQuery(ctx)))
    if (hub.size() >= deps.settings.sseMax) throw new HttpProblem('TOO_MANY_LISTENERS')
    if (ctx.method === 'HEAD') {
      ctx.set(HEADERS)
      ctx.status = 200
      return
    }
    const lastEventId = ctx.get('Last-Event-ID')
    const listener = createLiveListener(ctx.res, { client, filename }, hub.resetText)
    const left = new Promise<void>((closed) => ctx.res.once('close', closed))
    // Only once it begins the answer is out of Koa's hands, so that a store that is away is a 503 and no silence.
    const leave = await hub.join(listener, lastEventId === '' ? null : lastEventId, () => {
      ctx.respond = false
      ctx.set(HEADERS)
      ctx.res.statusCode = 200
      ctx.res.flushHeaders()
      // A listener that takes nothing of what waits for it must not keep the place of others.
      ctx.res.setTimeout(deps.settings.readerStallMs, () => {
        if (ctx.res.writableNeedDrain) ctx.res.destroy()
      })
    })
    const expiry = endWithToken(ctx, listener)
    await left
    clearTimeout(expiry)
    leave()
  }

const endWithToken = (ctx: HttpContext, listener: LiveListener): NodeJS.Timeout | undefined => {
  const expires = ctx.state.identity?.expires ?? null
  if (expires === null) return undefined
  const ms = Math.min(LONGEST_TIMER_MS, Math.max(0, expires * 1000 - Date.now()))
  return setTimeout(() => listener.end('the token ended'), ms)
}
