import type { RouteHandler } from '../edge/http-context.ts'
import { sendJson } from '../edge/send-json.ts'
import type { RouteHandlers } from './route-table.ts'

/** What operators ask a process. */
export interface Probes {
  readonly ready: () => Promise<{ readonly status: 'ok' | 'unavailable' }>
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>
}

export const probeHandlers = ({
  ready,
  metrics,
}: Probes): Pick<RouteHandlers, 'readHealth' | 'readReady' | 'readMetrics'> => {
  const health: RouteHandler = (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.type = 'text/plain; charset=utf-8'
    ctx.body = 'OK'
  }
  return {
    readHealth: health,
    readReady: async (ctx) => {
      const readiness = await ready()
      ctx.status = readiness.status === 'ok' ? 200 : 503
      if (ctx.status === 503) ctx.set('Retry-After', '1')
      sendJson(ctx, readiness)
    },
    readMetrics: async (ctx) => {
      const { contentType, body } = await metrics()
      ctx.set('Cache-Control', 'no-store')
      ctx.set('Content-Type', contentType)
      ctx.body = body
    },
  }
}
