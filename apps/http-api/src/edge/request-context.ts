import { parseRequestId, parseTraceparent } from '@pebbles/wire'
import type { Middleware } from 'koa'
import { type HttpState, requestFacts } from './http-context.ts'

export interface RequestObserver {
  readonly started: () => void
  readonly finished: (request: {
    readonly method: string
    readonly route: string
    readonly status: number
    readonly seconds: number
  }) => void
}

export interface RequestLog {
  readonly debug: (facts: object, message: string) => void
}

/** Names each request, measures it and logs it; the first middleware of all. */
export const requestContext =
  (newRequestId: () => string, observer: RequestObserver, log: RequestLog): Middleware<HttpState> =>
  async (ctx, next) => {
    const started = performance.now()
    const { headers } = ctx.req
    ctx.state.requestId = parseRequestId(headers['x-request-id'] as string | undefined) ?? newRequestId()
    ctx.state.trace = parseTraceparent(headers['traceparent'] as string | undefined)
    ctx.state.route = 'none'
    ctx.state.identity = null
    ctx.set('X-Request-Id', ctx.state.requestId)
    ctx.set('X-Content-Type-Options', 'nosniff')
    observer.started()
    ctx.res.once('close', () => {
      const { method } = ctx
      const status = ctx.res.statusCode
      const seconds = (performance.now() - started) / 1000
      observer.finished({ method, route: ctx.state.route, status, seconds })
      log.debug({ ...requestFacts(ctx), method, status, ms: Math.round(seconds * 1000) }, 'request')
    })
    await next()
  }
