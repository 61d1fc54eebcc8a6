import { classOf, codeAt, DIGIT, END, isDigit, isWordCharacter, SPACE, WORD_CHARACTER } from './character-classes.ts'
import { classifyRun } from './classify-run.ts'
import { AMOUNT, DATE, DURATION, FROZEN, ID, IP, NUMBER, PATH, PERCENT, QUOTED, VARIABLE } from './kinds.ts'
import { isTelling, kindOfNumber } from './read-context.ts'
import { newRun, readRun } from './read-run.ts'
import { scanLiteral, scanObject, scanParentheses, scanQualified } from './scan-brackets.ts'
import { scanDate } from './scan-date.ts'
import { isFrame } from './scan-frame.ts'
import { isHex, scanColonHex, scanIpv4 } from './scan-network.ts'
import { isCurrency, scanNumber } from './scan-number.ts'
import { pathEnd, scanPath, scanWindowsPath } from './scan-path.ts'
import { escapedQuoteEnd, isObjectKey, isQuote, isRequestLine, quotedEnd } from './scan-quoted.ts'
import { scanWord } from './scan-word.ts'
import { clearTokens, newTokenList, pushToken, type TokenList } from './token-list.ts'

/** More than fit into a pattern's text. */
export const MOST_TOKENS = 512

/** Longer glue is in no pattern. */
const LONGEST_GLUE = 512

/*
 * Working memory. Scanning is synchronous and its outcome is used up at once, and allocating these for every message
 * took as long as the scanning itself.
 */
const list = newTokenList(MOST_TOKENS)
const run = newRun()

/**
 * Cuts a message into tokens, left to right, each character looked at a bounded number of times. Scanning stops where
 * the tokens would be wider than `widest`, or more than `mostTokens`; `rest` says where. The list is good until the next
 * message is scanned.
 */
export const scanMessage = (text: string, widest: number, mostTokens: number): TokenList => {
  clearTokens(list)
  /** The closing quote of a quotation that is read rather than masked. */
  let openQuote = -1
  let frozenUntil = isFrame(text, 0) ? lineEnd(text, 0) : 0
  let at = 0
  let glueStart = 0
  while (at < text.length) {
    const code = codeAt(text, at)
    if (code === 32) {
      at += 1
      continue
    }
    const flags = classOf(code)
    if ((flags & SPACE) !== 0) {
      at += 1
      if (code === 10 && isFrame(text, at)) frozenUntil = lineEnd(text, at)
      continue
    }
    let packed = 0
    let start = at
    if (at < frozenUntil) packed = (flags & WORD_CHARACTER) !== 0 ? scanFrozen(text, at) : scanBraced(text, at)
    else if ((flags & DIGIT) !== 0) packed = scanDigits(text, at)
    else if ((flags & WORD_CHARACTER) !== 0) packed = scanWord(text, at, run)
    else if (isQuote(code)) {
      if (at !== openQuote) {
        const end = quotedEnd(text, at)
        if (end > 0) {
          if (isObjectKey(text, at, end) || isRequestLine(text, at, end) || isTelling(list, text, at))
            openQuote = end - 1
          else packed = end * 32 + QUOTED
        }
      }
    } else if (code === 40 || code === 123) {
      packed = code === 40 ? scanParentheses(text, at) : scanObject(text, at)
      if (packed !== 0) start = at + 1
      else if (code === 123) packed = scanBraced(text, at) || scanLiteral(text, at) || scanQualified(text, at, run)
    } else packed = scanSigned(text, at)
    if (packed === 0) {
      at += 1
      if (at - glueStart > LONGEST_GLUE || at - glueStart + list.width > widest) break
      continue
    }
    const kind = packed & 31
    const end = packed >>> 5
    if (kind >= NUMBER && kind <= PERCENT) start = withPadding(text, start, glueStart)
    if (!pushToken(list, text, kind, start, end, widest, mostTokens)) {
      list.rest = glueStart
      return list
    }
    at = end
    glueStart = end
  }
  if (text.length - glueStart + list.width > widest) list.rest = cutGlue(text, glueStart, widest - list.width)
  return list
}

