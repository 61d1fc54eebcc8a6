import { classOf, codeAt, END, isDigit, isWordCharacter, LETTER } from './character-classes.ts'
import { classifyRun } from './classify-run.ts'
import { AMOUNT, DATE, ID, PATH, VARIABLE, WORD } from './kinds.ts'
import { isValueWord } from './read-context.ts'
import { type Run, readRun } from './read-run.ts'
import { scanConstructed } from './scan-brackets.ts'
import { scanNamedDate } from './scan-date.ts'
import { isHex, scanColonHex, scanUrl } from './scan-network.ts'
import { isCurrencyCode, scanNumber } from './scan-number.ts'
import { scanWindowsPath, stepsEnd } from './scan-path.ts'

/** What begins with a letter: words, and what hides among them. End and kind packed, never 0. */
export const scanWord = (text: string, start: number, run: Run): number => {
  const plainEnd = plainWordEnd(text, start)
  if (plainEnd > 0 && (codeAt(text, plainEnd) !== 61 || codeAt(text, start - 1) !== 61))
    return plainEnd * 32 + (isValueWord(text, start, plainEnd, true) ? VARIABLE : WORD)
  if (isHex(codeAt(text, start)) && codeAt(text, start + groupLength(text, start)) === 58) {
    const hex = scanColonHex(text, start)
    if (hex !== 0) return hex
  }
  readRun(text, start, run)
  const { end } = run
  const next = codeAt(text, end)
  if (next === 61 && codeAt(text, start - 1) === 61) {
    const pairs = pairsEnd(text, start, end)
    if (pairs !== 0) return pairs * 32 + VARIABLE
  } else if (next === 58) {
    const tag = prefixedEnd(text, start, end) || tagEnd(text, start, run)
    if (tag !== 0) return tag * 32 + WORD
    const url = scanUrl(text, end)
    if (url !== 0) return url
    const digest = isDigit(codeAt(text, end - 1)) ? digestEnd(text, end + 1) : 0
    if (digest !== 0) return digest * 32 + ID
    const path = end === start + 1 ? scanWindowsPath(text, end) : 0
    if (path !== 0) return path
  } else if ((next === 32 || next === 44) && run.uppers > 0) {
    const date = scanNamedDate(text, start)
    if (date > 0) return date * 32 + DATE
    const money = next === 32 && end === start + 3 ? scanCoded(text, start) : 0
    if (money !== 0) return money
  } else if ((next === 40 || next === 123) && codeAt(text, start - 1) === 61) {
    const value = scanConstructed(text, start, end)
    if (value !== 0) return value
  } else if (next === 91) {
    const steps = stepsEnd(text, end)
    if (steps > end) return steps * 32 + PATH
  }
  const packed = classifyRun(text, start, run)
  if ((packed & 31) !== WORD) return packed
  const plain = run.lowers + run.uppers === end - start && run.humps === 0
  const numbered = run.digits > 0
  const listed = next === 44 ? listEnd(text, start, end, run) : end
  if (listed > end) return listed * 32 + VARIABLE
  return isValueWord(text, start, end, plain) ? packed - WORD + (numbered ? ID : VARIABLE) : packed
}

/**
 * The end of a word of Latin letters with nothing but a space or a closing sign behind it, as most are, so that it can
 * be nothing else; else 0.
 */
const plainWordEnd = (text: string, start: number): number => {
  let at = start
  let beyondHex = false
  let small = false
  for (;;) {
    const code = codeAt(text, at)
    if (code >= 97 && code <= 122) {
      small = true
      if (code > 102) beyondHex = true
    } else if (code >= 65 && code <= 90) {
      // `camelCase` is read more closely.
      if (small) return 0
      if (code > 70) beyondHex = true
    } else break
    at += 1
  }
  const length = at - start
  if (!beyondHex || length > LONGEST_PLAIN) return 0
  const next = codeAt(text, at)
  if (next === 32) return mayBeMore(text, start, length) ? 0 : at
  if (next === 41 || next === 61 || next === 93 || next === END) return at
  if (next !== 44 && next !== 46 && next !== 58) return 0
  const then = codeAt(text, at + 1)
  if (then !== 32 && then !== END) return 0
  // A comma may make a list of it.
  return next === 44 && (mayOpenList(text, start) || mayBeMore(text, start, length)) ? 0 : at
}

/** `used=cpu=4,mem=3G`: pairs that are the value of a key, as many as there are; their end, 0 for anything else. */
const pairsEnd = (text: string, start: number, key: number): number => {
  let at = key
  if (!isWordCharacter(codeAt(text, at + 1)) || !isWordCharacter(codeAt(text, start - 2))) return 0
  while (at < text.length && !ENDS_PAIRS.has(codeAt(text, at))) at += 1
  while (!isWordCharacter(codeAt(text, at - 1))) at -= 1
  return at
}

const ENDS_PAIRS = new Set([...' \t\n\r;)]}>"\''].map((sign) => sign.charCodeAt(0)))

