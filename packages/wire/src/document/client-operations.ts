import * as z from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi'
import {
  BatchAnswerSchema,
  ClientRowSchema,
  FormerResultSchema,
  FullRecordSchema,
  HistoryAnswerRowSchema,
  IssueRowSchema,
  ProgressRecordSchema,
  StatusSchema,
  SummarySchema,
  UpdateAnswerSchema,
} from '../answer/answer-schema.ts'
import { LegacyAnswerSchema, LegacyRecordSchema } from '../answer/legacy-schema.ts'
import { BatchBodySchema, ClientKrnSchema, FileNameSchema, UpdateBodySchema } from '../body/update-schema.ts'
import {
  ALWAYS,
  CACHING,
  DEPRECATION,
  IDEMPOTENCY_KEY,
  IF_NONE_MATCH,
  NEXT_PAGE,
  RATE_LIMIT,
  REPLAYED,
  REQUEST_HEADERS,
  VARY,
} from './document-parts.ts'
import type { ROUTES } from './routes.ts'

type ClientOperationId = Exclude<(typeof ROUTES)[number], { tag: 'Service' }>['operationId']

export type Operation = Pick<ZodOpenApiOperationObject, 'requestParams' | 'requestBody' | 'description'> & {
  /** The answers that are no problems. */
  readonly answers: Readonly<Record<string, ZodOpenApiResponseObject>>
}

const CLIENT = z.object({ clientKrn: ClientKrnSchema })

const LIMIT = z.int().min(1).max(1_000).optional().meta({ description: 'Rows in a page; 100 unless given.' })
const CURSOR = z.string().max(1_024).optional().meta({ description: 'From the `Link` of the page before.' })

const LIST_QUERY = {
  filename: FileNameSchema.optional().meta({ description: 'Exactly this file: the answer is one record, not a list.' }),
  email: z.string().min(1).max(320).optional().meta({ description: 'Files of this owner.' }),
  completed: z.boolean().optional().meta({ description: 'Files that ended, or that did not.' }),
  q: z.string().max(256).optional().meta({ description: 'Part of the filename, literally, in any case.' }),
  status: StatusSchema.optional(),
  updatedSince: z
    .string()
    .optional()
    .meta({ format: 'date-time', description: 'Files updated at or after it.', example: '2026-01-15T12:00:00.000Z' }),
  limit: LIMIT,
  cursor: CURSOR,
}

const FILE_QUERY = { filename: FileNameSchema }

const json = (schema: z.ZodType) => ({ 'application/json': { schema } })
const NOT_MODIFIED: ZodOpenApiResponseObject = {
  description: 'Nothing changed since the `ETag`.',
  headers: { ...ALWAYS, ...CACHING },
}

const page = (what: string, row: z.ZodType): Operation['answers'] => ({
  200: {
    description: what,
    headers: { ...ALWAYS, ...CACHING, ...NEXT_PAGE, ...RATE_LIMIT },
    content: json(z.array(row)),
  },
  304: NOT_MODIFIED,
})

const UPDATED: Operation['answers'] = {
  200: {
    description: 'The update is stored, durably; or it was before, and nothing was added.',
    headers: { ...ALWAYS, ...REPLAYED, ...RATE_LIMIT },
    content: json(UpdateAnswerSchema),
  },
}

const update: Omit<Operation, 'requestParams'> = {
  description: 'Counts are increments. Send a key with each update, so that a repeat after a lost answer is safe.',
  requestBody: { required: true, content: json(UpdateBodySchema) },
  answers: UPDATED,
}

const read: Omit<Operation, 'requestParams'> = {
  description:
    'With `filename` one record with all patterns; else a list, newest first. `Accept: text/csv` or `application/x-ndjson` on a list streams every row that matches, without a limit, in an order that updates do not disturb.',
  answers: {
    200: {
      description: 'A record, or a page of records.',
      headers: {
        ...ALWAYS,
        ...CACHING,
        ...NEXT_PAGE,
        ...RATE_LIMIT,
        ...VARY,
      },
      content: {
        ...json(z.union([FullRecordSchema, z.array(ProgressRecordSchema)])),
        'text/csv': { schema: z.string().meta({ description: 'RFC 4180, with a header line.' }) },
        'application/x-ndjson': { schema: z.string().meta({ description: 'A record in each line.' }) },
      },
    },
    304: NOT_MODIFIED,
  },
}

