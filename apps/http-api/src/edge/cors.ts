import type { Middleware } from 'koa'
import type { HttpSettings } from '../settings.ts'
import type { HttpState } from './http-context.ts'

const ALLOWED =
  'Authorization, Content-Type, Accept, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id, traceparent'
const EXPOSED =
  'ETag, Link, Location, Idempotent-Replayed, X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Deprecation, Sunset, WWW-Authenticate, Allow, Accept-Post, Content-Disposition'
const PREFLIGHT_SECONDS = '7200'

/** Lets pages of other origins read what CORS_ORIGINS allows; never with credentials, a token is sent by hand. */
export const cors =
  (settings: Pick<HttpSettings, 'corsOrigins'>): Middleware<HttpState> =>
  async (ctx, next) => {
    const { origin } = ctx.req.headers
    ctx.set(corsHeaders(settings, origin))
    if (ctx.method === 'OPTIONS' && origin !== undefined && ctx.get('Access-Control-Request-Method') !== '') {
      ctx.set('Access-Control-Allow-Methods', 'GET, HEAD, POST, DELETE, OPTIONS')
      ctx.set('Access-Control-Allow-Headers', ALLOWED)
      ctx.set('Access-Control-Max-Age', PREFLIGHT_SECONDS)
      ctx.status = 204
      return
    }
    await next()
  }

/** What any answer carries, also one to a request that could not be read and so names no origin. */
export const corsHeaders = (
  { corsOrigins }: Pick<HttpSettings, 'corsOrigins'>,
  origin: string | undefined,
): Record<string, string> => ({
  ...(corsOrigins === '*'
    ? { 'Access-Control-Allow-Origin': '*' }
    : {
        Vary: 'Origin',
        ...(origin !== undefined && corsOrigins.includes(origin) ? { 'Access-Control-Allow-Origin': origin } : {}),
      }),
  'Access-Control-Expose-Headers': EXPOSED,
})
