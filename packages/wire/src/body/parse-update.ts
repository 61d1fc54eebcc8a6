import { type Counts, type EndState, type FileName, type Issue, MAX_COUNT } from '@pebbles/core'
import { type BodyError, bodyError, MAX_BODY_ERRORS, type PathSegments } from './body-error.ts'
import { isJsonObject } from './json-object.ts'
import { fitsUtf8 } from './text-bounds.ts'
import { EXPECTED, fieldsWithoutEnd, MAX_BATCH, MAX_MESSAGE_BYTES, UpdateHeadSchema } from './update-schema.ts'

/** An update as its sender meant it: parsed, with the defaults of what was left out. */
export interface ParsedUpdate {
  readonly filename: FileName
  readonly counts: Counts
  /** A new total, or null: leave what is there. */
  readonly total: number | null
  /** Present when this update completes the file. */
  readonly end?: { readonly outcome: EndState; readonly reason: string | null }
  readonly errors: readonly Issue[]
  readonly warnings: readonly Issue[]
  readonly updateId: string | null
}

/** An update that was parsed, or what is wrong with it and where. */
export type ParsedBody =
  | { readonly ok: true; readonly update: ParsedUpdate }
  | { readonly ok: false; readonly errors: readonly BodyError[] }

/** How errors of an update are named. */
export interface ParseOptions {
  /** Where the update stands in the body; its errors are named from there. */
  readonly at?: PathSegments
}

/**
 * Parses one update out of parsed JSON. Takes what `UpdateBodySchema` takes and refuses what it refuses, at the same
 * places; at most 100 errors come back. Unknown fields are ignored.
 */
export const parseUpdateBody = (value: unknown, options: ParseOptions = {}): ParsedBody => {
  const steps = parseSteps(value, options.at ?? [])
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same, calling `pause` every few milliseconds of a long body, so that others are served meanwhile. */
export const parseUpdateBodyInSlices = async (
  value: unknown,
  options: ParseOptions & { readonly pause: () => Promise<void> },
): Promise<ParsedBody> => {
  const steps = parseSteps(value, options.at ?? [])
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await options.pause()
  }
}

/** A batch that was opened, or what is wrong with it as a whole. */
export type ParsedBatch =
  | { readonly ok: true; readonly items: readonly unknown[] }
  | { readonly ok: false; readonly errors: readonly BodyError[] }

/** Opens a batch only: its items are parsed one by one, as each stands alone. */
export const parseBatchBody = (value: unknown): ParsedBatch => {
  if (!isJsonObject(value)) return { ok: false, errors: [bodyError([], EXPECTED.object)] }
  const { updates } = value
  if (!Array.isArray(updates) || updates.length < 1 || updates.length > MAX_BATCH)
    return { ok: false, errors: [bodyError(['updates'], EXPECTED.updates)] }
  return { ok: true, items: updates }
}

function* parseSteps(value: unknown, at: PathSegments): Generator<undefined, ParsedBody> {
  const head = UpdateHeadSchema.safeParse(value)
  const errors: BodyError[] = []
  for (const issue of head.error?.issues ?? []) {
    const error = bodyError([...at, ...(issue.path as PathSegments)], issue.message)
    if (!errors.some((known) => known.path === error.path)) errors.push(error)
  }
  if (!isJsonObject(value)) return { ok: false, errors }
  const failed = yield* issueSteps(value['errors'], [...at, 'errors'], errors)
  const odd = yield* issueSteps(value['warnings'], [...at, 'warnings'], errors)
  if (!head.success || errors.length > 0) return { ok: false, errors: errors.slice(0, MAX_BODY_ERRORS) }
  const unended = fieldsWithoutEnd(head.data)
  if (unended.length > 0)
    return { ok: false, errors: unended.map((field) => bodyError([...at, field], EXPECTED.onlyWithLast)) }
  const { filename, counts, total, isLast, outcome, reason, updateId } = head.data
  return {
    ok: true,
    update: {
      filename: filename as FileName,
      // Adding 0 makes -0 a plain one.
      counts: { done: counts.done + 0, warn: counts.warn + 0, failed: counts.failed + 0 },
      total: total ?? null,
      ...(isLast === true ? { end: { outcome: outcome ?? 'succeeded', reason: reason ?? null } } : {}),
      errors: failed,
      warnings: odd,
      updateId: updateId ?? null,
    },
  }
}

/** Some 3 ms of checking, in characters; an issue costs as much as some of them, however short it is. */
const SLICE_CHARACTERS = 1_000_000
const CHARACTERS_FOR_AN_ISSUE = 40

/** A plain loop: a schema takes three times as long for the 327,000 issues that one body can hold. */
function* issueSteps(
  value: unknown,
  at: PathSegments,
  errors: BodyError[],
): Generator<undefined, readonly Issue[], undefined> {
  if (value === undefined) return []
  const issues: Issue[] = []
  if (!Array.isArray(value)) {
    errors.push(bodyError(at, EXPECTED.array))
    return issues
  }
  let worked = 0
  for (let index = 0; index < value.length && errors.length < MAX_BODY_ERRORS; index += 1) {
    const item: unknown = value[index]
    if (!isJsonObject(item)) {
      errors.push(bodyError([...at, index], EXPECTED.object))
      continue
    }
    const { line = null, message } = item
    const lineFits = line === null || isPositive(line)
    const messageFits = isMessage(message)
    if (lineFits && messageFits) issues.push({ line, message })
    if (!lineFits) errors.push(bodyError([...at, index, 'line'], EXPECTED.line))
    if (!messageFits) errors.push(bodyError([...at, index, 'message'], EXPECTED.message))
    worked += CHARACTERS_FOR_AN_ISSUE + (messageFits ? message.length : 0)
    if (worked > SLICE_CHARACTERS) {
      worked = 0
      yield
    }
  }
  return issues
}

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT

const isMessage = (value: unknown): value is string =>
  typeof value === 'string' && value.isWellFormed() && fitsUtf8(value, MAX_MESSAGE_BYTES)
