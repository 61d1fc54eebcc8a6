import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '@pebbles/runtime'
import { escapeText } from '../terminal/escape-text.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Who may come in: the keys that verify tokens, and the two doors that are open unless they are closed. */
export const checkTokens = async (config: Config): Promise<readonly Finding[]> => [
  ...(await checkKeys(config)),
  config.readAuth === 'jwt'
    ? ok('READ_AUTH', 'jwt: reads need a token')
    : warn('READ_AUTH', 'public: whoever reaches the service can read every client', 'Set READ_AUTH=jwt'),
  config.jwtClientsRequired
    ? ok('JWT_CLIENTS_REQUIRED', 'true: a token covers the clients that it names')
    : warn(
        'JWT_CLIENTS_REQUIRED',
        'false: a token without the clients claim covers every client',
        'Set JWT_CLIENTS_REQUIRED=true once all tokens have the claim',
      ),
]

const checkKeys = async (config: Config): Promise<readonly Finding[]> => {
  if (config.developmentMode) return [await checkDevelopmentSecret(config)]
  return [
    ...(config.jwtSecret === null ? [] : [ok('token keys', 'JWT_SECRET verifies HS256, HS384 and HS512')]),
    ...(config.jwtPublicKey === null ? [] : [ok('token keys', 'JWT_PUBLIC_KEY can be read')]),
    ...(config.jwtJwksUrl === null ? [] : await checkKeySet(config.jwtJwksUrl, config)),
  ]
}

const checkDevelopmentSecret = async ({ dataDir, listenHost }: Config): Promise<Finding> => {
  const file = join(dataDir, 'development-secret')
  const cure = 'For other people set JWT_SECRET, JWT_JWKS_URL or JWT_PUBLIC_KEY, and NODE_ENV=production'
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return fail('token keys', `${escapeText(file)} can be read by other users`, `chmod 600 ${escapeText(file)}`)
  } catch {
    // It is made at the first start.
  }
  if (/^(?:127\.|localhost$|::1$)/.test(listenHost))
    return ok('token keys', 'development mode: tokens of a secret in DATA_DIR, for this machine only')
  return warn('token keys', `development mode, and yet it listens on ${escapeText(listenHost)}`, cure)
}

const checkKeySet = async (url: string, { jwtIssuer, jwtAudience }: Config): Promise<readonly Finding[]> => {
  const findings: Finding[] = []
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5_000) })
    const { keys } = (await answer.json()) as { keys?: unknown }
    const count = Array.isArray(keys) ? keys.length : 0
    findings.push(
      answer.ok && count > 0
        ? ok('token keys', `JWT_JWKS_URL answers with ${count === 1 ? 'one key' : `${count} keys`}`)
        : fail('token keys', `JWT_JWKS_URL answers ${answer.status} without keys`, 'Check the URL'),
    )
  } catch {
    findings.push(
      fail('token keys', 'JWT_JWKS_URL does not answer with JSON within 5 s', 'Check the URL and the network'),
    )
  }
  if (jwtIssuer === null || jwtAudience === null)
    findings.push(
      warn(
        'token claims',
        'without JWT_ISSUER and JWT_AUDIENCE tokens made for any application of this identity provider are taken',
        'Set both',
      ),
    )
  return findings
}
