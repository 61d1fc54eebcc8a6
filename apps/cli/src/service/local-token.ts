import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, Environment } from '@pebbles/runtime'
import { SignJWT } from 'jose'

export interface TokenClaims {
  readonly email: string
  readonly clients: readonly string[] | null
  readonly admin: boolean
  /** Seconds from now; null: never expires. */
  readonly expiresIn: number | null
}

export const DEVELOPMENT_EMAIL = 'dev@localhost'
export const DEVELOPMENT_CLAIMS: TokenClaims = { email: DEVELOPMENT_EMAIL, clients: null, admin: true, expiresIn: null }

const A_DAY = 24 * 60 * 60
const SECRET_FILE = 'development-secret'

/** Signs a token that the service with this configuration takes. */
export const signToken = async (config: Config, secret: string, claims: TokenClaims): Promise<string> => {
  const payload = {
    [config.jwtEmailClaim]: claims.email,
    ...(claims.clients === null ? {} : { [config.jwtClientsClaim]: claims.clients }),
    ...(claims.admin ? { [config.jwtAdminClaim]: true } : {}),
  }
  const token = new SignJWT(payload)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setSubject(claims.email)
  if (claims.expiresIn !== null) token.setExpirationTime(new Date(Date.now() + claims.expiresIn * 1000))
  if (config.jwtIssuer !== null) token.setIssuer(config.jwtIssuer)
  if (config.jwtAudience !== null) token.setAudience(config.jwtAudience)
  return token.sign(Buffer.from(secret))
}

/** The development token of `DATA_DIR`, if a service in development mode has started there before. */
export const localToken = async (
  env: Environment,
): Promise<{ readonly token: string | null; readonly withoutToken: string | null }> => {
  const { ConfigError, developmentSecret, parseConfig } = await import('@pebbles/runtime')
  try {
    const config = parseConfig(env)
    if (!config.developmentMode)
      return none('PEBBLES_TOKEN is not set, and the development token is not valid where keys are configured')
    if (!existsSync(join(config.dataDir, SECRET_FILE)))
      return none(`PEBBLES_TOKEN is not set, and no service has started in ${config.dataDir} yet`)
    const claims = { ...DEVELOPMENT_CLAIMS, expiresIn: A_DAY }
    return { token: await signToken(config, developmentSecret(config.dataDir), claims), withoutToken: null }
  } catch (error) {
    if (error instanceof ConfigError) return none('PEBBLES_TOKEN is not set, and the configuration here is not valid')
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      return none('PEBBLES_TOKEN is not set, and the development secret of DATA_DIR may not be read')
    throw error
  }
}

const none = (withoutToken: string) => ({ token: null, withoutToken })
