import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { RefusalCode } from '@pebbles/core'
import { PROBLEM_TYPE, problemOf } from '@pebbles/wire'
import type { Running } from './lifecycle.ts'
import type { Metrics } from './metrics.ts'
import type { ReadinessReport } from './readiness.ts'

/** A listening server of probes. Its stop ends open connections. */
export interface HealthServer extends Running {
  readonly port: number
}

/** Where it listens, and what it tells. */
export interface HealthServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly ready: () => Promise<ReadinessReport>
  readonly metrics: Metrics['render']
  readonly newRequestId: () => string
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/**
 * What operators ask a worker: GET and HEAD of `/health`, `/ready` and `/metrics`, by the same answers as the HTTP
 * API's. Everything else is a problem. Throws what listening throws.
 */
export const createHealthServer = async (options: HealthServerOptions): Promise<HealthServer> => {
  const { host, port, ready, metrics, newRequestId } = options
  const answers = new Map<string, () => Answer | Promise<Answer>>([
    ['/health', () => ({ status: 200, type: 'text/plain; charset=utf-8', body: 'OK' })],
    ['/ready', async () => readyAnswer(await ready())],
    ['/metrics', async () => metricsAnswer(await metrics())],
  ])
  const problem = (code: RefusalCode, path: string): Answer => {
    const body = problemOf(code, { requestId: newRequestId(), instance: path })
    return { status: body.status, type: PROBLEM_TYPE, body: JSON.stringify(body) }
  }
  const answerOf = async ({ url = '/', method = '' }: IncomingMessage): Promise<Answer> => {
    const path = url.split('?', 1)[0] ?? '/'
    const answer = answers.get(path)
    if (answer === undefined) return problem('NOT_FOUND', path)
    if (method !== 'GET' && method !== 'HEAD') return problem('METHOD_NOT_ALLOWED', path)
    try {
      return await answer()
    } catch {
      return problem('INTERNAL', path)
    }
  }
  // Only the start of a request is read, and it has to come soon.
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    void answerOf(request).then((answer) => send(response, answer))
  })
  server.maxRequestsPerSocket = 1_000
  await new Promise<void>((listening, failed) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const text = `WORKER_PORT=${port} cannot be opened on ${host} (${cause.code}); set it to a free one, or to 0`
      failed(Object.assign(new Error(text, { cause }), { code: cause.code }))
    }
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      listening()
    })
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed())
        // Nothing here is worth waiting for.
        server.closeAllConnections()
      }),
  }
}

const readyAnswer = (report: ReadinessReport): Answer => ({
  status: report.status === 'ok' ? 200 : 503,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(report),
})

const metricsAnswer = ({ contentType, body }: Awaited<ReturnType<Metrics['render']>>): Answer => ({
  status: 200,
  type: contentType,
  body,
})

const send = (response: ServerResponse, { status, type, body }: Answer): void => {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
