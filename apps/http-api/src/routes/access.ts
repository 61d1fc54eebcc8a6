import type { ClientKrn, Email } from '@pebbles/core'
import { parseClientKrn } from '@pebbles/core'
import { decodeSegment } from '@pebbles/wire'
import type { Identity } from '../auth/identity.ts'
import type { HttpContext } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import type { RouteDeps } from './deps.ts'

type AccessDeps = Pick<RouteDeps, 'settings' | 'admission'>

/** The client that the path names: `/clients/{clientKrn}/…`, percent-encoded or not. */
export const clientOf = (ctx: HttpContext, { settings }: AccessDeps): ClientKrn => {
  const segment = decodeSegment(ctx.path.split('/')[2] ?? '')
  const client = segment === null ? undefined : parseClientKrn(segment, settings.clientKrnPattern ?? undefined)
  if (client === undefined) throw new HttpProblem('INVALID_CLIENT_KRN')
  return client
}

/** The client that the single-tenant routes mean. */
export const legacyClient = (_ctx: HttpContext, { settings }: AccessDeps): ClientKrn => settings.legacyClientKrn

/** Any valid token. */
export const bearer = async (ctx: HttpContext, { admission }: AccessDeps): Promise<Identity> => {
  ctx.state.identity = await admission.authenticate(ctx)
  return ctx.state.identity
}

/** The client of a read, and that the caller may read it: anybody, or with READ_AUTH=jwt a token that covers it. */
export const readableClient = async (
  ctx: HttpContext,
  deps: AccessDeps,
  clientIn: (ctx: HttpContext, deps: AccessDeps) => ClientKrn = clientOf,
): Promise<ClientKrn> => {
  const identity = deps.settings.readAuth === 'jwt' ? await bearer(ctx, deps) : null
  if (identity === null) await deps.admission.admitAnybody(ctx)
  const client = clientIn(ctx, deps)
  if (identity !== null && !identity.covers(client)) throw new HttpProblem('CLIENT_FORBIDDEN')
  return client
}

export const emailOf = (identity: Identity): Email => {
  if (identity.email === null) throw new HttpProblem('NO_EMAIL')
  return identity.email
}

export const assertCovers = (identity: Identity, client: ClientKrn): void => {
  if (!identity.covers(client)) throw new HttpProblem('CLIENT_FORBIDDEN')
}
