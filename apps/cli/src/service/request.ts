import type { Problem } from '@pebbles/wire'
import type { Connection } from './connection.ts'
import { foreign, refused, unreachable } from './service-error.ts'

export interface ServiceRequest {
  readonly method?: 'GET' | 'POST'
  /** From the first slash on, encoded. */
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface ServiceAnswer {
  /** 200 or 304; everything else is thrown. */
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

const TIMEOUT_MS = 30_000

/** One request. Throws a `ServiceError` for a refusal, for silence, and for answers that no Pebbles service gives. */
export const request = async (connection: Connection, asked: ServiceRequest): Promise<ServiceAnswer> => {
  const { method = 'GET', path, body, headers = {}, timeoutMs = TIMEOUT_MS, signal } = asked
  const timeout = AbortSignal.timeout(timeoutMs)
  let response: Response
  let text: string
  try {
    response = await fetch(`${connection.url}${path}`, {
      method,
      // A redirect is said, not followed: the token is for this address alone.
      redirect: 'manual',
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(connection.token === null ? {} : { Authorization: `Bearer ${connection.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    text = await response.text()
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw unreachable(connection, error)
  }
  const { status } = response
  if (status === 304) return { status, headers: response.headers, body: null }
  const type = response.headers.get('content-type') ?? 'no content type'
  if (status >= 300 && status < 400)
    throw foreign(connection, status, `a redirect to ${response.headers.get('location') ?? 'nowhere'}`)
  const value = parse(text)
  if (status !== 200) {
    if (!type.startsWith('application/problem+json') || !isProblem(value)) throw foreign(connection, status, type)
    throw refused(connection, value, response.headers.get('retry-after'))
  }
  if (value === undefined || !type.startsWith('application/json')) throw foreign(connection, status, type)
  return { status, headers: response.headers, body: value }
}

/** The path of a client's routes, with the query that is given. */
export const clientPath = (
  client: string,
  route: '' | '/issues' | '/history',
  query: Readonly<Record<string, string | number | undefined>>,
): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  const search = parameters.size === 0 ? '' : `?${parameters.toString()}`
  return `/clients/${encodeURIComponent(client)}/progress${route}${search}`
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value
