import { classOf, codeAt, DIGIT, isWordCharacter, LETTER } from './character-classes.ts'
import { ID, VARIABLE } from './kinds.ts'
import { tells } from './read-context.ts'
import { type Run, readRun } from './read-run.ts'
import { isHex } from './scan-network.ts'
import { FUNCTION_WORDS, isVocabulary } from './vocabulary.ts'

/** Longer ones are rather a part of the sentence. */
const LONGEST = 400

/**
 * What stands in the parentheses that open at `open` when it is one value of several parts: `(key)=(two words)`, none
 * (`=()`), a row of data (`(7, 'x', null)`) or a name (`(Oak & Sons)`). End and kind packed, 0 when it is to be read.
 */
export const scanParentheses = (text: string, open: number): number => {
  const before = codeAt(text, open - 1)
  if (before !== 32 && before !== 61) return 0
  const close = closeOf(text, open)
  if (close < 0) return 0
  const length = close - open - 1
  const value = before === 61
  if (length === 0) return value ? close * 32 + VARIABLE : 0
  const parts = value ? hasParts(text, open + 1, close) : isRow(text, open + 1, close) || isName(text, open + 1, close)
  return parts ? close * 32 + VARIABLE : 0
}

/**
 * What stands in the braces that open at `open` when it is an object as runtimes print them, its hash first:
 * `Card{4f0c1a2 u0 shop/.Main}`, objects within it included. End and kind packed, 0 when it is to be read.
 */
export const scanObject = (text: string, open: number): number => {
  if (!isWordCharacter(codeAt(text, open - 1))) return 0
  let at = open + 1
  while (isHex(codeAt(text, at))) at += 1
  const next = codeAt(text, at)
  if (at - open - 1 < SHORTEST_HASH || (next !== 32 && next !== 125)) return 0
  const limit = Math.min(text.length, open + LONGEST)
  let depth = 1
  for (; at < limit; at += 1) {
    const code = codeAt(text, at)
    if (code === 10) return 0
    if (code === 123) depth += 1
    else if (code === 125) {
      depth -= 1
      if (depth === 0) return at * 32 + ID
    }
  }
  return 0
}

const SHORTEST_HASH = 6

/**
 * An object amid a sentence, `{'a': 1, 'b': 'x'} is not a number`: all of it is the value that is spoken of. At the end
 * of a message it rather says more of what happened, and is read.
 */
export const scanLiteral = (text: string, open: number): number => {
  const quote = codeAt(text, open + 1)
  if (quote !== 39 && quote !== 34) return 0
  const limit = Math.min(text.length, open + LONGEST)
  let depth = 0
  let quoted = 0
  for (let at = open; at < limit; at += 1) {
    const code = codeAt(text, at)
    if (code === 10) return 0
    if (quoted !== 0) {
      if (code === 92) at += 1
      else if (code === quoted) quoted = 0
    } else if (code === 39 || code === 34) quoted = code
    else if (code === 123) depth += 1
    else if (code === 125) {
      depth -= 1
      if (depth === 0) return GOES_ON.test(text.slice(at + 1, at + 4)) ? (at + 1) * 32 + VARIABLE : 0
    }
  }
  return 0
}

const GOES_ON = /^[,;]? [A-Za-z]/

/** `{urn:shop}Price`: the name of an element with its name space, or 0. */
export const scanQualified = (text: string, open: number, run: Run): number => {
  const limit = Math.min(text.length, open + LONGEST)
  let at = open + 1
  let colon = false
  for (; at < limit; at += 1) {
    const code = codeAt(text, at)
    if (code === 125) break
    if (code <= 32 || code === 123) return 0
    if (code === 58) colon = true
  }
  if (!colon || !isWordCharacter(codeAt(text, at + 1))) return 0
  readRun(text, at + 1, run)
  return run.end * 32 + VARIABLE
}

/** The value of a key as runtimes print objects, `for=Source{12 app}`, `at=Point(1, 2)`: all of it, or 0. */
export const scanConstructed = (text: string, start: number, open: number): number => {
  if (tells(text, start - 1)) return 0
  const opener = codeAt(text, open)
  const closer = opener === 40 ? 41 : 125
  const limit = Math.min(text.length, open + LONGEST)
  let depth = 0
  for (let at = open; at < limit; at += 1) {
    const code = codeAt(text, at)
    if (code === 10) return 0
    if (code === opener) depth += 1
    else if (code === closer) {
      depth -= 1
      if (depth === 0) return isWordCharacter(codeAt(text, at + 1)) ? 0 : (at + 1) * 32 + VARIABLE
    }
  }
  return 0
}

/** Where they close, -1 when not on this line, or not before others open. */
const closeOf = (text: string, open: number): number => {
  const limit = Math.min(text.length, open + LONGEST)
  for (let at = open + 1; at < limit; at += 1) {
    const code = codeAt(text, at)
    if (code === 41) return at
    if (code === 40 || code === 10) return -1
  }
  return -1
}

const hasParts = (text: string, start: number, end: number): boolean => {
  let parts = false
  for (let at = start; at < end; at += 1) {
    const code = codeAt(text, at)
    if (code === 61) return false
    if (code === 32 || code === 44) parts = true
  }
  return parts
}

const FIRST_OF_VALUE = /^(?:null|-?[\d.]+|'[^']*'|"[^"]*")$/i

/** `7, 'x', null`: parts of more than one look, all but short names numbers, quotations or nothing. */
const isRow = (text: string, start: number, end: number): boolean => {
  const comma = text.indexOf(',', start)
  if (comma < 0 || comma > end) return false
  let numbers = 0
  let values = 0
  const parts = text.slice(start, end).split(',')
  for (const part of parts) {
    const item = part.trim()
    if (/[=:]/.test(item) && !/^['"]/.test(item)) return false
    if (!FIRST_OF_VALUE.test(item)) {
      // `3 retries left`, `'x' was unexpected`: prose.
      if (/^(?:\d+|'[^']*'|"[^"]*") /.test(item) || item.split(' ').length > 4) return false
      continue
    }
    values += 1
    if ((classOf(codeAt(item, item.length - 1)) & DIGIT) !== 0) numbers += 1
  }
  return values > 0 && numbers < parts.length && (values * 2 >= parts.length || parts.length > 2)
}

const MOST_WORDS = 6

/** Several words, most of them none that programs use to say what happened. */
const isName = (text: string, start: number, end: number): boolean => {
  if ((classOf(codeAt(text, start)) & LETTER) === 0) return false
  let spaces = 0
  for (let at = start; at < end; at += 1) {
    const code = codeAt(text, at)
    if (code === 32) spaces += 1
    else if ((classOf(code) & LETTER) === 0 && code !== 46 && code !== 38 && code !== 45 && code !== 39) return false
  }
  if (spaces === 0 || spaces >= MOST_WORDS) return false
  const words = text.slice(start, end).toLowerCase().split(' ')
  let names = 0
  for (const word of words) {
    if (FUNCTION_WORDS.has(word)) return false
    if (!isVocabulary(word)) names += 1
  }
  return names * 2 > words.length
}
