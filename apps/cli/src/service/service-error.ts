import type { Problem } from '@pebbles/wire'
import { CliError, type CliErrorFacts } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'
import type { Connection } from './connection.ts'

/** What the service refused, or why it could not be reached. */
export class ServiceError extends CliError {
  /** Null when there was no answer. */
  readonly status: number | null
  /** Null when a repeat cannot help; else how long to wait at least. */
  readonly retryAfterMs: number | null

  constructor(facts: CliErrorFacts & { readonly status: number | null; readonly retryAfterMs: number | null }) {
    super(facts)
    this.name = 'ServiceError'
    this.status = facts.status
    this.retryAfterMs = facts.retryAfterMs
  }
}

/** Nobody answered: refused, unknown host, silence. */
export const unreachable = (connection: Connection, cause: unknown): ServiceError => {
  const { url, isDefault } = connection
  return new ServiceError({
    exit: EXIT.unavailable,
    code: 'UNREACHABLE',
    message: `No Pebbles service answers at ${url} (${reasonOf(cause)}).`,
    next: isDefault
      ? 'Start one with "npm start", or name another by PEBBLES_URL.'
      : 'Check the URL, and that the service runs there.',
    status: null,
    retryAfterMs: 0,
    cause,
  })
}

/** An answer that no Pebbles service gives. */
export const foreign = (connection: Connection, status: number, what: string): ServiceError =>
  new ServiceError({
    exit: EXIT.unavailable,
    code: 'FOREIGN',
    message: `What answers at ${connection.url} is no Pebbles service (${status}, ${escapeText(what)}).`,
    next: 'Check PEBBLES_URL.',
    status,
    retryAfterMs: status === 502 || status === 503 || status === 504 ? 0 : null,
  })

/** A refusal as its user should read it. */
export const refused = (connection: Connection, problem: Problem, retryAfter: string | null): ServiceError => {
  const { status, code } = problem
  const seconds = Number(retryAfter ?? problem.retryAfter ?? 0)
  const fields = (problem.errors ?? [])
    .slice(0, 5)
    .map(({ path, message }) => `${escapeText(path === '' ? 'the body' : path)} ${escapeText(message)}`)
  const detail = escapeText(problem.detail).replace(/\.$/, '')
  const next = nextStep(connection, problem)
  return new ServiceError({
    exit: exitOf(status, code),
    code,
    message: `${detail}${fields.length === 0 ? '' : `: ${fields.join('; ')}`} (${code}).`,
    ...(next === null ? {} : { next }),
    status,
    retryAfterMs: status === 429 || status === 503 ? (Number.isFinite(seconds) ? seconds * 1000 : 0) : null,
  })
}

const exitOf = (status: number, code: string): number => {
  if (status === 401 || status === 403) return EXIT.notAllowed
  if (code === 'INVALID_CLIENT_KRN' || code === 'INVALID_QUERY') return EXIT.usage
  if (code === 'INVALID_BODY') return EXIT.data
  if (status === 429 || status >= 500) return EXIT.unavailable
  return EXIT.failed
}

const nextStep = ({ token, withoutToken }: Connection, { code }: Problem): string | null => {
  switch (code) {
    case 'UNAUTHENTICATED':
      return token === null
        ? `${withoutToken ?? 'There is no token'}. In development "pebbles token" prints one; else take one of your identity provider.`
        : 'The token is expired or made for another service: set PEBBLES_TOKEN to a fresh one ("pebbles token" prints one in development).'
    case 'CLIENT_FORBIDDEN':
      return 'Use a token whose "clients" claim covers this client.'
    case 'ADMIN_REQUIRED':
      return 'Name a client with --client, or use an administrator\'s token ("pebbles token --admin" in development).'
    case 'NO_EMAIL':
      return 'Use a token with an email, as it owns what it reports.'
    case 'NOT_OWNER':
      return 'Report with the token that reported first, or under another filename.'
    case 'INVALID_CLIENT_KRN':
      return 'A client is named like krn:acme:client:prod-001.'
    case 'PROGRESS_COMPLETED':
      return 'Report a new run under another filename.'
    case 'IDEMPOTENCY_KEY_REUSED':
      return 'Repeat exactly what this key was used with, or take another key.'
    case 'PROGRESS_NOT_FOUND':
      return '"pebbles list" shows what there is.'
    case 'BODY_TOO_LARGE':
      return 'Send less at once; for "pebbles import" set --every.'
    case 'STORE_UNAVAILABLE':
      return 'Try again; "pebbles doctor" looks at the store.'
    default:
      return null
  }
}

const reasonOf = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  if (!(inner instanceof Error)) return 'no answer'
  const code = 'code' in inner ? String(inner.code) : ''
  return REASONS[code] ?? (inner.name === 'TimeoutError' ? 'no answer in time' : escapeText(inner.message || code))
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'the host name cannot be resolved',
  ECONNRESET: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'host not reachable',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate',
}
