import { classOf, codeAt, isDigit, LETTER } from './character-classes.ts'
import {
  AMOUNT,
  DURATION,
  EMAIL,
  FILENAME,
  FROZEN,
  HOST,
  ID,
  IP,
  joinKinds,
  NUMBER,
  PATH,
  PERCENT,
  QUOTED,
  URL,
  WORD,
} from './kinds.ts'

/** The tokens of one message, as columns. What stands between two of them is glue: spaces and punctuation. */
export interface TokenList {
  count: number
  readonly kinds: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** How many values each holds: a list such as `1, 2, 3` is one token. */
  readonly sizes: Int32Array
  /** What they and the glue between them take when shown, each word as wide as the placeholder it may become. */
  width: number
  /** Where the part begins that was cut off, -1 when nothing was. */
  rest: number
}

export const newTokenList = (most: number): TokenList => ({
  count: 0,
  kinds: new Uint8Array(most),
  starts: new Int32Array(most),
  ends: new Int32Array(most),
  sizes: new Int32Array(most),
  width: 0,
  rest: -1,
})

export const clearTokens = (list: TokenList): void => {
  list.count = 0
  list.width = 0
  list.rest = -1
}

const PLACEHOLDER_WIDTH = 10
/** Shorter words are mostly of the kind that never becomes a placeholder. */
const SHORT_WORD = 3

/**
 * Appends a token; false when that would make the list wider than `most`, or longer than `mostTokens`. Values that follow each other as in a list
 * become one token, so that a list of three and one of thirty give the same pattern.
 */
export const pushToken = (
  list: TokenList,
  text: string,
  kind: number,
  start: number,
  end: number,
  most: number,
  mostTokens: number,
): boolean => {
  const { kinds, starts, ends, sizes, count } = list
  if (count > 0) {
    const before = kinds[count - 1] as number
    if (
      kind > FROZEN
        ? before > FROZEN && joinList(list, text, kind, start, end)
        : joinNamed(list, text, kind, start, end, most)
    )
      return true
  }
  const gap = count === 0 ? start : start - (ends[count - 1] as number)
  const width = list.width + gap + widthOf(kind, end - start)
  if (width > most || count >= mostTokens || count === kinds.length) return false
  kinds[count] = kind
  starts[count] = start
  ends[count] = end
  sizes[count] = 1
  list.count = count + 1
  list.width = width
  return true
}

const widthOf = (kind: number, length: number): number => {
  if (kind === WORD) return length <= SHORT_WORD || length > PLACEHOLDER_WIDTH ? length : PLACEHOLDER_WIDTH
  return kind === FROZEN ? length : PLACEHOLDER_WIDTH
}

const joinList = (list: TokenList, text: string, kind: number, start: number, end: number): boolean => {
  const { kinds, starts, ends, sizes } = list
  const last = list.count - 1
  const before = kinds[last] as number
  const needs = listNeeds(text, before, kind, starts[last] as number, ends[last] as number, start, end)
  if (needs === 0) return false
  if (needs === 2 || (sizes[last] as number) > 1) {
    kinds[last] = joinKinds(before, kind)
    ends[last] = end
    sizes[last] = (sizes[last] as number) + 1
    return true
  }
  if (last === 0) return false
  const first = kinds[last - 1] as number
  const gapStart = ends[last - 1] as number
  const between = starts[last] as number
  if (listNeeds(text, first, before, starts[last - 1] as number, gapStart, between, ends[last] as number) === 0)
    return false
  list.width -= between - gapStart + PLACEHOLDER_WIDTH
  list.count = last
  kinds[last - 1] = joinKinds(joinKinds(first, before), kind)
  ends[last - 1] = end
  sizes[last - 1] = (sizes[last - 1] as number) + 2
  return true
}

const NUMBERS = 1
const NAMES = 2
const QUOTATIONS = 7

/** Kinds of one family follow each other as a list; the rest (0) do not. */
const FAMILIES = new Uint8Array(32)
for (const kind of [NUMBER, AMOUNT, PERCENT, DURATION]) FAMILIES[kind] = NUMBERS
FAMILIES[ID] = NAMES
FAMILIES[IP] = 3
FAMILIES[HOST] = 3
FAMILIES[PATH] = 4
FAMILIES[FILENAME] = 4
FAMILIES[URL] = 5
FAMILIES[EMAIL] = 6
FAMILIES[QUOTED] = QUOTATIONS

