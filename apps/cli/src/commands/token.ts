import { parseClientKrn } from '@pebbles/core'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { loadConfig } from '../service/local-config.ts'
import { DEVELOPMENT_EMAIL, signToken } from '../service/local-token.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { printJson, printLine } from '../terminal/print.ts'

export interface TokenOptions {
  readonly email?: string
  readonly client?: readonly string[]
  readonly admin?: true
  /** Seconds; may be infinite. */
  readonly expires?: number
  readonly json?: true
}

const DEVELOPMENT_EXPIRES = 30 * 24 * 60 * 60
const SECRET_EXPIRES = 60 * 60

/** Prints a token that the services of this folder take. */
export const run = async (options: TokenOptions, context: Context): Promise<ExitCode> => {
  const config = await loadConfig(context)
  const { developmentMode, jwtSecret } = config
  if (!developmentMode && jwtSecret === null)
    throw new CliError({
      exit: EXIT.config,
      message: `Only the keys of ${config.jwtJwksUrl === null ? 'JWT_PUBLIC_KEY' : 'JWT_JWKS_URL'} are configured: they verify tokens and cannot sign any.`,
      next: 'Take a token of your identity provider, and set PEBBLES_TOKEN to it.',
    })
  const email = options.email ?? (developmentMode ? DEVELOPMENT_EMAIL : undefined)
  if (email === undefined)
    throw new CliError({
      exit: EXIT.usage,
      message: 'Whose token? JWT_SECRET is configured, so it counts in production, too.',
      next: 'Name the owner: --email loader@example.com',
    })
  for (const client of options.client ?? [])
    if (parseClientKrn(client.endsWith(':*') ? `${client.slice(0, -1)}x:x` : client) === undefined)
      throw new CliError({
        exit: EXIT.usage,
        message: `"${escapeText(client)}" is neither a client KRN nor a prefix that ends in ":*".`,
        next: 'For example --client krn:acme:client:prod-001, or --client "krn:acme:*"',
      })
  const { developmentSecret } = await import('@pebbles/runtime')
  const seconds = options.expires ?? (developmentMode ? DEVELOPMENT_EXPIRES : SECRET_EXPIRES)
  const expiresIn = Number.isFinite(seconds) ? seconds : null
  // Asked for nothing in particular, development mode gives the token that it prints at its start.
  const ready = developmentMode && options.email === undefined && options.client === undefined
  const claims = { email, clients: options.client ?? null, admin: ready || options.admin === true, expiresIn }
  const token = await signToken(config, jwtSecret ?? developmentSecret(config.dataDir), claims)
  if (options.json) {
    const expiresAt = expiresIn === null ? null : new Date(context.now() + expiresIn * 1000).toISOString()
    await printJson(context.stdout, { token, email, clients: claims.clients, admin: claims.admin, expiresAt })
  } else await printLine(context.stdout, token)
  return EXIT.ok
}
