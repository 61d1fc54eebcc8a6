import { type Email, parseEmail } from '@pebbles/core'
import { clientRowOf, parseFileQuery } from '@pebbles/wire'
import type { Identity } from '../auth/identity.ts'
import { type RouteHandler, rawQuery, requestFacts } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { sendJson } from '../edge/send-json.ts'
import { assertCovers, bearer, clientOf, emailOf } from './access.ts'
import type { RouteDeps } from './deps.ts'
import { valid } from './read-files.ts'

/** GET /clients: for administrators; a token that names clients sees those alone. */
export const listClients =
  (deps: RouteDeps): RouteHandler =>
  async (ctx) => {
    const identity = await bearer(ctx, deps)
    if (!identity.admin) throw new HttpProblem('ADMIN_REQUIRED')
    const rows = await deps.read.clients()
    sendJson(ctx, rows.filter(({ client }) => identity.covers(client)).map(clientRowOf))
  }

/** DELETE /clients/{clientKrn}/progress?filename=F: for the owner or an administrator. */
export const deleteProgress =
  (deps: RouteDeps): RouteHandler =>
  async (ctx) => {
    const identity = await bearer(ctx, deps)
    const client = clientOf(ctx, deps)
    const { filename } = valid(parseFileQuery(rawQuery(ctx)))
    const by = identity.admin ? signatureOf(identity) : emailOf(identity)
    assertCovers(identity, client)
    const removal = await deps.remove({ client, filename, by, admin: identity.admin, id: deps.innerId() })
    switch (removal.kind) {
      case 'removed':
        deps.log.info({ client, filename, by, admin: identity.admin, ...requestFacts(ctx) }, 'file deleted')
        ctx.status = 204
        return
      case 'refused':
        throw new HttpProblem(removal.code)
      case 'unavailable':
        throw new HttpProblem('STORE_UNAVAILABLE', { outcome: 'unknown', cause: removal.cause })
    }
  }

/** An administrator may have no email, and a subject of any form: the journal needs a name all the same. */
const signatureOf = ({ email, subject }: Identity): Email =>
  email ?? parseEmail(subject) ?? (parseEmail('administrator') as Email)