/** How many values in a row make a list of these: two, three, or none ever (0). */
const listNeeds = (
  text: string,
  a: number,
  b: number,
  start: number,
  gapStart: number,
  gapEnd: number,
  end: number,
): 0 | 2 | 3 => {
  const family = FAMILIES[a]
  if (family === 0) return 0
  if (family !== FAMILIES[b]) return isRanges(text, a, b, start, gapStart, gapEnd) ? 2 : 0
  const gap = gapOf(text, gapStart, gapEnd)
  if (gap === 0) return family === QUOTATIONS && isBar(text, gapStart, gapEnd) ? 2 : 0
  if (family === QUOTATIONS) return gap === COMMA ? 2 : 0
  if (family === NAMES)
    return gap === COMMA || lookAlike(text, start, gapEnd) || (isHex(text, start) && isHex(text, gapEnd)) ? 2 : 0
  if (family !== NUMBERS) return 2
  // `took 5 ms, 12 rows` is no list.
  const plain = isDigit(codeAt(text, gapStart - 1)) && isDigit(codeAt(text, end - 1)) && !countsNoun(text, end)
  return gap === COMMA && plain ? 2 : 3
}

/** `"A" | "B"`: as types are written. */
const isBar = (text: string, start: number, end: number): boolean =>
  end - start === 3 && codeAt(text, start + 1) === 124 && codeAt(text, start) === 32 && codeAt(text, start + 2) === 32

/** `[0-31,40]`: ranges and single numbers in brackets. */
const isRanges = (text: string, a: number, b: number, start: number, gapStart: number, gapEnd: number): boolean =>
  (a === ID || a === NUMBER) &&
  (b === ID || b === NUMBER) &&
  gapEnd - gapStart === 1 &&
  codeAt(text, gapStart) === 44 &&
  codeAt(text, start - 1) === 91

/** `0x7f`, and as a pointer `@0x7f`. */
const isHex = (text: string, start: number): boolean =>
  codeAt(text, start) === 48 && (codeAt(text, start + 1) | 32) === 120

/** `node1 node2`: words that end in numbers are a list as well, if their letters are the same. */
const joinNamed = (list: TokenList, text: string, kind: number, start: number, end: number, most: number): boolean => {
  if (kind !== WORD || !isDigit(codeAt(text, end - 1)) || isDigit(codeAt(text, start))) return false
  const last = list.count - 1
  const before = list.kinds[last]
  if (before !== WORD && before !== ID) return false
  const gapStart = list.ends[last] as number
  if (!isDigit(codeAt(text, gapStart - 1)) || gapOf(text, gapStart, start) === 0) return false
  const first = list.starts[last] as number
  if (!lookAlike(text, first, start)) return false
  const width = list.width + PLACEHOLDER_WIDTH - widthOf(before, gapStart - first)
  if (before === WORD && width > most) return false
  if (before === WORD) list.width = width
  list.kinds[last] = ID
  list.ends[last] = end
  list.sizes[last] = (list.sizes[last] as number) + 1
  return true
}

/** `job_7 job_12`: names of the same letters before their first digit or sign. */
const lookAlike = (text: string, a: number, b: number): boolean => {
  let length = 0
  for (;;) {
    const code = codeAt(text, a + length)
    const letter = (classOf(code) & LETTER) !== 0
    const other = codeAt(text, b + length)
    if (!letter) return length > 1 && (classOf(other) & LETTER) === 0
    if (code !== other) return false
    length += 1
  }
}

const countsNoun = (text: string, end: number): boolean =>
  codeAt(text, end) === 32 && (classOf(codeAt(text, end + 1)) & LETTER) !== 0

const COMMA = 2

/** 1: one to three spaces; 2: a comma or semicolon, with spaces; 0: anything else. */
const gapOf = (text: string, start: number, end: number): number => {
  if (end - start > 3 || end === start) return 0
  let gap = 1
  for (let at = start; at < end; at += 1) {
    const code = codeAt(text, at)
    if (code === 44 || code === 59) {
      if (gap === COMMA) return 0
      gap = COMMA
    } else if (code !== 32) return 0
  }
  return gap
}
