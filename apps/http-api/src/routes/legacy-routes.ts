import {
  type ListQuery,
  legacyAnswerOf,
  legacyRecordOf,
  listCursor,
  nextQuery,
  parseProgressQuery,
  recordOf,
} from '@pebbles/wire'
import { type HttpContext, type RouteHandler, rawQuery } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { isFresh, sendCacheable } from '../edge/send-json.ts'
import { legacyClient, readableClient } from './access.ts'
import type { RouteDeps } from './deps.ts'
import { createLegacyPhase } from './legacy-phase.ts'
import { streamPlainFiles } from './legacy-stream.ts'
import type { ListPlaces } from './list-places.ts'
import { linkNext, valid } from './read-files.ts'
import { recordOne } from './record-updates.ts'
import type { RouteHandlers } from './route-table.ts'

/** POST and GET /progress: the routes of the single-tenant version, in its forms. */
export const legacyHandlers = (
  deps: RouteDeps,
  places: ListPlaces,
): Pick<RouteHandlers, 'recordLegacyUpdate' | 'readLegacyProgress'> => {
  const inPhase = createLegacyPhase(deps)
  return { recordLegacyUpdate: inPhase(recordLegacy(deps)), readLegacyProgress: inPhase(readLegacy(deps, places)) }
}

const recordLegacy = (deps: RouteDeps): RouteHandler =>
  recordOne(deps, {
    client: (ctx) => legacyClient(ctx, deps),
    keepTotal: true,
    // The update is stored: a caller that is told otherwise now would send it again, and it would count twice.
    answer: async (outcome, command) =>
      legacyAnswerOf(outcome, command, await deps.plain.get(command.client, command.filename).catch(() => null)),
  })

const readLegacy =
  (deps: RouteDeps, places: ListPlaces): RouteHandler =>
  async (ctx) => {
    const client = await readableClient(ctx, deps, legacyClient)
    const query = valid(parseProgressQuery(rawQuery(ctx), { client }))
    if (query.kind === 'one') {
      const found = await deps.plain.get(client, query.filename)
      if (found === null) throw new HttpProblem('PROGRESS_NOT_FOUND')
      const asOf = { now: deps.clock.now(), stalledAfterMs: deps.settings.stalledAfterMs }
      return sendCacheable(ctx, legacyRecordOf(found, asOf), deps.settings)
    }
    if (query.limitGiven || query.after !== null) await sendPage(ctx, query, deps)
    else await sendWhole(ctx, query, deps, places)
  }

/** Its ETag is made of the files' states alone: what their issues are is settled by their versions. */
const sendPage = async (ctx: HttpContext, query: ListQuery, deps: RouteDeps): Promise<void> => {
  const asOf = { now: deps.clock.now(), stalledAfterMs: deps.settings.stalledAfterMs }
  const { files, more } = await deps.read.list(query.filter, query.limit, query.after)
  const last = files.at(-1)
  if (more && last !== undefined) linkNext(ctx, deps, nextQuery(query.page, listCursor(query.page, last)))
  if (isFresh(ctx, JSON.stringify(files.map((file) => recordOf(file, asOf))), deps.settings)) return
  await streamPlainFiles(ctx, onePage(files), deps)
}

/** Every file that matches; when many such lists are asked for at once, each waits until there is room for it. */
const sendWhole = async (
  ctx: HttpContext,
  { filter }: ListQuery,
  deps: RouteDeps,
  places: ListPlaces,
): Promise<void> => {
  const gone = new AbortController()
  ctx.res.once('close', () => gone.abort())
  const leave = await places.wait(gone.signal)
  if (leave === null) {
    ctx.respond = false
    return
  }
  try {
    ctx.set('Cache-Control', 'no-store')
    // The answer to HEAD needs to know only that the store is there.
    if (ctx.method === 'HEAD') await streamPlainFiles(ctx, onePage((await deps.read.list(filter, 1, null)).files), deps)
    else await streamPlainFiles(ctx, deps.plain.whole(filter), deps)
  } finally {
    leave()
  }
}

async function* onePage<T>(page: T): AsyncGenerator<T, undefined> {
  yield page
  return undefined
}
