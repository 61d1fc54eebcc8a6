import type { RefusalCode } from '@pebbles/core'

/**
 * Who may call a route. `none`: anybody · `reader`: anybody, or with `READ_AUTH=jwt` a token that covers the client ·
 * `token`: a token with an email that covers the client · `owner`: such a token of the file's owner or an administrator
 * · `admin`: an administrator's token.
 */
export type RouteAuth = 'none' | 'reader' | 'token' | 'owner' | 'admin'

/** One row of the registry of routes. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** As OpenAPI writes it, with parameters in braces. */
  readonly path: string
  readonly operationId: string
  readonly auth: RouteAuth
  readonly tag: 'Updates' | 'Progress' | 'Clients' | 'Legacy' | 'Service'
  readonly summary: string
  /** What it refuses with, beside what any request can be refused with. */
  readonly codes: readonly RefusalCode[]
}

const READING = ['INVALID_CLIENT_KRN', 'UNAUTHENTICATED', 'CLIENT_FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED'] as const
const AWAY = ['STORE_UNAVAILABLE', 'AUTH_UNAVAILABLE'] as const
const WRITING = [
  ...READING,
  ...AWAY,
  'INVALID_BODY',
  'NO_EMAIL',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'REQUEST_TIMEOUT',
] as const
const RULES = [
  'PROGRESS_COMPLETED',
  'COUNTS_OVERFLOW',
  'NOT_OWNER',
  'FILE_MOVED',
  'IDEMPOTENCY_KEY_REUSED',
  'SCHEMA_CONFLICT',
] as const

/** Every route there is. The server, its documents and the tests of who may ask what are made from this list. */
export const ROUTES = [
  {
    method: 'POST',
    path: '/clients/{clientKrn}/progress',
    operationId: 'recordUpdate',
    auth: 'token',
    tag: 'Updates',
    summary: 'Report progress of a file',
    codes: [...WRITING, ...RULES],
  },
  {
    method: 'POST',
    path: '/clients/{clientKrn}/progress/batch',
    operationId: 'recordBatch',
    auth: 'token',
    tag: 'Updates',
    summary: 'Report up to 1,000 updates at once',
    codes: WRITING,
  },
  {
    method: 'DELETE',
    path: '/clients/{clientKrn}/progress',
    operationId: 'deleteProgress',
    auth: 'owner',
    tag: 'Updates',
    summary: 'Delete a file; its name may be used anew',
    codes: [...READING, ...AWAY, 'INVALID_QUERY', 'NO_EMAIL', 'NOT_OWNER', 'PROGRESS_NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/clients/{clientKrn}/progress',
    operationId: 'readProgress',
    auth: 'reader',
    tag: 'Progress',
    summary: 'One file by its name, or a list',
    codes: [...READING, ...AWAY, 'INVALID_QUERY', 'INVALID_CURSOR', 'PROGRESS_NOT_FOUND', 'TOO_MANY_EXPORTS'],
  },
  {
    method: 'GET',
    path: '/clients/{clientKrn}/progress/issues',
    operationId: 'listIssues',
    auth: 'reader',
    tag: 'Progress',
    summary: 'Every error or warning of a file',
    codes: [...READING, ...AWAY, 'INVALID_QUERY', 'INVALID_CURSOR', 'PROGRESS_NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/clients/{clientKrn}/progress/history',
    operationId: 'listHistory',
    auth: 'reader',
    tag: 'Progress',
    summary: 'What was committed for a file, in order',
    codes: [...READING, ...AWAY, 'INVALID_QUERY', 'INVALID_CURSOR', 'PROGRESS_NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/clients/{clientKrn}/progress/summary',
    operationId: 'readSummary',
    auth: 'reader',
    tag: 'Progress',
    summary: 'All files of a client in one row of numbers',
    codes: [...READING, ...AWAY],
  },
  {
    method: 'GET',
    path: '/clients/{clientKrn}/progress/events',
    operationId: 'streamEvents',
    auth: 'reader',
    tag: 'Progress',
    summary: 'Every change as it happens (Server-Sent Events)',
    codes: [...READING, ...AWAY, 'INVALID_QUERY', 'TOO_MANY_LISTENERS'],
  },
  {
    method: 'GET',
    path: '/clients',
    operationId: 'listClients',
    auth: 'admin',
    tag: 'Clients',
    summary: 'Clients, most recently updated first',
    codes: ['UNAUTHENTICATED', 'ADMIN_REQUIRED', 'RATE_LIMITED', ...AWAY],
  },
  {
    method: 'POST',
    path: '/progress',
    operationId: 'recordLegacyUpdate',
    auth: 'token',
    tag: 'Legacy',
    summary: 'Report progress of a file of the default client',
    codes: [...withoutKrn(WRITING), ...RULES, 'LEGACY_REMOVED'],
  },
  {
    method: 'GET',
    path: '/progress',
    operationId: 'readLegacyProgress',
    auth: 'reader',
    tag: 'Legacy',
    summary: 'One file or a list of the default client, in the old form',
    codes: [...withoutKrn(READING), ...AWAY, 'INVALID_QUERY', 'INVALID_CURSOR', 'PROGRESS_NOT_FOUND', 'LEGACY_REMOVED'],
  },
  service('/health', 'readHealth', 'Whether the process lives'),
  service('/ready', 'readReady', 'Whether it can serve, by component'),
  service('/metrics', 'readMetrics', 'Metrics in the Prometheus text format'),
  service('/openapi.json', 'readOpenApi', 'This document'),
  service('/asyncapi.json', 'readAsyncApi', 'The document of the queue messages'),
  service('/api-docs', 'readApiDocs', 'This document, to browse'),
  service('/', 'readDashboard', 'The dashboard'),
  service('/guides/migrate', 'readMigrationGuide', 'How a program leaves the single-tenant routes'),
  service('/errors', 'listErrors', 'All codes of problems'),
  { ...service('/errors/{code}', 'readError', 'What a code means and what to do'), codes: ['NOT_FOUND'] },
] as const satisfies readonly Route[]

/** Names a route in code. */
export type OperationId = (typeof ROUTES)[number]['operationId']

/** Where no path names a client. */
function withoutKrn<Code extends RefusalCode>(codes: readonly Code[]): Exclude<Code, 'INVALID_CLIENT_KRN'>[] {
  return codes.filter((code): code is Exclude<Code, 'INVALID_CLIENT_KRN'> => code !== 'INVALID_CLIENT_KRN')
}

function service<Path extends string, Id extends string>(path: Path, operationId: Id, summary: string) {
  return { method: 'GET', path, operationId, auth: 'none', tag: 'Service', summary, codes: [] } as const
}
