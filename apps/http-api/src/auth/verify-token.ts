import type { Context } from 'koa'
import koaJwt from 'koa-jwt'
import { type HttpContext, timesSent } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { type ClaimNames, type Identity, identityOf } from './identity.ts'
import type { TokenKeys } from './token-keys.ts'

export interface TokenSettings {
  readonly keys: TokenKeys
  readonly claims: ClaimNames
  readonly issuer: string | null
  readonly audience: string | null
}

/** Who sends a request, by its Authorization header alone; throws the problem when there is no valid token. */
export type Authenticate = (ctx: HttpContext) => Promise<Identity>

const LEEWAY_SECONDS = 5
const REMEMBERED_TOKENS = 10_000
const REMEMBERED_MS = 60_000
/** Longer ones are verified each time: ten thousand of them would be memory that a caller chooses. */
const REMEMBERED_LENGTH = 4_096
const REALM = 'Bearer realm="pebbles"'

/**
 * Verifies by koa-jwt, and remembers for a minute at most which tokens were good: verifying each request anew costs
 * more than all the rest of it. A remembered token never outlives its `exp`, nor the key set that verified it.
 */
export const createAuthenticate = ({ keys, claims, issuer, audience }: TokenSettings): Authenticate => {
  const remembered = new Map<string, Remembered>()
  let generation = keys.generation()
  const verify = createVerify({ keys, issuer, audience })

  return async (ctx) => {
    const token = bearerToken(ctx)
    if (generation !== keys.generation()) {
      generation = keys.generation()
      remembered.clear()
    }
    const known = remembered.get(token)
    if (known !== undefined) {
      if (known.until > performance.now() && known.expires > Date.now()) return known.identity
      remembered.delete(token)
    }
    const identity = identityOf(await verify(token), claims)
    if (token.length <= REMEMBERED_LENGTH) {
      if (remembered.size >= REMEMBERED_TOKENS) remembered.delete(remembered.keys().next().value as string)
      remembered.set(token, {
        identity,
        until: performance.now() + REMEMBERED_MS,
        expires: identity.expires === null ? Number.POSITIVE_INFINITY : (identity.expires + LEEWAY_SECONDS) * 1000,
      })
    }
    return identity
  }
}

interface Remembered {
  readonly identity: Identity
  /** By a clock that never goes back. */
  readonly until: number
  /** By the wall clock, which `exp` is meant by. */
  readonly expires: number
}

const bearerToken = (ctx: HttpContext): string => {
  const header = ctx.req.headers.authorization
  if (header === undefined) throw new HttpProblem('UNAUTHENTICATED', { headers: { 'WWW-Authenticate': REALM } })
  const [, token] = /^bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header) ?? []
  if (token === undefined || timesSent(ctx, 'authorization') > 1) {
    const headers = { 'WWW-Authenticate': /^bearer\b/i.test(header) ? `${REALM}, error="invalid_token"` : REALM }
    throw new HttpProblem('UNAUTHENTICATED', { detail: 'The Authorization header is not one Bearer token', headers })
  }
  return token
}

/** koa-jwt as a function from a token to its claims: it gets no more of a request than the token. */
const createVerify = ({ keys, issuer, audience }: Omit<TokenSettings, 'claims'>) => {
  const middleware = koaJwt({
    secret: async (header: { alg?: unknown; kid?: unknown }) => (await keys.keysFor(header)) as string[],
    algorithms: [...keys.algorithms],
    clockTolerance: LEEWAY_SECONDS,
    key: 'claims',
    getToken: (ctx: Context) => (ctx.state as { token: string }).token,
    ...(issuer === null ? {} : { issuer }),
    ...(audience === null ? {} : { audience }),
  } as koaJwt.Options)

  return async (token: string): Promise<Readonly<Record<string, unknown>>> => {
    refuseCriticalHeaders(token)
    const state: { readonly token: string; readonly claims?: unknown } = { token }
    const scratch = {
      state,
      throw: (status: number, message: string, extra: object): never => {
        throw Object.assign(new Error(message), { status }, extra)
      },
    }
    try {
      await middleware(scratch as unknown as Context, () => Promise.resolve())
    } catch (error) {
      throw refusalOf(error)
    }
    const { claims } = state
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) throw invalidToken('malformed')
    return claims as Readonly<Record<string, unknown>>
  }
}

/** RFC 7515: a token that names critical extensions must not be taken by who does not know them. We know none. */
const refuseCriticalHeaders = (token: string): void => {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString())
    if (typeof header === 'object' && header !== null && !('crit' in header) && !('b64' in header)) return
  } catch {
    // Not a token at all: refused below like every other one that does not verify.
  }
  throw invalidToken('malformed')
}

const refusalOf = (error: unknown): HttpProblem => {
  const original = error instanceof Error && 'originalError' in error ? error.originalError : undefined
  const code = original instanceof Error && 'code' in original ? original.code : undefined
  if (code === 'AUTH_UNAVAILABLE') return new HttpProblem('AUTH_UNAVAILABLE', { cause: original })
  return invalidToken(original instanceof Error && original.name === 'TokenExpiredError' ? 'expired' : 'not valid here')
}

const invalidToken = (what: string): HttpProblem =>
  new HttpProblem('UNAUTHENTICATED', {
    detail: `The token is ${what}`,
    headers: { 'WWW-Authenticate': `${REALM}, error="invalid_token", error_description="The token is ${what}"` },
  })
