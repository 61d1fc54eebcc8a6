import { REFUSALS, type RefusalCode } from '@pebbles/core'
import * as z from 'zod'
import type { oas31, ZodOpenApiResponseObject } from 'zod-openapi'
import { PROBLEM_TYPE, ProblemSchema, problemOf } from '../problem/problem.ts'
import { PROBLEMS } from '../problem/problem-codes.ts'
import type { Route } from './routes.ts'

type Headers = Record<string, oas31.HeaderObject>

/** What any request can be refused with, by the HTTP parser or before a route is found. */
const ANYWHERE: readonly RefusalCode[] = ['BAD_REQUEST', 'REQUEST_TIMEOUT', 'EXPECTATION_FAILED', 'HEADERS_TOO_LARGE']

/** The problems of a route, one response for each status with an example for each code. */
export const problemResponses = (route: Route): Record<string, ZodOpenApiResponseObject> => {
  const codes = [...new Set([...route.codes, ...ANYWHERE])]
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b)
  return Object.fromEntries(
    statuses.map((status) => {
      const here = codes.filter((code) => PROBLEMS[code].status === status)
      return [
        String(status),
        {
          description: here.map((code) => `\`${code}\`: ${REFUSALS[code]}.`).join(' '),
          headers: { ...ALWAYS, ...headersOfStatus(status) },
          content: {
            [PROBLEM_TYPE]: {
              schema: ProblemSchema,
              examples: Object.fromEntries(here.map((code) => [code, { value: exampleOf(code, route) }])),
            },
          },
        },
      ]
    }),
  )
}

const exampleOf = (code: RefusalCode, route: Route): object =>
  problemOf(code, {
    requestId: '0b6c7d0a-4a57-4a5e-a1f3-0f3a54c1f6b1',
    instance: route.path.replace('{clientKrn}', 'krn:acme:client:prod-001').replace('{code}', 'UNKNOWN'),
    ...(code === 'INVALID_BODY'
      ? {
          errors: [
            {
              path: 'counts.done',
              pointer: '#/counts/done',
              message: 'must be an integer from 0 to 9007199254740991',
            },
          ],
        }
      : {}),
    ...(code === 'STORE_UNAVAILABLE' && route.method !== 'GET' ? { outcome: 'unknown' as const } : {}),
    ...(code === 'LEGACY_REMOVED'
      ? { successor: 'https://pebbles.example/clients/krn:default:client:001/progress' }
      : {}),
  })

const headersOfStatus = (status: number): Headers => {
  switch (status) {
    case 401:
      return {
        'WWW-Authenticate': text('The scheme to use; `error` only when there was a token.', 'Bearer realm="pebbles"'),
      }
    case 415:
      return { 'Accept-Post': text('What may be sent.', 'application/json') }
    case 429:
      return { 'Retry-After': RETRY_AFTER, ...RATE_LIMIT }
    case 503:
      return { 'Retry-After': RETRY_AFTER }
    default:
      return {}
  }
}

const text = (description: string, example: string): oas31.HeaderObject => ({
  description,
  schema: { type: 'string' },
  example,
})

const RETRY_AFTER: oas31.HeaderObject = {
  description: 'Seconds to wait.',
  schema: { type: 'integer', minimum: 0 },
  example: 2,
}

/** Sent when a rate limit is set. */
export const RATE_LIMIT: Headers = {
  'RateLimit-Policy': text('Requests (`q`) for each window (`w`, seconds).', '"default";q=600;w=60'),
  RateLimit: text('Requests left (`r`) within the next seconds (`t`).', '"default";r=599;t=42'),
}

export const ALWAYS: Headers = {
  'X-Request-Id': text("The request's id, the caller's own if it sent one.", '0b6c7d0a-4a57-4a5e-a1f3-0f3a54c1f6b1'),
}

export const CACHING: Headers = {
  ETag: text('Changes whenever the answer does.', '"65f0-7-running"'),
  'Cache-Control': text('`private` too where reads need a token.', 'no-cache'),
}

export const NEXT_PAGE: Headers = {
  Link: text(
    'The next page, if there is one.',
    '<https://pebbles.example/clients/krn:acme:client:prod-001/progress?limit=100&cursor=x>; rel="next"',
  ),
}

/** Sent while the single-tenant routes are deprecated. */
export const DEPRECATION: Headers = {
  Deprecation: text('Since when (RFC 9745), while the phase is `deprecated`.', '@1801353600'),
  Sunset: text('When the route will go (RFC 8594), if that is known.', 'Wed, 31 Mar 2027 00:00:00 GMT'),
  Link: text(
    'The same route under a client, and how to switch; on a page of a list the next one, too.',
    '<https://pebbles.example/clients/krn:default:client:001/progress>; rel="successor-version"',
  ),
}

export const REPLAYED: Headers = {
  'Idempotent-Replayed': text('This update was applied before; nothing was added.', 'true'),
}

export const VARY: Headers = { Vary: text('The format depends on `Accept`.', 'Accept') }

/** What a request may say of itself on any route. */
export const REQUEST_HEADERS = {
  'X-Request-Id': z.string().optional().meta({
    description: 'Echoed when it is 1 to 128 of `A-Z a-z 0-9 . _ ~ -`; any other is replaced by one that is made.',
    example: '9f1c0b7e-0001',
  }),
  traceparent: z.string().optional().meta({ description: 'W3C trace context; followed.' }),
}

export const IDEMPOTENCY_KEY = {
  'Idempotency-Key': z.string().min(1).max(255).optional().meta({
    description:
      'Makes a repeat harmless: the same key with the same body is applied once, as long as the file lives and 15 days beyond its deletion. 1 to 255 printable characters, with or without the quotes of a structured string.',
    example: '9f1c0b7e-orders-0001',
  }),
}

export const IF_NONE_MATCH = {
  'If-None-Match': z.string().optional().meta({ description: 'The `ETag` of an earlier answer.' }),
}
