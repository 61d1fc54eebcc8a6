import type { RefusalCode } from '@pebbles/core'
import * as z from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { PROBLEMS } from '../problem/problem-codes.ts'
import { CLIENT_OPERATIONS, type Operation } from './client-operations.ts'
import { ALWAYS, problemResponses } from './document-parts.ts'
import { type OperationId, ROUTES, type Route } from './routes.ts'

/** What differs from one server to another. */
export interface OpenApiOptions {
  /** Where the API is, without a slash at the end; empty for this very host. */
  readonly serverUrl: string
  readonly version: string
}

/** The OpenAPI 3.1 document, made from the schemas that also validate. */
export const openApiDocument = ({ serverUrl, version }: OpenApiOptions): object => {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of ROUTES) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route, OPERATIONS[route.operationId]),
    }
  }
  return createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'Pebbles',
        version,
        description:
          'Progress of file processing, live. Every answer that is not 2xx or 304 is a problem (RFC 9457): compare its `code`. Unknown fields and parameters are ignored; new fields may be added to answers.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: serverUrl === '' ? '/' : serverUrl }],
      tags: [...TAGS],
      paths,
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'A token with an email; a claim `clients` may bind it to some clients.',
          },
        },
      },
    },
    {
      // Answers may grow by new fields, so no schema says that there are no others.
      override: ({ jsonSchema }) => {
        if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      },
    },
  )
}

const TAGS: readonly { readonly name: Route['tag']; readonly description: string }[] = [
  { name: 'Updates', description: 'Reporting progress.' },
  { name: 'Progress', description: 'Seeing where files stand.' },
  { name: 'Clients', description: 'For administrators.' },
  { name: 'Legacy', description: 'The single-tenant routes, for the time of the migration.' },
  { name: 'Service', description: 'The process itself.' },
]

const operationOf = (route: Route, { answers, ...operation }: Operation): ZodOpenApiOperationObject => ({
  operationId: route.operationId,
  summary: route.summary,
  tags: [route.tag],
  ...(route.tag === 'Legacy' ? { deprecated: true } : {}),
  security: securityOf(route),
  ...operation,
  responses: { ...answers, ...withoutKeysOf(problemResponses(route), answers) },
})

/** An answer of its own stands before the problem of the same status. */
const withoutKeysOf = <T>(responses: Readonly<Record<string, T>>, others: object): Record<string, T> =>
  Object.fromEntries(Object.entries(responses).filter(([status]) => !Object.hasOwn(others, status)))

const securityOf = ({ auth }: Route): Record<string, string[]>[] => {
  switch (auth) {
    case 'none':
      return []
    case 'reader':
      return [{}, { bearer: [] }]
    case 'token':
    case 'owner':
    case 'admin':
      return [{ bearer: [] }]
  }
}

const answer = (description: string, type: string, schema: z.ZodType): Operation => ({
  answers: { 200: { description, headers: ALWAYS, content: { [type]: { schema } } } },
})

const html = (description: string): Operation => answer(description, 'text/html', z.string())
const component = z.looseObject({}).meta({ id: 'Readiness', description: 'What is up and what is not, by component.' })

const OPERATIONS: Readonly<Record<OperationId, Operation>> = {
  ...CLIENT_OPERATIONS,
  readHealth: answer('It lives.', 'text/plain', z.literal('OK')),
  readReady: {
    answers: {
      200: { description: 'It can serve.', headers: ALWAYS, content: { 'application/json': { schema: component } } },
      503: {
        description: 'A component is away.',
        headers: ALWAYS,
        content: { 'application/json': { schema: component } },
      },
    },
  },
  readMetrics: answer('Metrics.', 'text/plain', z.string()),
  readOpenApi: answer('OpenAPI 3.1.', 'application/json', z.looseObject({ openapi: z.string() })),
  readAsyncApi: answer('AsyncAPI 3.0.', 'application/json', z.looseObject({ asyncapi: z.string() })),
  readApiDocs: html('A page.'),
  readDashboard: html('A page.'),
  readMigrationGuide: html('A page.'),
  listErrors: html('A page.'),
  readError: {
    ...html('The page of the code.'),
    requestParams: { path: z.object({ code: z.enum(Object.keys(PROBLEMS) as [RefusalCode, ...RefusalCode[]]) }) },
  },
}
