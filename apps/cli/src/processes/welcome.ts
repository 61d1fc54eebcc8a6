import type { Config } from '@pebbles/runtime'
import { DEVELOPMENT_CLAIMS, DEVELOPMENT_EMAIL, signToken } from '../service/local-token.ts'

/** What a developer needs to begin: where it listens, and in development mode a token ready for use. */
export interface Welcome {
  readonly url: string
  /** With the token in its fragment, which never reaches a server. */
  readonly page: string
  readonly token: string | null
  readonly email: string | null
}

export const welcomeOf = async (config: Config, listening: string): Promise<Welcome> => {
  const url = reachable(listening)
  if (!config.developmentMode) return { url, page: `${url}/`, token: null, email: null }
  const { developmentSecret } = await import('@pebbles/runtime')
  const token = await signToken(config, developmentSecret(config.dataDir), DEVELOPMENT_CLAIMS)
  return { url, page: `${url}/#token=${token}`, token, email: DEVELOPMENT_EMAIL }
}

/** All addresses of a machine are no address that a browser can open. */
const reachable = (listening: string): string =>
  listening.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=[:/]|$)/, '//localhost').replace(/\/+$/, '')

export const renderWelcome = ({ url, page, token, email }: Welcome): string =>
  token === null
    ? `\nPebbles listens on ${url}\n`
    : `
Pebbles listens on ${url}

Page   ${page}

Token  ${token}
       Development mode: ${email}, administrator. It stays valid as long as the data folder.

Try    curl -X POST ${url}/clients/krn:mycompany:client:123/progress \\
         -H 'Authorization: Bearer ${token}' \\
         -H 'Content-Type: application/json' \\
         -d '{"filename":"test.csv","counts":{"done":1,"warn":0,"failed":0}}'

Stop   Ctrl-C
`
