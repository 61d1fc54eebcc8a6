import type { ClientKrn, Email, Outcome, RecordUpdate, UpdateId } from '@pebbles/core'
import { hashUpdate } from '@pebbles/runtime'
import {
  batchId,
  callerId,
  type ParsedUpdate,
  parseBatchBody,
  parseIdempotencyKey,
  parseJsonInSteps,
  parseUpdateBodyInSlices,
  problemOf,
  statusOfCode,
  updateAnswerOf,
} from '@pebbles/wire'
import { type HttpContext, type RouteHandler, timesSent } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { originOf } from '../edge/origin.ts'
import { withBody } from '../edge/read-body.ts'
import { sendJson, sendJsonText } from '../edge/send-json.ts'
import { assertCovers, bearer, clientOf, emailOf } from './access.ts'
import type { RouteDeps } from './deps.ts'
import { createBreaks } from './take-breaks.ts'

/** POST /clients/{clientKrn}/progress */
export const recordUpdate = (deps: RouteDeps): RouteHandler =>
  recordOne(deps, { client: (ctx) => clientOf(ctx, deps), answer: updateAnswerOf })

/** What sets the routes apart that take one update. */
export interface UpdateForm {
  readonly client: (ctx: HttpContext) => ClientKrn
  readonly keepTotal?: true
  readonly answer: (
    outcome: Extract<Outcome, { kind: 'applied' | 'duplicate' }>,
    command: RecordUpdate,
  ) => object | Promise<object>
}

export const recordOne =
  (deps: RouteDeps, form: UpdateForm): RouteHandler =>
  async (ctx) => {
    const receivedAt = deps.clock.now()
    const identity = await bearer(ctx, deps)
    const client = form.client(ctx)
    const key = headerKey(ctx)
    await withJson(ctx, deps, async (body) => {
      const parsed = await parseUpdateBodyInSlices(body, { pause: deps.clock.pause })
      if (!parsed.ok) throw new HttpProblem('INVALID_BODY', { errors: parsed.errors })
      const email = emailOf(identity)
      assertCovers(identity, client)

      const callers = key ?? parsed.update.updateId
      const id = callers === null ? null : callerId(callers)
      const made = await commandOf(parsed.update, { client, email, receivedAt }, id, deps)
      const command: RecordUpdate = form.keepTotal === true ? { ...made, keepTotal: true } : made
      const [outcome] = await deps.record([command])
      if (outcome === undefined) throw new Error('an update without an outcome')
      deps.countUpdate(outcome.kind)
      if (outcome.kind === 'refused') throw new HttpProblem(outcome.code)
      if (outcome.kind === 'unavailable')
        throw new HttpProblem('STORE_UNAVAILABLE', { outcome: 'unknown', cause: outcome.cause })
      if (outcome.kind === 'duplicate') ctx.set('Idempotent-Replayed', 'true')
      sendJson(ctx, await form.answer(outcome, command))
    })
  }

/** POST /clients/{clientKrn}/progress/batch: each update stands alone. */
export const recordBatch =
  (deps: RouteDeps): RouteHandler =>
  async (ctx) => {
    const receivedAt = deps.clock.now()
    const identity = await bearer(ctx, deps)
    const client = clientOf(ctx, deps)
    const key = headerKey(ctx)
    await withJson(ctx, deps, async (body) => {
      const batch = parseBatchBody(body)
      if (!batch.ok) throw new HttpProblem('INVALID_BODY', { errors: batch.errors })
      const email = emailOf(identity)
      assertCovers(identity, client)
      const idOf = (updateId: string | null, index: number): UpdateId | null =>
        updateId !== null ? callerId(updateId) : key === null ? null : batchId(key, index)
      sendJsonText(ctx, await recordAll(batch.items, { client, email, receivedAt }, idOf, ctx, deps))
    })
  }

/** The answer as text, made piece by piece: all of it at once would take too long to be written in one go. */
const recordAll = async (
  items: readonly unknown[],
  origin: Origin,
  idOf: (updateId: string | null, index: number) => UpdateId | null,
  ctx: HttpContext,
  deps: RouteDeps,
): Promise<string> => {
  const takeBreak = createBreaks(deps.clock)
  const facts = { requestId: ctx.state.requestId, instance: ctx.path, typeBase: originOf(ctx, deps.settings) }
  const results: string[] = []
  const commands: { readonly index: number; readonly command: RecordUpdate }[] = []
  for (const [index, item] of items.entries()) {
    await takeBreak()
    const parsed = await parseUpdateBodyInSlices(item, { at: ['updates', index], pause: deps.clock.pause })
    if (parsed.ok)
      commands.push({
        index,
        command: await commandOf(parsed.update, origin, idOf(parsed.update.updateId, index), deps),
      })
    else results[index] = JSON.stringify(problemOf('INVALID_BODY', { ...facts, errors: parsed.errors }))
  }
  const outcomes = await deps.record(commands.map(({ command }) => command))
  for (const [position, { index, command }] of commands.entries()) {
    await takeBreak()
    const outcome = outcomes[position] as Outcome
    deps.countUpdate(outcome.kind)
    results[index] = JSON.stringify(resultOf(outcome, command, facts))
  }
  return `{"results":[${results.join()}]}`
}

const resultOf = (outcome: Outcome, command: RecordUpdate, facts: Parameters<typeof problemOf>[1]): object => {
  switch (outcome.kind) {
    case 'applied':
      return { status: 200, ...updateAnswerOf(outcome, command) }
    case 'duplicate':
      return { status: 200, ...updateAnswerOf(outcome, command), replayed: true }
    case 'refused':
      return { ...problemOf(outcome.code, facts), status: statusOfCode(outcome.code) }
    case 'unavailable':
      return { ...problemOf('STORE_UNAVAILABLE', { ...facts, outcome: 'unknown' }) }
  }
}

const headerKey = (ctx: HttpContext): string | null => {
  const parsed = parseIdempotencyKey(ctx.req.headers['idempotency-key'] as string | undefined)
  if (!parsed.ok) throw new HttpProblem('BAD_REQUEST', { detail: parsed.detail })
  if (timesSent(ctx, 'idempotency-key') > 1)
    throw new HttpProblem('BAD_REQUEST', { detail: 'Idempotency-Key is given twice' })
  return parsed.key
}

const withJson = (
  ctx: HttpContext,
  { settings, turns, clock }: RouteDeps,
  work: (value: unknown) => Promise<void>,
): Promise<void> =>
  withBody(ctx, settings.maxBodyBytes, turns, async (body) => {
    const json = await parseJsonInSteps(body, clock)
    if (!json.ok) throw new HttpProblem('INVALID_BODY', { errors: json.errors })
    await work(json.value)
  })

interface Origin {
  readonly client: ClientKrn
  readonly email: Email
  readonly receivedAt: number
}

const commandOf = async (
  update: ParsedUpdate,
  origin: Origin,
  id: UpdateId | null,
  { innerId, clock }: RouteDeps,
): Promise<RecordUpdate> => ({
  client: origin.client,
  filename: update.filename,
  email: origin.email,
  id: id ?? innerId(),
  // Nobody can repeat an inner id, so nothing has to tell its body.
  hash: id === null ? '' : await hashUpdate(update, clock),
  counts: update.counts,
  total: update.total,
  ...(update.end === undefined ? {} : { end: update.end }),
  errors: update.errors,
  warnings: update.warnings,
  sentAt: origin.receivedAt,
  channel: 'http',
})
