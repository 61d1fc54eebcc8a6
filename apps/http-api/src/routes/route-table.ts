import Router from '@koa/router'
import { type OperationId, ROUTES } from '@pebbles/wire'
import type { Middleware } from 'koa'
import type { HttpContext, HttpState, RouteHandler } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'

/** Handlers by operation: leaving one out that is served does not compile. */
export type RouteHandlers = Readonly<Record<OperationId, RouteHandler>>

/**
 * The routes of the one registry that the documents are made of, too. Paths are matched byte for byte: another case or
 * a slash more is another address.
 */
export const createRoutes = (handlers: RouteHandlers): Middleware<HttpState> => {
  const router = new Router<HttpState>({ sensitive: true, strict: true })
  const allowed = new Map<string, Set<string>>()
  for (const { method, path, operationId } of ROUTES) {
    const template = path.replaceAll(/\{(\w+)\}/g, ':$1')
    const methods = allowed.get(template) ?? new Set(['OPTIONS'])
    methods.add(method)
    if (method === 'GET') methods.add('HEAD')
    allowed.set(template, methods)
    const verbs = method === 'GET' ? ['GET', 'HEAD'] : [method]
    router.register(template, verbs, async (ctx) => {
      ctx.state.route = path
      await handlers[operationId](ctx as unknown as HttpContext)
    })
  }
  for (const [template, methods] of allowed) {
    router.all(template, (ctx) => {
      ctx.state.route = template.replaceAll(/:(\w+)/g, '{$1}')
      ctx.set('Allow', [...methods].sort().join(', '))
      if (ctx.method !== 'OPTIONS') throw new HttpProblem('METHOD_NOT_ALLOWED')
      ctx.status = 204
    })
  }
  const routes = router.routes() as unknown as Middleware<HttpState>
  return async (ctx, next) => {
    // `OPTIONS *` asks of the server as a whole.
    if (ctx.req.url !== '*') return routes(ctx, next)
    ctx.set('Allow', 'DELETE, GET, HEAD, OPTIONS, POST')
    if (ctx.method !== 'OPTIONS') throw new HttpProblem('METHOD_NOT_ALLOWED')
    ctx.status = 204
  }
}
