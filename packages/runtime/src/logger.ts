import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino'
import type { Config } from './config/parse-config.ts'
import { VARIABLES, type Variable } from './config/registry.ts'
import { HIDDEN, hideSecrets } from './hide-secrets.ts'

/** A pino logger: `log.info({ facts }, 'text')`, `log.child({ requestId })`. */
export type Logger = PinoLogger

/** Hidden wherever they are keys, in any case. */
const SECRET_KEYS = [
  ...['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'api_?key', 'secret', 'password'],
  ...['passphrase', 'token', '(?:access|id|refresh|session)_?token', 'client_?secret', 'secret_?access_?key'],
  ...(Object.entries(VARIABLES) as [string, Variable][])
    .filter(([, { secret }]) => secret === true)
    .flatMap(([name, { env }]) => [name, env]),
]
const TEXT = '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"'
/**
 * A field of a line of JSON, at any depth: within a text, the quotes of its name would have a backslash before them.
 * pino's own redaction goes by paths of a fixed depth, and takes 90 µs for a line.
 */
const SECRET_FIELD = new RegExp(`"(${SECRET_KEYS.join('|')})":(?:${TEXT}|-?\\d[\\d.eE+-]*|\\[(?:${TEXT},?)*\\])`, 'gi')
/** Delete, C1, separators and bidi marks: JSON leaves them as they are, and a terminal that shows a log obeys them. */
const ACTIVE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * JSON lines, one for each event, with ISO times and levels as words, on stdout unless told otherwise. What is secret is
 * hidden: by its name as a key, and by its form (credentials in addresses, tokens, private keys) in any text. No
 * character of a line acts on a terminal.
 */
export const createLogger = (
  options: { readonly name: string; readonly level: Config['logLevel'] },
  destination?: DestinationStream,
): Logger => {
  const settings = {
    name: options.name,
    level: options.level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: {
      level: (label: string) => ({ level: label }),
      bindings: ({ name, pid }: Record<string, unknown>) => ({ name, pid }),
    },
    serializers: { err: (error: unknown) => describeError(error) },
    hooks: { streamWrite: (line: string) => escapeActive(hideSecrets(hideFields(line))) },
  }
  // Synchronously: pino's own way is not, so that a fatal line overtakes what was said before it, and an exit loses it.
  return pino(settings, destination ?? pino.destination({ dest: STDOUT, sync: true }))
}

const STDOUT = 1

const hideFields = (line: string): string => line.replace(SECRET_FIELD, `"$1":"${HIDDEN}"`)

const escapeActive = (line: string): string =>
  line.replace(ACTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Causes may form a circle. */
const DEEPEST_CAUSE = 8
const MOST_ERRORS = 10

/** An error with its code and its causes. Its other fields stay out: drivers hang whole connections on theirs. */
const describeError = (error: unknown, depth = 0): unknown => {
  if (!(error instanceof Error)) return error
  const inner = (cause: unknown): unknown => (depth < DEEPEST_CAUSE ? describeError(cause, depth + 1) : '…')
  return {
    type: error.name,
    message: hideSecrets(error.message),
    ...('code' in error ? { code: error.code } : {}),
    stack: hideSecrets(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: inner(error.cause) }),
    ...(error instanceof AggregateError ? { errors: error.errors.slice(0, MOST_ERRORS).map(inner) } : {}),
  }
}
