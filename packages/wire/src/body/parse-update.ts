import { type Counts, type EndState, type FileName, type Issue, MAX_COUNT } from '@pebbles/core'
import { type BodyError, bodyError, MAX_BODY_ERRORS, type PathSegments } from './body-error.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
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
  const reading = beginReading(value, options.at ?? NOWHERE)
  while (!readOn(reading));
  return finishReading(reading)
}

/** The same, calling `pause` every few milliseconds of a long body, so that others are served meanwhile. */
export const parseUpdateBodyInSlices = async (
  value: unknown,
  options: ParseOptions & { readonly pause: () => Promise<void> },
): Promise<ParsedBody> => {
  const reading = beginReading(value, options.at ?? NOWHERE)
  while (!readOn(reading)) await options.pause()
  return finishReading(reading)
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

/** A body between two slices: what was found so far, and where to go on. */
interface Reading {
  readonly fields: JsonObject
  readonly at: PathSegments
  readonly head: ReturnType<typeof UpdateHeadSchema.safeParse>
  readonly errors: BodyError[]
  readonly found: { errors: readonly Issue[]; warnings: readonly Issue[] }
  list: number
  index: number
}

const beginReading = (value: unknown, at: PathSegments): Reading => {
  const head = UpdateHeadSchema.safeParse(value)
  const errors: BodyError[] = []
  for (const issue of head.error?.issues ?? []) {
    const error = bodyError([...at, ...(issue.path as PathSegments)], issue.message)
    if (!errors.some((known) => known.path === error.path)) errors.push(error)
  }
  const fields = isJsonObject(value) ? value : NO_FIELDS
  return { fields, at, head, errors, found: { errors: NO_ISSUES, warnings: NO_ISSUES }, list: 0, index: 0 }
}

const finishReading = ({ head, errors, found, at }: Reading): ParsedBody => {
  if (!head.success || errors.length > 0) return { ok: false, errors: errors.slice(0, MAX_BODY_ERRORS) }
  const unended = fieldsWithoutEnd(head.data)
  if (unended.length > 0)
    return { ok: false, errors: unended.map((field) => bodyError([...at, field], EXPECTED.onlyWithLast)) }
  const { filename, counts, total, isLast, outcome, reason, updateId } = head.data
  const update = {
    filename: filename as FileName,
    // Adding 0 makes -0 a plain one.
    counts: { done: counts.done + 0, warn: counts.warn + 0, failed: counts.failed + 0 },
    total: total ?? null,
    errors: found.errors,
    warnings: found.warnings,
    updateId: updateId ?? null,
  }
  if (isLast !== true) return { ok: true, update }
  return { ok: true, update: { ...update, end: { outcome: outcome ?? 'succeeded', reason: reason ?? null } } }
}

const NOWHERE: PathSegments = []
const NO_FIELDS: JsonObject = {}
const NO_ISSUES: readonly Issue[] = []
const LISTS = ['errors', 'warnings'] as const
/** Some 3 ms of checking, in characters; an issue costs as much as some of them, however short it is. */
const SLICE_CHARACTERS = 1_000_000
const CHARACTERS_FOR_AN_ISSUE = 40

/**
 * Reads a slice of the issues; true when all are read. A plain loop: a schema takes three times as long for the 327,000
 * issues that one body can hold, and a generator as long as all else for a body that has none.
 */
const readOn = (reading: Reading): boolean => {
  const { fields, at, errors, found } = reading
  let worked = 0
  for (; reading.list < LISTS.length; reading.list += 1, reading.index = 0) {
    const list = LISTS[reading.list] as (typeof LISTS)[number]
    const items = fields[list]
    if (items === undefined) continue
    if (!Array.isArray(items)) {
      errors.push(bodyError([...at, list], EXPECTED.array))
      continue
    }
    const issues = reading.index === 0 ? [] : (found[list] as Issue[])
    found[list] = issues
    for (; reading.index < items.length && errors.length < MAX_BODY_ERRORS; reading.index += 1) {
      if (worked > SLICE_CHARACTERS) return false
      const issue = readIssue(items[reading.index], reading, list)
      if (issue !== null) issues.push(issue)
      worked += CHARACTERS_FOR_AN_ISSUE + (issue?.message.length ?? 0)
    }
  }
  return true
}

/** Null when something is wrong with it, which then stands among the errors. */
const readIssue = (item: unknown, { at, errors, index }: Reading, list: string): Issue | null => {
  if (!isJsonObject(item)) {
    errors.push(bodyError([...at, list, index], EXPECTED.object))
    return null
  }
  const { line = null, message } = item
  const lineFits = line === null || isPositive(line)
  const messageFits = isMessage(message)
  if (lineFits && messageFits) return { line, message }
  if (!lineFits) errors.push(bodyError([...at, list, index, 'line'], EXPECTED.line))
  if (!messageFits) errors.push(bodyError([...at, list, index, 'message'], EXPECTED.message))
  return null
}

const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT

const isMessage = (value: unknown): value is string =>
  typeof value === 'string' && value.isWellFormed() && fitsUtf8(value, MAX_MESSAGE_BYTES)