/** `<ns:Name>`, `</ns:Name>`: the end of such a name; 0 for anything else. */
const tagEnd = (text: string, start: number, run: Run): number => {
  const before = codeAt(text, start - 1)
  if (before !== 60 && (before !== 47 || codeAt(text, start - 2) !== 60)) return 0
  const colon = run.end
  if (!isWordCharacter(codeAt(text, colon + 1))) return 0
  readRun(text, colon + 1, run)
  const { end } = run
  const next = codeAt(text, end)
  if (next === 62 || next === 32 || next === 47) return end
  readRun(text, start, run)
  return 0
}

/** Usual prefixes of name spaces. */
const PREFIXES = new Set(
  'xs xsd xsi xsl xml xmlns xlink soap soapenv wsdl svg gml tei dc dct dcterms rdf rdfs owl skos foaf edm mods mets marc cbc cac ram rsm udt qdt'.split(
    ' ',
  ),
)
const LONGEST_PREFIX = 8

/** `dc:title`, `xs:decimal`: the end of a name with its prefix, 0 for anything else. */
const prefixedEnd = (text: string, start: number, colon: number): number => {
  if (colon - start > LONGEST_PREFIX || (classOf(codeAt(text, colon + 1)) & LETTER) === 0) return 0
  if (!PREFIXES.has(text.slice(start, colon))) return 0
  let at = colon + 1
  while (isWordCharacter(codeAt(text, at)) || isInnerDash(text, at)) at += 1
  return at
}

const isInnerDash = (text: string, at: number): boolean =>
  codeAt(text, at) === 45 && isWordCharacter(codeAt(text, at + 1))

/** `sha256:ab12…`: the end of a hash behind the name of how it was made, 0 when none stands there. */
const digestEnd = (text: string, start: number): number => {
  let at = start
  while (isWordCharacter(codeAt(text, at)) || codeAt(text, at) === 43 || codeAt(text, at) === 47) at += 1
  return at - start >= SHORTEST_DIGEST ? at : 0
}

const SHORTEST_DIGEST = 16

/** Capitals may begin a date, or name a currency. */
const mayBeMore = (text: string, start: number, length: number): boolean => {
  const code = codeAt(text, start)
  if (code >= 97 || length < 3) return false
  return length === 3 || MAY_BEGIN_DATE.has(code)
}

const MAY_BEGIN_DATE = new Set([...'ADFJMNOSTW'].map((letter) => letter.charCodeAt(0)))

const LONGEST_PLAIN = 40

const mayOpenList = (text: string, start: number): boolean => {
  const before = codeAt(text, start - 1)
  return before === 91 || before === 40 || (before === 32 && (codeAt(text, start - 2) === 58 || isChoice(text, start)))
}

/** `must be one of red, green`: a choice goes before the word. */
const isChoice = (text: string, start: number): boolean =>
  codeAt(text, start - 2) === 102 && (text.startsWith('one of ', start - 7) || text.startsWith('any of ', start - 7))

const CLOSES_CHOICE = new Set([END, 41, 46, 59])

/** `EUR 12.50`. */
const scanCoded = (text: string, start: number): number => {
  if (!isDigit(codeAt(text, start + 4)) || !isCurrencyCode(text.slice(start, start + 3))) return 0
  const number = scanNumber(text, start + 4)
  return number === 0 ? 0 : (number >>> 5) * 32 + AMOUNT
}

/**
 * The end of a list of words: `etl,yarn`, `[INT, TERM]`, `columns: price, name`. With spaces it takes brackets around
 * it, or a colon before it and, if there are but two words, a plural before that: prose has commas as well.
 */
const listEnd = (text: string, start: number, first: number, run: Run): number => {
  const spaced = codeAt(text, first + 1) === 32
  if (spaced && !mayOpenList(text, start)) return first
  let end = first
  let words = 1
  while (codeAt(text, end) === 44) {
    const from = end + (spaced && codeAt(text, end + 1) === 32 ? 2 : 1)
    if (!isWordCharacter(codeAt(text, from))) break
    readRun(text, from, run)
    const next = codeAt(text, run.end)
    if (next === 61 || next === 58 || next === 40) return first
    end = run.end
    words += 1
  }
  if (!spaced) return end
  const before = codeAt(text, start - 1)
  const after = codeAt(text, end)
  if ((before === 91 && after === 93) || (before === 40 && after === 41)) return end
  if (before === 32 && isChoice(text, start)) return CLOSES_CHOICE.has(after) ? end : first
  const colon = before === 32 && codeAt(text, start - 2) === 58
  if (!colon || !(after === END || (after === 46 && codeAt(text, end + 1) === END))) return first
  return words > 2 || codeAt(text, start - 3) === 115 ? end : first
}

/** How many hexadecimal digits stand at `start`, at most five. */
const groupLength = (text: string, start: number): number => {
  let length = 1
  while (length < 5 && isHex(codeAt(text, start + length))) length += 1
  return length
}
