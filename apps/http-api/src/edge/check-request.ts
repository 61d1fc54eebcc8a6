import type { Middleware } from 'koa'
import { type HttpState, timesSent } from './http-context.ts'
import { HttpProblem } from './http-problem.ts'

/** Far more than any caller needs; node:http would drop those above 2,000 in silence. */
const MAX_HEADERS = 200
/** Methods that mean something here, if only that this address does not take them. All others are 501. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'TRACE', 'QUERY'])

/** Refuses what the HTTP parser let through and no handler should meet. */
export const checkRequest = (): Middleware<HttpState> => async (ctx, next) => {
  const { req } = ctx
  if (req.rawHeaders.length > 2 * MAX_HEADERS)
    throw new HttpProblem('HEADERS_TOO_LARGE', { detail: `There are more than ${MAX_HEADERS} headers` })
  if (!METHODS.has(req.method ?? '')) throw new HttpProblem('NOT_IMPLEMENTED')
  const { expect } = req.headers
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') throw new HttpProblem('EXPECTATION_FAILED')
  if (req.httpVersionMajor < 1) throw new HttpProblem('BAD_REQUEST', { detail: 'The request names no HTTP version' })
  const hosts = timesSent(ctx, 'host')
  if (hosts > 1 || (hosts === 0 && req.httpVersion === '1.1'))
    throw new HttpProblem('BAD_REQUEST', { detail: 'The request must have one Host header' })
  const target = originForm(req.url ?? '')
  // Nothing reads a malformed address, not even the one who names it in the problem.
  req.url = target ?? '/'
  if (target === null) throw new HttpProblem('BAD_REQUEST', { detail: 'The address of the request is malformed' })
  await next()
}

/** The path and query of a request's target, or null. A proxy sends the whole URL: its host is not looked at. */
const originForm = (target: string): string | null => {
  if (target === '*') return target
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? target
  const rooted = path === '' || path.startsWith('?') ? `/${path}` : path
  return rooted.startsWith('/') && !rooted.includes('#') ? rooted : null
}
