import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { localToken } from './local-token.ts'

/** Which service is spoken to, and as whom. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string | null
  /** Why there is no token, where there is none. */
  readonly withoutToken: string | null
  /** The service that `npm start` starts on this machine. */
  readonly isDefault: boolean
}

/**
 * `PEBBLES_URL` and `PEBBLES_TOKEN`, by default the local service and the development token of `DATA_DIR`. That one is
 * only ever sent to this machine.
 */
export const connectionOf = async (context: Pick<Context, 'environment'>, urlOption?: string): Promise<Connection> => {
  const env = await context.environment()
  const given = urlOption ?? (env['PEBBLES_URL'] || undefined)
  const url = URL.parse(given ?? localUrl(env['PORT']))
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new CliError({
      exit: EXIT.usage,
      message: `${urlOption === undefined ? 'PEBBLES_URL' : '--url'} "${escapeText(given ?? '')}" is not an http or https URL.`,
      next: `For example PEBBLES_URL=${localUrl(undefined)}`,
    })
  const base = { url: url.href.replace(/\/+$/, ''), isDefault: given === undefined }
  const token = env['PEBBLES_TOKEN'] || null
  if (token !== null) {
    if (/[^\u0021-\u007e]/.test(token))
      throw new CliError({
        exit: EXIT.usage,
        message: 'PEBBLES_TOKEN holds spaces or characters that no token has.',
        next: 'Set it to the token alone, without "Bearer".',
      })
    return { ...base, token, withoutToken: null }
  }
  if (!isLoopback(url.hostname))
    return {
      ...base,
      token: null,
      withoutToken: 'PEBBLES_TOKEN is not set, and the development token goes to this machine only',
    }
  return { ...base, ...(await localToken(env)) }
}

/** Where `npm start` listens in this folder. */
const localUrl = (port: string | undefined): string =>
  `http://127.0.0.1:${port !== undefined && /^[1-9]\d{0,4}$/.test(port) ? port : '8081'}`

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
