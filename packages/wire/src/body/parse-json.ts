import { type BodyError, bodyError } from './body-error.ts'
import { BYTE, type LongArray, outlineJson } from './json-pieces.ts'

/** The deepest nesting of arrays and objects that is read. */
export const MAX_DEPTH = 64

/** JSON that was read, or why it is refused. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly errors: readonly BodyError[] }

/**
 * Reads JSON: valid UTF-8 without a byte order mark, at most 64 levels deep, no lone surrogates.
 * The depth is looked at before anything is parsed: five megabytes of `[` would hold the process for seconds.
 */
export const parseJson = (json: Uint8Array | string): ParsedJson => {
  if (json.length <= SHORT) return parseShort(json)
  const steps = longSteps(json)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same, calling `pause` between the steps of a long text, so that others are served meanwhile. */
export const parseJsonInSteps = async (
  json: Uint8Array | string,
  { pause }: { readonly pause: () => Promise<void> },
): Promise<ParsedJson> => {
  if (json.length <= SHORT) return parseShort(json)
  const steps = longSteps(json)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await pause()
  }
}

/** What is read in one go: well under a millisecond. */
const SHORT = 65_536

const parseShort = (json: Uint8Array | string): ParsedJson =>
  exceedsDepth(json, MAX_DEPTH) ? TOO_DEEP : parseText(json)

function* longSteps(json: Uint8Array | string): Generator<undefined, ParsedJson> {
  const bytes = bytesOf(json)
  const outline = yield* outlineJson(bytes, MAX_DEPTH)
  if (outline.tooDeep) return TOO_DEEP
  // Bytes cannot hold half a surrogate pair, so a string that does is left as it is.
  if (outline.arrays.length === 0 || (typeof json === 'string' && !json.isWellFormed())) return parseText(json)

  const members = new Map<string, unknown[]>()
  for (const { key, from, cuts } of outline.arrays) {
    const elements_: unknown[] = []
    members.set(key, elements_)
    let start = from
    for (const cut of cuts) {
      const piece = parseText(bytes.subarray(start, cut), '[', ']')
      if (!piece.ok) return piece
      const elements = piece.value as unknown[]
      // Nothing before a comma.
      if (elements.length === 0) return INVALID
      for (const element of elements) elements_.push(element)
      start = cut + 1
      yield
    }
  }
  const rest = parseText(withoutPieces(bytes, outline.arrays))
  if (!rest.ok) return rest
  yield
  const value = rest.value as Record<string, unknown[]>
  for (const [key, first] of members) {
    const [, ...last] = value[key] as unknown[]
    for (const element of last) first.push(element)
    value[key] = first
  }
  return rest
}

/** In the place of what was cut off stands one element, so that what follows has to follow a comma. */
const withoutPieces = (bytes: Uint8Array, arrays: readonly LongArray[]): Uint8Array => {
  const parts: Uint8Array[] = []
  let from = 0
  for (const array of arrays.toSorted((a, b) => a.from - b.from)) {
    parts.push(bytes.subarray(from, array.from), PLACEHOLDER)
    from = array.cuts.at(-1) as number
  }
  parts.push(bytes.subarray(from))
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const bytesOf = (json: Uint8Array | string): Uint8Array =>
  typeof json === 'string' ? new TextEncoder().encode(json) : json

const parseText = (json: Uint8Array | string, before = '', behind = ''): ParsedJson => {
  let text: string
  try {
    text = before + (typeof json === 'string' ? json : utf8.decode(json)) + behind
  } catch {
    return refused('must be valid UTF-8')
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return INVALID
  }
  // A cheap look at the whole text spares most bodies the look at each text in them.
  const suspect = SURROGATE_ESCAPE.test(text) || !text.isWellFormed()
  return suspect && !isWellFormed(value) ? refused('must not hold half of a surrogate pair') : { ok: true, value }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/
const PLACEHOLDER = new TextEncoder().encode('0')

/**
 * Whether JSON nests arrays and objects deeper than `max`. Brackets within strings do not count; the text need not be
 * valid. No more than that is looked at: most bodies are short, and this is done for each.
 */
export const exceedsDepth = (json: Uint8Array | string, max: number): boolean => {
  const bytes = bytesOf(json)
  let depth = 0
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (byte === BYTE.quote) {
      index += 1
      while (index < bytes.length && bytes[index] !== BYTE.quote) index += bytes[index] === BYTE.backslash ? 2 : 1
    } else if (byte === BYTE.openArray || byte === BYTE.openObject) {
      depth += 1
      if (depth > max) return true
    } else if (byte === BYTE.closeArray || byte === BYTE.closeObject) depth -= 1
  }
  return false
}

/** Recursion is safe here: the depth was bounded before. */
const isWellFormed = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isWellFormed)
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isWellFormed(member))
}

const refused = (message: string): ParsedJson => ({ ok: false, errors: [bodyError([], message)] })

const INVALID = refused('must be valid JSON')
const TOO_DEEP = refused(`must not be deeper than ${MAX_DEPTH} levels`)
