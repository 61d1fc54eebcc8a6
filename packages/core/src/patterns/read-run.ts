import { classOf, codeAt, DIGIT, IDEOGRAPH, JOINER, LETTER, LOWER, UPPER, WORD_CHARACTER } from './character-classes.ts'

/** What was met while reading a run: reused from token to token, as most messages have a dozen. */
export interface Run {
  end: number
  letters: number
  digits: number
  longestDigits: number
  /** Rows of digits. */
  numbers: number
  uppers: number
  lowers: number
  /** Changes from a small to a capital letter, as in `camelCase`. */
  humps: number
  dots: number
  slashes: number
  backslashes: number
  ats: number
  pluses: number
  /** Where the last dot or slash of each kind stood, -1 without. */
  lastDot: number
  lastSlash: number
  lastColon: number
  /** Only hexadecimal digits so far. */
  hex: boolean
}

export const newRun = (): Run => ({
  end: 0,
  letters: 0,
  digits: 0,
  longestDigits: 0,
  numbers: 0,
  uppers: 0,
  lowers: 0,
  humps: 0,
  dots: 0,
  slashes: 0,
  backslashes: 0,
  ats: 0,
  pluses: 0,
  lastDot: -1,
  lastSlash: -1,
  lastColon: -1,
  hex: true,
})

const DOT = 46
const SLASH = 47
const COLON = 58
const UNDERSCORE = 95
const PLUS = 43
const STAR = 42
const AT = 64
const BACKSLASH = 92

/**
 * Reads the run that begins at `start`: word characters, and joiners that stand between two of them, such as the
 * dashes, dots and slashes of `blk_-12`, `com.example.Job` or `rack-3/node-7`.
 */
export const readRun = (text: string, start: number, run: Run): void => {
  reset(run)
  let at = start
  let before = 0
  let digitsInARow = 0
  for (;;) {
    const code = codeAt(text, at)
    const flags = classOf(code)
    if ((flags & WORD_CHARACTER) !== 0) {
      if (at > start && ((flags ^ before) & IDEOGRAPH) !== 0 && (before & JOINER) === 0) break
      if ((flags & DIGIT) !== 0) {
        run.digits += 1
        digitsInARow += 1
        if (digitsInARow === 1) run.numbers += 1
        if (digitsInARow > run.longestDigits) run.longestDigits = digitsInARow
      } else {
        digitsInARow = 0
        if (code !== UNDERSCORE) run.letters += 1
        if ((flags & UPPER) !== 0) {
          run.uppers += 1
          if ((before & LOWER) !== 0) run.humps += 1
        } else if ((flags & LOWER) !== 0) run.lowers += 1
        if (run.hex && !isHexLetter(code)) run.hex = false
      }
      before = flags
      at += 1
      continue
    }
    if ((flags & JOINER) === 0) break
    const next = joined(text, at, code, before, run.pluses > 0)
    if (next === at) break
    note(run, code, at)
    digitsInARow = 0
    before = JOINER
    at = next
  }
  run.end = withSign(text, at)
}

const isHexLetter = (code: number): boolean => (code >= 97 && code <= 102) || (code >= 65 && code <= 70)

/** Where a run goes on behind the joiner at `at`; `at` itself when it ends there. */
const joined = (text: string, at: number, code: number, before: number, segmented: boolean): number => {
  const next = codeAt(text, at + 1)
  const nextFlags = classOf(next)
  if (segmented) {
    // `NAD+BY+541234::9`: in segments of data, empty parts join as well.
    let end = at
    while (codeAt(text, end) === COLON || codeAt(text, end) === PLUS) end += 1
    if (end > at && (classOf(codeAt(text, end)) & WORD_CHARACTER) !== 0) return end
  }
  if (code === COLON) {
    if (next === COLON && (before & LETTER) !== 0 && (classOf(codeAt(text, at + 2)) & WORD_CHARACTER) !== 0)
      return at + 2
    return (before & DIGIT) !== 0 && (nextFlags & DIGIT) !== 0 ? at + 1 : at
  }
  // Apostrophes join letters only: the closing quote of '12'x must not.
  if (code === 39) return (before & LETTER) !== 0 && (nextFlags & LETTER) !== 0 ? at + 1 : at
  if ((nextFlags & WORD_CHARACTER) !== 0) return at + 1
  // `shard.-12`: names made of a word and a number that may be negative.
  if (code === DOT && next === 45 && (before & LETTER) !== 0 && (classOf(codeAt(text, at + 2)) & DIGIT) !== 0)
    return at + 2
  // `lib++-12`, `part~~6`, `1.2+~3`: several of these signs join as well.
  let end = at
  while (end - at < MOST_SIGNS && isSign(codeAt(text, end))) end += 1
  if (end - at > 1 && (classOf(codeAt(text, end)) & WORD_CHARACTER) !== 0 && !isDash(text, at)) return end
  return at
}

const MOST_SIGNS = 4

const isSign = (code: number): boolean => code === PLUS || code === 126 || code === 35 || code === STAR || code === 45

/** Two dashes are a sign of their own. */
const isDash = (text: string, at: number): boolean => codeAt(text, at) === 45 && codeAt(text, at + 1) === 45

const note = (run: Run, code: number, at: number): void => {
  if (code === DOT) {
    run.dots += 1
    run.lastDot = at
  } else if (code === SLASH) {
    run.slashes += 1
    run.lastSlash = at
  } else if (code === BACKSLASH) run.backslashes += 1
  else if (code === AT) run.ats += 1
  else if (code === PLUS) run.pluses += 1
  else if (code === COLON) run.lastColon = at
  run.hex = false
}

/** `C++`, `x-`: signs that close a word belong to it, when nothing follows. */
const withSign = (text: string, at: number): number => {
  const sign = codeAt(text, at)
  if (sign !== 43 && sign !== 45) return at
  let end = at + 1
  if (sign === 43 && codeAt(text, end) === 43) end += 1
  const next = codeAt(text, end)
  return next === 45 || next === 43 || next === 62 || (classOf(next) & (WORD_CHARACTER | JOINER)) !== 0 ? at : end
}

const reset = (run: Run): void => {
  run.letters = 0
  run.digits = 0
  run.longestDigits = 0
  run.numbers = 0
  run.uppers = 0
  run.lowers = 0
  run.humps = 0
  run.dots = 0
  run.slashes = 0
  run.backslashes = 0
  run.ats = 0
  run.pluses = 0
  run.lastDot = -1
  run.lastSlash = -1
  run.lastColon = -1
  run.hex = true
}
