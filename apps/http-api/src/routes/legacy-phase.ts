import { type HttpContext, type RouteHandler, requestFacts } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { addressOf, originOf } from '../edge/origin.ts'
import type { HttpSettings } from '../settings.ts'
import { createCallerMemory } from './caller-memory.ts'
import type { RouteDeps } from './deps.ts'

type PhaseDeps = Pick<RouteDeps, 'settings' | 'admission' | 'clock' | 'countLegacy' | 'log'>

/** What is written to the log of who still calls. */
const LOGGED = 'a single-tenant route was called'
const MAX_USER_AGENT = 200

/** Serves a single-tenant route as its phase says: as it was, with a word of its end, or no longer. */
export const createLegacyPhase = (deps: PhaseDeps): ((handler: RouteHandler) => RouteHandler) => {
  const { settings, admission, clock, countLegacy, log } = deps
  const isNew = createCallerMemory(clock)
  const noteCaller = (ctx: HttpContext): void => {
    const caller = ctx.state.identity?.email ?? addressOf(ctx, settings)
    if (!isNew(caller)) return
    const userAgent = ctx.get('User-Agent').slice(0, MAX_USER_AGENT)
    const facts = { caller, phase: settings.legacyRoutes, method: ctx.method, userAgent, ...requestFacts(ctx) }
    if (settings.legacyRoutes === 'dual') log.info(facts, LOGGED)
    else log.warn(facts, LOGGED)
  }
  return (handler) => async (ctx) => {
    countLegacy('/progress')
    try {
      if (settings.legacyRoutes === 'removed') {
        await admission.admitAnybody(ctx)
        throw new HttpProblem('LEGACY_REMOVED', { successor: successorOf(ctx, settings) })
      }
      if (settings.legacyRoutes === 'deprecated') announceEnd(ctx, settings)
      await handler(ctx)
    } finally {
      noteCaller(ctx)
    }
  }
}

const successorOf = (ctx: HttpContext, settings: HttpSettings): string =>
  `${originOf(ctx, settings)}/clients/${settings.legacyClientKrn}/progress`

const announceEnd = (ctx: HttpContext, settings: HttpSettings): void => {
  const { legacyDeprecatedAt, legacySunsetAt } = settings
  if (legacyDeprecatedAt !== null) ctx.set('Deprecation', `@${Math.floor(legacyDeprecatedAt / 1000)}`)
  if (legacySunsetAt !== null) ctx.set('Sunset', new Date(legacySunsetAt).toUTCString())
  const guide = `${originOf(ctx, settings)}/guides/migrate`
  const links = `<${successorOf(ctx, settings)}>; rel="successor-version", <${guide}>; rel="deprecation"; type="text/html"`
  ctx.set('Link', links)
}
