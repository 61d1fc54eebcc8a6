import type { RefusalCode } from '@pebbles/core'

/** What a code means over HTTP, and to a person who reads its page. */
export interface ProblemKind {
  readonly status: number
  readonly title: string
  /** Why one gets it. */
  readonly cause: string
  /** What to do about it. */
  readonly cure: string
  /** A request, a message or an answer that shows it. */
  readonly example: string
}

/** One row for each refusal of core: a code without one does not compile. */
export const PROBLEMS = {
  INVALID_BODY: {
    status: 400,
    title: 'Invalid body',
    cause:
      'The body is not JSON, is nested deeper than 64 levels, holds invalid UTF-8 or half a surrogate pair, or a field is missing or out of bounds.',
    cure: 'Read `errors`: each names a place (`path`, `pointer`) and what must stand there. Correct it and send again; nothing was stored.',
    example: '{"filename":"a.csv","counts":{"done":-1,"warn":0,"failed":0}}',
  },
  INVALID_QUERY: {
    status: 400,
    title: 'Invalid query',
    cause: 'A query parameter that this route knows is malformed, out of bounds, not valid UTF-8, or given twice.',
    cure: 'Correct the parameter that `detail` names. Unknown parameters are ignored. In a query `+` means a space; write `%2B` for a plus.',
    example: 'GET /clients/krn:acme:client:1/progress?limit=5000',
  },
  INVALID_CURSOR: {
    status: 400,
    title: 'Invalid cursor',
    cause: 'The cursor was not made by this server, was cut or changed, or belongs to another client, route or filter.',
    cure: 'Follow the `Link` header with `rel="next"` as it is. To change a filter, begin without a cursor.',
    example: 'GET /clients/krn:acme:client:1/progress?cursor=abc',
  },
  INVALID_CLIENT_KRN: {
    status: 400,
    title: 'Invalid client KRN',
    cause:
      'The client is not named by `krn:` and at least two more segments of `A-Z a-z 0-9 . _ ~ -`, 1 to 64 characters each and 256 in all; or this server takes a narrower form.',
    cure: 'Correct the KRN. It is compared byte for byte, so upper and lower case differ.',
    example: 'GET /clients/KRN:acme:client:1/progress',
  },
  PROGRESS_COMPLETED: {
    status: 400,
    title: 'Progress completed',
    cause: 'The file was completed by an update with `isLast: true`, and that is for good.',
    cure: 'Report a new run under another filename, or let its owner or an administrator delete the file first. A repeat of an update that was applied is not refused: send it with the same key.',
    example: '{"filename":"finished.csv","counts":{"done":1,"warn":0,"failed":0}}',
  },
  COUNTS_OVERFLOW: {
    status: 400,
    title: 'Counts overflow',
    cause:
      'A sum of the file would pass 9007199254740991 (2^53 - 1), the largest that is exact everywhere. Nothing was stored.',
    cure: 'Counts are increments: report what was done since the last update, not the sum so far.',
    example: '{"filename":"a.csv","counts":{"done":9007199254740991,"warn":0,"failed":0}}, twice',
  },
  UNAUTHENTICATED: {
    status: 401,
    title: 'Unauthenticated',
    cause:
      'There is no bearer token, or it is malformed, expired, not yet valid, or not signed by a key of this server.',
    cure: 'Send `Authorization: Bearer <token>` with a fresh token. `WWW-Authenticate` says `invalid_token` when there was one.',
    example: 'curl -X POST https://pebbles.example/clients/krn:acme:client:1/progress',
  },
  NO_EMAIL: {
    status: 403,
    title: 'No email',
    cause:
      'The token has no usable email in the claim that this server reads (by default `email`); in a queue message, the field `email` is missing or not text.',
    cure: 'Let the identity provider add the claim, or set `JWT_EMAIL_CLAIM` to the one it uses. In a message, send `email`.',
    example: 'A token with {"sub":"loader"} only',
  },
  NOT_OWNER: {
    status: 403,
    title: 'Not the owner',
    cause: 'The file belongs to the email of its first update, and this token has another one.',
    cure: 'Report with the same identity throughout, or under another filename. An administrator can delete the file.',
    example: 'ada@example.com reports a.csv first, then bob@example.com',
  },
  CLIENT_FORBIDDEN: {
    status: 403,
    title: 'Client forbidden',
    cause: 'The token is bound to clients (by default by its claim `clients`), and this one is not among them.',
    cure: 'Use a token that covers the client: by its KRN, or by a prefix that ends in `:*`.',
    example: 'A token with {"clients":["krn:acme:*"]} for krn:other:client:1',
  },
  ADMIN_REQUIRED: {
    status: 403,
    title: 'Administrator required',
    cause: 'This route is for administrators, and the token has no administrator claim that is `true`.',
    cure: 'Use a token whose claim `pebbles_admin` (or the one named by `JWT_ADMIN_CLAIM`) is `true`.',
    example: 'GET /clients with an ordinary token',
  },
  PROGRESS_NOT_FOUND: {
    status: 404,
    title: 'Progress not found',
    cause:
      'The client has no file of this name: nothing was reported yet, it was deleted, or it moved to another client.',
    cure: 'Compare the name byte for byte: composed and decomposed letters are different names. Percent-encode it in the query.',
    example: 'GET /clients/krn:acme:client:1/progress?filename=unknown.csv',
  },
  NOT_FOUND: {
    status: 404,
    title: 'Not found',
    cause: 'No route has this path. Paths are compared exactly: case and a slash at the end matter.',
    cure: 'See /openapi.json or /api-docs for the routes.',
    example: 'GET /Clients',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'Method not allowed',
    cause: 'The path exists, but not for this method.',
    cure: 'Use one of the methods in `Allow`.',
    example: 'PUT /clients/krn:acme:client:1/progress',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'Not acceptable',
    cause: 'The answer exists in none of the formats of `Accept`.',
    cure: 'Accept `application/json`, or leave the header out.',
    example: 'Accept: image/png',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request timeout',
    cause: 'The headers or the body took too long to arrive.',
    cure: 'Send again, in one go. Over a slow line, send smaller bodies.',
    example: 'A body of one byte a second',
  },
  FILE_MOVED: {
    status: 409,
    title: 'File moved',
    cause: 'An operator moved the file to another client less than 15 days ago. The update was not applied.',
    cure: 'Report under the new client. A repeat of an update from before the move is answered as such.',
    example: 'An update of a.csv after `pebbles clients move`',
  },
  LEGACY_REMOVED: {
    status: 410,
    title: 'Legacy routes removed',
    cause: 'The single-tenant routes `/progress` were switched off on this server.',
    cure: 'Use the URL in `successor`: the same route under a client.',
    example: 'GET /progress',
  },
  BODY_TOO_LARGE: {
    status: 413,
    title: 'Body too large',
    cause: 'The body is larger than `MAX_BODY_BYTES` (5 MiB unless set otherwise).',
    cure: 'Split it: counts and issues of several updates add up.',
    example: 'A body of 6 MiB',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'Unsupported media type',
    cause: 'The body is not `application/json`, not in UTF-8, or it is compressed.',
    cure: 'Send `Content-Type: application/json` and no `Content-Encoding`.',
    example: 'Content-Type: text/plain',
  },
  EXPECTATION_FAILED: {
    status: 417,
    title: 'Expectation failed',
    cause: 'The request has an `Expect` header other than `100-continue`.',
    cure: 'Leave the header out.',
    example: 'Expect: something',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'Idempotency key reused',
    cause: 'The key was used for this file before, with another body. Nothing was stored.',
    cure: 'Make a new key for each update, and keep it only for repeats of that very update. A key lives as long as its file, and 15 days beyond its deletion.',
    example: 'Two updates with different counts and one Idempotency-Key',
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    cause: 'The caller used up the requests of its window.',
    cure: 'Wait for `Retry-After` seconds, then go on. Fewer, larger updates count less: they add up.',
    example: 'RateLimit: "default";r=0;t=42',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    title: 'Request headers too large',
    cause: 'The request line and headers together are larger than this server reads.',
    cure: 'Send fewer or shorter headers; look at long tokens, cookies and cursors.',
    example: 'A header of 20 KB',
  },
  BAD_REQUEST: {
    status: 400,
    title: 'Bad request',
    cause: 'The request is not valid HTTP, or a header that this server reads is malformed.',
    cure: 'Correct what `detail` names. When it names nothing, look for a broken client or proxy in between.',
    example: 'Idempotency-Key: (256 characters)',
  },
  INTERNAL: {
    status: 500,
    title: 'Internal error',
    cause: 'A fault of this server that it did not foresee. For an update, the outcome is unknown.',
    cure: 'Tell the operator the `requestId`. Repeat an update with the same key only: that is safe.',
    example: 'None that is known',
  },
  NOT_IMPLEMENTED: {
    status: 501,
    title: 'Not implemented',
    cause: 'The method is known to no route of this server.',
    cure: 'Use GET, HEAD, POST, DELETE or OPTIONS.',
    example: 'PROPFIND /clients',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    title: 'Store unavailable',
    cause:
      'The database did not answer in time. When `outcome` is `unknown`, the update may or may not have been applied.',
    cure: 'Repeat after `Retry-After` seconds with the same `Idempotency-Key` or `updateId`: it is applied once. Without a key a repeat may count twice.',
    example: 'Any request while the database restarts',
  },
  AUTH_UNAVAILABLE: {
    status: 503,
    title: 'Authentication unavailable',
    cause:
      'This server could not load any key of the identity provider yet, so it can neither accept nor refuse a token.',
    cure: 'Keep the token and repeat after `Retry-After` seconds. Operators: look at `JWT_JWKS_URL`.',
    example: 'The identity provider is away at start',
  },
  SCHEMA_CONFLICT: {
    status: 503,
    title: 'Schema conflict',
    cause:
      'An old unique index on filename and email still stands in the database, and another client has a file of this name and owner. Nothing was stored.',
    cure: 'Operators: run `pebbles migrate up`, and make sure that no instance of the old version runs, as it makes the index again. Then repeat.',
    example: 'The first update of a.csv for a second client, before the migration',
  },
  TOO_MANY_LISTENERS: {
    status: 503,
    title: 'Too many listeners',
    cause: 'This process serves as many event streams as it may (`SSE_MAX`).',
    cure: 'Repeat after `Retry-After` seconds. Share one stream among the tabs of a page.',
    example: 'GET /clients/krn:acme:client:1/progress/events',
  },
  TOO_MANY_EXPORTS: {
    status: 503,
    title: 'Too many exports',
    cause: 'This process writes as many exports at once as it may (`EXPORT_MAX`).',
    cure: 'Repeat after `Retry-After` seconds, one export after the other.',
    example: 'Accept: text/csv, five times at once',
  },
  UNSUPPORTED_ENVELOPE: {
    status: 400,
    title: 'Unsupported envelope',
    cause:
      'A queue message is wrapped in a way that is not read: a CloudEvents batch, another version of CloudEvents, an envelope within an envelope, or a notice of SNS that is not a notification.',
    cure: 'Send the update itself, one CloudEvents 1.0 event, or by SNS to SQS. A subscription is confirmed by its owner, never by this service.',
    example: '{"Type":"SubscriptionConfirmation","SubscribeURL":"..."}',
  },
  EMPTY_MESSAGE: {
    status: 400,
    title: 'Empty message',
    cause: 'A queue message has no value: on Kafka a null value, which stands for a deletion in compacted topics.',
    cure: 'Send updates only. To delete a file, use the HTTP API.',
    example: 'A Kafka record with a key and a null value',
  },
} as const satisfies Record<RefusalCode, ProblemKind>

/** Whether a text, such as the end of `/errors/…`, is a code. */
export const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(PROBLEMS, text)

/** The HTTP status of a code. */
export const statusOfCode = (code: RefusalCode): number => PROBLEMS[code].status
