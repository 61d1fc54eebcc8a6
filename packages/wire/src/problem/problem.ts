import { REFUSALS, type RefusalCode } from '@pebbles/core'
import * as z from 'zod'
import type { BodyError } from '../body/body-error.ts'
import { PROBLEMS } from './problem-codes.ts'

/** The media type of every problem. */
export const PROBLEM_TYPE = 'application/problem+json'

const CODES = Object.keys(PROBLEMS) as [RefusalCode, ...RefusalCode[]]

const BodyErrorSchema = z
  .object({
    path: z.string().meta({ example: 'counts.done' }),
    pointer: z.string().meta({ description: 'A JSON Pointer as a URI fragment.', example: '#/counts/done' }),
    message: z.string().meta({ example: 'must be an integer from 0 to 9007199254740991' }),
  })
  .meta({ id: 'BodyError', description: 'What is wrong at one place of the body.' })

/** The form of every answer that is not 2xx or 304. */
export const ProblemSchema = z
  .object({
    type: z.string().meta({
      format: 'uri-reference',
      description: 'Names the code; this server answers it with the page of that code.',
      example: '/errors/INVALID_BODY',
    }),
    title: z.string().meta({ example: 'Invalid body' }),
    status: z.int().min(400).max(599).meta({ example: 400 }),
    detail: z.string().meta({ example: 'The body is not what this route takes' }),
    instance: z.string().meta({ format: 'uri-reference', example: '/clients/krn:acme:client:prod-001/progress' }),
    code: z.enum(CODES).meta({ id: 'ProblemCode', description: 'The same for ever: what a program compares.' }),
    requestId: z.string().meta({ example: '0b6c7d0a-4a57-4a5e-a1f3-0f3a54c1f6b1' }),
    error: z.string().meta({ description: 'The text of `detail` again, for older clients.' }),
    errors: z.array(BodyErrorSchema).optional().meta({ description: 'For a bad body; at most 100.' }),
    outcome: z.literal('unknown').optional().meta({
      description: 'The update may or may not have been applied; a repeat with the same key is safe.',
    }),
    successor: z.string().optional().meta({ format: 'uri', description: 'Where the route is now.' }),
    retryAfter: z.int().optional().meta({ description: 'Seconds; the same as `Retry-After`.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

/** A problem document, ready for JSON. */
export type Problem = z.infer<typeof ProblemSchema>

/** What a problem says beside its code. */
export interface ProblemFacts {
  readonly requestId: string
  /** The path of the request, as it came; without it the problem names the request itself. */
  readonly instance?: string
  /** What stands before `/errors/…` in `type`: the public URL without a slash at the end, or nothing. */
  readonly typeBase?: string
  /** More than the code's own text says. */
  readonly detail?: string
  readonly errors?: readonly BodyError[]
  readonly outcome?: 'unknown'
  readonly successor?: string
  /** Seconds. */
  readonly retryAfter?: number
}

/** The problem document of a refusal. `detail` is the code's own text unless the facts say more. */
export const problemOf = (code: RefusalCode, facts: ProblemFacts): Problem => {
  const { requestId, instance, typeBase = '', detail = REFUSALS[code], errors, outcome, successor, retryAfter } = facts
  return {
    type: problemType(code, typeBase),
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail,
    instance: instance === undefined ? `urn:request:${requestId}` : uriReference(instance),
    code,
    requestId,
    error: detail,
    ...(errors === undefined ? {} : { errors: [...errors] }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(successor === undefined ? {} : { successor }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

export const problemType = (code: RefusalCode, typeBase: string): string => `${typeBase}/errors/${code}`

/** A request's path may hold anything; what is no part of a URI is percent-encoded, so the member is one. */
const uriReference = (path: string): string =>
  path.replace(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/gu, (part) =>
    part.isWellFormed() ? encodeURIComponent(part) : '%EF%BF%BD',
  )
