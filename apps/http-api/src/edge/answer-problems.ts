import { isStoreUnavailable, type RefusalCode } from '@pebbles/core'
import { PROBLEM_TYPE, problemOf, statusOfCode } from '@pebbles/wire'
import type { Middleware } from 'koa'
import type { HttpSettings } from '../settings.ts'
import { type HttpContext, type HttpState, requestFacts } from './http-context.ts'
import { HttpProblem, type HttpProblemFacts } from './http-problem.ts'
import { originOf } from './origin.ts'

export interface ProblemLog {
  readonly error: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
  readonly info: (facts: object, message: string) => void
  readonly debug: (facts: object, message: string) => void
}

const RETRY_AFTER_SECONDS = '1'

/** The outermost catch: whatever a handler throws becomes a problem document here, and nowhere else. */
export const answerProblems =
  (settings: HttpSettings, log: ProblemLog): Middleware<HttpState> =>
  async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      if (ctx.res.headersSent) throw error
      const problem = asProblem(error)
      if (problem.code === 'INTERNAL') log.error({ err: error, ...requestFacts(ctx) }, 'request failed by a bug')
      else log.debug({ code: problem.code, ...requestFacts(ctx) }, 'request refused')
      sendProblem(ctx, problem.code, problem.facts, settings)
    }
  }

const asProblem = (error: unknown): HttpProblem => {
  if (error instanceof HttpProblem) return error
  if (isStoreUnavailable(error)) return new HttpProblem('STORE_UNAVAILABLE', { cause: error })
  return new HttpProblem('INTERNAL', { cause: error })
}

const sendProblem = (ctx: HttpContext, code: RefusalCode, facts: HttpProblemFacts, settings: HttpSettings): void => {
  ctx.status = statusOfCode(code)
  ctx.set('Cache-Control', 'no-store')
  ctx.remove('ETag')
  if (ctx.status === 503) ctx.set('Retry-After', RETRY_AFTER_SECONDS)
  for (const [name, value] of Object.entries(facts.headers ?? {})) ctx.set(name, value)
  const { detail, errors, outcome, successor } = facts
  const retryAfter = Number(ctx.response.get('Retry-After'))
  ctx.body = JSON.stringify(
    problemOf(code, {
      requestId: ctx.state.requestId,
      instance: ctx.path,
      typeBase: originOf(ctx, settings),
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors }),
      ...(outcome === undefined ? {} : { outcome }),
      ...(successor === undefined ? {} : { successor }),
      ...(retryAfter > 0 ? { retryAfter } : {}),
    }),
  )
  ctx.type = PROBLEM_TYPE
}
