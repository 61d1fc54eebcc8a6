/**
 * Every way in which Pebbles refuses, in one place: what a code means for the one who gets it.
 * Wire gives each an HTTP status and a page; the docs are tested against this list.
 */
export const REFUSALS = {
  INVALID_BODY: 'The body is not what this route takes',
  INVALID_QUERY: 'A query parameter is malformed or given twice',
  INVALID_CURSOR: 'This cursor does not belong to this query',
  INVALID_CLIENT_KRN: 'The client KRN is malformed',
  PROGRESS_COMPLETED: 'This file processing has already been completed',
  COUNTS_OVERFLOW: 'A count would pass 9007199254740991',
  UNAUTHENTICATED: 'Authentication is required',
  NO_EMAIL: 'No email found in authentication token',
  NOT_OWNER: "Only the original creator can update this file's progress",
  CLIENT_FORBIDDEN: 'The token does not cover this client',
  ADMIN_REQUIRED: 'This needs an administrator',
  PROGRESS_NOT_FOUND: 'Progress not found for this file',
  NOT_FOUND: 'There is nothing at this address',
  METHOD_NOT_ALLOWED: 'This address does not take this method',
  NOT_ACCEPTABLE: 'None of the accepted formats can be sent',
  REQUEST_TIMEOUT: 'The request did not arrive in time',
  FILE_MOVED: 'This file was moved to another client',
  LEGACY_REMOVED: 'The single-tenant routes were removed',
  BODY_TOO_LARGE: 'The body is larger than this server takes',
  UNSUPPORTED_MEDIA_TYPE: 'The body must be plain JSON',
  EXPECTATION_FAILED: 'This expectation cannot be met',
  IDEMPOTENCY_KEY_REUSED: 'This key was used with another body',
  RATE_LIMITED: 'Too many requests',
  HEADERS_TOO_LARGE: 'The request headers are too large',
  BAD_REQUEST: 'The request is not valid HTTP',
  INTERNAL: 'Something went wrong on this side',
  NOT_IMPLEMENTED: 'This server does not know this method',
  STORE_UNAVAILABLE: 'The store is not available; the outcome may be unknown',
  AUTH_UNAVAILABLE: 'The keys that verify tokens are not available',
  SCHEMA_CONFLICT: "An old unique index is in the way of this file's first update",
  TOO_MANY_LISTENERS: 'Too many listeners',
  TOO_MANY_EXPORTS: 'Too many exports at once',
  UNSUPPORTED_ENVELOPE: 'This message envelope is not supported',
  EMPTY_MESSAGE: 'The message is empty',
} as const satisfies Record<string, string>

export type RefusalCode = keyof typeof REFUSALS

/** The refusals that the rules of progress themselves give, or the store on their behalf. */
export type ProgressRefusal =
  | 'NOT_OWNER'
  | 'PROGRESS_COMPLETED'
  | 'COUNTS_OVERFLOW'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'FILE_MOVED'
  | 'SCHEMA_CONFLICT'