const lineEnd = (text: string, start: number): number => {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

/** As much of the glue as fits, no character cut in two. */
const cutGlue = (text: string, start: number, room: number): number => {
  const at = start + Math.max(0, room)
  const code = codeAt(text, at)
  return code >= 0xdc00 && code < 0xe000 && at > start ? at - 1 : at
}

/** Numbers set flush right take the spaces or dots before them along, so that these do not tell patterns apart. */
const withPadding = (text: string, start: number, glueStart: number): number => {
  const before = codeAt(text, start - 1)
  if (before === 46) return withDots(text, start, glueStart)
  if (before !== 32) return start
  let at = start
  while (at > glueStart && codeAt(text, at - 1) === 32) at -= 1
  if (codeAt(text, at - 1) === 91) return at
  return start - at > 1 ? at + 1 : start
}

/** `size.........12`, but not `wait...5`. */
const withDots = (text: string, start: number, glueStart: number): number => {
  let at = start
  while (at > glueStart && codeAt(text, at - 1) === 46) at -= 1
  return start - at > 3 ? at : start
}

/** In a frame only the numbers of lines and addresses vary. */
const scanFrozen = (text: string, start: number): number => {
  readRun(text, start, run)
  const { end } = run
  if (run.letters === 0) return end * 32 + NUMBER
  const address = codeAt(text, start) === 48 && (codeAt(text, start + 1) | 32) === 120
  return end * 32 + (address || run.longestDigits > 3 || end - start > 120 ? ID : FROZEN)
}

const scanDigits = (text: string, start: number): number => {
  let at = start + 1
  while (isDigit(codeAt(text, at))) at += 1
  const next = codeAt(text, at)
  // Hardware addresses first: they may begin like a time.
  const hex = next === 58 || isHex(next) ? scanColonHex(text, start) : 0
  if (hex !== 0) return hex
  if (mayBeDate(next, at - start)) {
    const date = scanDate(text, start)
    if (date > 0) return date * 32 + DATE
    const address = next === 46 ? scanIpv4(text, start) : -1
    if (address > 0) return address * 32 + IP
  }
  const number = withContext(text, start, scanNumber(text, start))
  if (number !== 0) return number
  readRun(text, start, run)
  return classifyRun(text, start, run)
}

/** By what follows the first digits: `:`, `-`, `.`, `/`, a name behind a space, the T of `20240131T10`. */
const mayBeDate = (next: number, digits: number): boolean =>
  next === 58 ||
  (next >= 45 && next <= 47) ||
  (digits <= 2 && next === 32) ||
  (digits === 8 && (next === 84 || next === 90))

const withContext = (text: string, start: number, number: number): number => {
  if ((number & 31) !== NUMBER) return number
  const end = number >>> 5
  const kind = kindOfNumber(list, text, start, end)
  const coded = kind === NUMBER && end - start >= 8 && codeAt(text, start) === 48 && isDigit(codeAt(text, start + 1))
  return number - NUMBER + (coded ? ID : kind)
}

/** What begins with a sign: negative numbers, amounts, paths, addresses, and placeholders that stood in the message. */
const scanSigned = (text: string, start: number): number => {
  const code = codeAt(text, start)
  const next = codeAt(text, start + 1)
  if (code === 60) return scanLess(text, start)
  const before = codeAt(text, start - 1)
  if (isWordCharacter(before) || (before === 60 && code === 47)) return 0
  if (code === 45 || code === 43) {
    if (code === 45 && isEmptyField(text, start)) return (start + 1) * 32 + VARIABLE
    if (!isDigit(next)) return isCurrency(next) && isDigit(codeAt(text, start + 2)) ? scanMoney(text, start + 1) : 0
    return withContext(text, start, scanNumber(text, start)) || scanSignedRun(text, start)
  }
  if (code === 36 && next === 46) return pathEnd(text, start + 2, start + 2) * 32 + PATH
  if (isCurrency(code)) return scanMoney(text, start)
  if (code === 47) {
    const address = isDigit(next) ? scanIpv4(text, start + 1) : -1
    if (address > 0) return address * 32 + IP
    return scanPath(text, start)
  }
  if (code === 46) {
    if (isDigit(next) && codeAt(text, start - 1) !== 46) {
      const number = scanNumber(text, start)
      if (number !== 0) return number
    }
    return scanPath(text, start)
  }
  if (code === 126) return scanPath(text, start)
  if (code === 92) {
    const quoted = escapedQuoteEnd(text, start)
    return quoted > 0 ? quoted * 32 + QUOTED : scanWindowsPath(text, start)
  }
  if (code === 58) return next === 58 ? scanColonHex(text, start) : 0
  return 0
}

/** `[req-7 - - -]`, `10.0.0.1 - - [`: two dashes or more between spaces are fields that are empty. */
const isEmptyField = (text: string, at: number): boolean =>
  isLoneDash(text, at) && (isLoneDash(text, at + 2) || isLoneDash(text, at - 2))

const isLoneDash = (text: string, at: number): boolean =>
  codeAt(text, at) === 45 && ENDS_FIELD.has(codeAt(text, at - 1)) && ENDS_FIELD.has(codeAt(text, at + 1))

const ENDS_FIELD = new Set([END, 32, 9, 34, 40, 41, 91, 93])

/** `-3.1/5`: what is no number without its sign either takes it along. */
const scanSignedRun = (text: string, start: number): number => {
  readRun(text, start + 1, run)
  return run.letters === 0 ? run.end * 32 + ID : 0
}

const scanMoney = (text: string, sign: number): number => {
  const from = codeAt(text, sign + 1) === 32 ? sign + 2 : sign + 1
  if (!isDigit(codeAt(text, from))) return 0
  const number = scanNumber(text, from)
  return number === 0 ? 0 : (number >>> 5) * 32 + AMOUNT
}

/** `<1 sec`: less than. With a closing bracket it is a tag or a mark. */
const scanLess = (text: string, start: number): number => {
  const from = codeAt(text, start + 1) === 32 ? start + 2 : start + 1
  if (!isDigit(codeAt(text, from)) || list.count === 0) return 0
  const number = scanNumber(text, from)
  const kind = number & 31
  if (number === 0 || (kind !== DURATION && kind !== PERCENT)) return 0
  return codeAt(text, number >>> 5) === 62 ? 0 : number
}

/** What looks like one of our placeholders must not stay: text and values would not tell them apart. */
const scanBraced = (text: string, start: number): number => {
  if (codeAt(text, start) !== 123) return 0
  let at = start + 1
  while (codeAt(text, at) >= 65 && codeAt(text, at) <= 90 && at - start < 64) at += 1
  return at > start + 1 && codeAt(text, at) === 125 ? (at + 1) * 32 + VARIABLE : 0
}
