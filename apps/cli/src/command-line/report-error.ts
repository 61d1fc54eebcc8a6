import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode, exitOfSignal } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { printJson, printLine } from '../terminal/print.ts'

/** Says on standard error what went wrong and what to do, and answers the exit code. */
export const reportError = async (error: unknown, context: Context, json: boolean): Promise<ExitCode> => {
  const { stderr } = context
  // Whoever read the output had enough of it, as in `pebbles list | head`.
  if (isSystemError(error) && error.code === 'EPIPE') return exitOfSignal('SIGPIPE')
  const known = error instanceof CliError ? error : await translate(error)
  const { exit, code, message } = known
  const next = known.next === null ? null : await asTyped(known.next, context)
  if (json) await printJson(stderr, { error: { code, message, next, exit } })
  else await printLine(stderr, `pebbles: ${message}${next === null ? '' : `\n  ${next}`}`)
  return exit
}

/** Of a store on the disk the message says nearly all there is. */
const nextOf = ({ code, message }: { readonly code?: unknown; readonly message: string }) => {
  if (code === 'STORE_BUSY') return { next: 'A process that is paused, or a backup by another program? Try again.' }
  return code === 'STORE_UNAVAILABLE' && message.includes('MongoDB')
    ? { next: 'Is MONGO_URI right, and does its server run? "pebbles doctor" looks at both.' }
    : {}
}

const translate = async (error: unknown): Promise<CliError> => {
  const message = escapeText(error instanceof Error ? error.message : String(error))
  if (isSystemError(error)) {
    const { exitCodeOf } = await import('@pebbles/runtime')
    const exit = exitCodeOf(error)
    if (exit !== 1) return new CliError({ exit, message, cause: error, ...nextOf(error) })
  }
  if (isSystemError(error) && (error.syscall !== undefined || STORE_AWAY.has(error.code)))
    return new CliError({ exit: EXIT.io, message: `${message}.`, cause: error, ...nextOf(error) })
  const place = error instanceof Error ? escapeText(error.stack?.split('\n')[1]?.trim() ?? '') : ''
  return new CliError({
    exit: EXIT.software,
    message: `A bug: ${message}.`,
    next: `Please report it, with this: ${place}`,
    cause: error,
  })
}

const STORE_AWAY: ReadonlySet<string | undefined> = new Set(['STORE_UNAVAILABLE', 'STORE_BUSY'])

const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error

/** Commands as they are typed where `pebbles` itself is not installed. */
const asTyped = async (text: string, { environment }: Context): Promise<string> => {
  // What went wrong may be the reading of the environment itself.
  const env = await environment().catch(() => undefined)
  return env?.['npm_lifecycle_event'] === 'pebbles'
    ? text.replaceAll(/(?<=^|["\s])pebbles (?=[a-z-])/g, 'npm run -s pebbles -- ')
    : text
}
