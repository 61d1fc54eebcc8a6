import type { TraceParent } from '@pebbles/wire'
import type { DefaultContext, ParameterizedContext } from 'koa'
import type { Identity } from '../auth/identity.ts'

export interface HttpState {
  requestId: string
  /** The caller's trace, for the log. */
  trace: TraceParent | undefined
  /** The route's template, for metrics: never a path with names in it. */
  route: string
  identity: Identity | null
}

export type HttpContext = ParameterizedContext<HttpState, DefaultContext>
export type RouteHandler = (ctx: HttpContext) => Promise<void> | void

/** What stands behind the `?`, as it came. */
export const rawQuery = (ctx: Pick<HttpContext, 'req'>): string => {
  const url = ctx.req.url ?? ''
  const mark = url.indexOf('?')
  return mark < 0 ? '' : url.slice(mark + 1)
}

/** How often a header was sent: node:http joins or drops repeats of one. */
export const timesSent = ({ req: { rawHeaders } }: Pick<HttpContext, 'req'>, name: string): number => {
  let times = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] as string
    if (sent.length === name.length && sent.toLowerCase() === name) times += 1
  }
  return times
}

/** What a line of the log says to find a request again. */
export const requestFacts = ({ state }: Pick<HttpContext, 'state'>): object => ({
  requestId: state.requestId,
  ...(state.trace === undefined ? {} : { traceId: state.trace.traceId, parentId: state.trace.parentId }),
  route: state.route,
})