const readHeaders = z.object({
  ...REQUEST_HEADERS,
  ...IF_NONE_MATCH,
})
const writeHeaders = z.object({ ...REQUEST_HEADERS, ...IDEMPOTENCY_KEY })

export const CLIENT_OPERATIONS: Readonly<Record<ClientOperationId, Operation>> = {
  recordUpdate: { ...update, requestParams: { path: CLIENT, header: writeHeaders } },
  recordBatch: {
    description:
      'Each update stands alone and has its own `status` in the answer. With a header key, an update without `updateId` takes an id made of the key and its index.',
    requestParams: { path: CLIENT, header: writeHeaders },
    requestBody: { required: true, content: json(BatchBodySchema) },
    answers: {
      200: {
        description: 'One result for each update, in order.',
        headers: { ...ALWAYS, ...RATE_LIMIT },
        content: json(BatchAnswerSchema),
      },
    },
  },
  deleteProgress: {
    requestParams: { path: CLIENT, query: z.object(FILE_QUERY), header: z.object(REQUEST_HEADERS) },
    answers: { 204: { description: 'It is gone.', headers: ALWAYS } },
  },
  readProgress: { ...read, requestParams: { path: CLIENT, query: z.object(LIST_QUERY), header: readHeaders } },
  listIssues: {
    requestParams: {
      path: CLIENT,
      query: z.object({
        ...FILE_QUERY,
        kind: z.enum(['error', 'warning']).optional().meta({ description: 'Errors unless given.' }),
        pattern: z.string().min(1).max(4_096).optional().meta({ description: "A pattern's id or its text." }),
        limit: LIMIT,
        cursor: CURSOR,
      }),
      header: readHeaders,
    },
    answers: page('A page of issues, in order of arrival.', IssueRowSchema),
  },
  listHistory: {
    requestParams: {
      path: CLIENT,
      query: z.object({ ...FILE_QUERY, limit: LIMIT, cursor: CURSOR }),
      header: readHeaders,
    },
    answers: page('A page of what was committed, oldest first.', HistoryAnswerRowSchema),
  },
  readSummary: {
    requestParams: { path: CLIENT, header: readHeaders },
    answers: {
      200: {
        description: 'The sums.',
        headers: { ...ALWAYS, ...CACHING, ...RATE_LIMIT },
        content: json(SummarySchema),
      },
      304: NOT_MODIFIED,
    },
  },
  streamEvents: {
    description:
      'First `event: hello`; then `event: progress` with a record as in lists for every change, also when a file becomes stalled; `event: deleted`; `event: reset` when the point to resume at is too old: load the list again. A comment comes every 15 seconds.',
    requestParams: {
      path: CLIENT,
      query: z.object({ filename: FileNameSchema.optional() }),
      header: z.object({
        ...REQUEST_HEADERS,
        'Last-Event-ID': z.string().optional().meta({ description: 'Resumes after this event.' }),
      }),
    },
    answers: {
      200: {
        description: 'The stream.',
        headers: ALWAYS,
        content: { 'text/event-stream': { schema: z.string() } },
      },
    },
  },
  listClients: {
    requestParams: { header: readHeaders },
    answers: page('All clients.', ClientRowSchema),
  },
  recordLegacyUpdate: {
    ...update,
    requestParams: { header: writeHeaders },
    answers: {
      200: {
        description: 'As under a client, in the old form: `errors` and `warnings` are all so far, plain.',
        headers: { ...ALWAYS, ...REPLAYED, ...DEPRECATION, ...RATE_LIMIT },
        content: json(z.union([LegacyAnswerSchema, FormerResultSchema])),
      },
    },
  },
  readLegacyProgress: {
    ...read,
    description:
      'As under a client, in the old form. Without `limit` a list is whole, in the order of the moment it was asked for, and has no `ETag`.',
    requestParams: { query: z.object(LIST_QUERY), header: readHeaders },
    answers: {
      200: {
        description: 'A record, or a list of records.',
        headers: { ...ALWAYS, ...CACHING, ...DEPRECATION, ...RATE_LIMIT },
        content: json(z.union([LegacyRecordSchema, z.array(LegacyRecordSchema)])),
      },
      304: NOT_MODIFIED,
    },
  },
}
