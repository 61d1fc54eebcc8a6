import { classOf, codeAt, isSpace, isWordCharacter, UPPER } from './character-classes.ts'

/** A quotation longer than this, or over a line's end, is rather a lost quote. */
const LONGEST_QUOTE = 2_000
const BACKSLASH = 92

/** What closes a quotation, by what opens it: one of two. */
const CLOSERS = new Map<number, readonly [number, number]>([
  [34, [34, 34]],
  [39, [39, 39]],
  [96, [96, 39]],
  [0x201c, [0x201d, 0x201c]],
  [0x201e, [0x201c, 0x201d]],
  [0x2018, [0x2019, 0x2019]],
  [0x201a, [0x2018, 0x2019]],
  [0xab, [0xbb, 0xbb]],
  [0xbb, [0xab, 0xab]],
])

export const isQuote = (code: number): boolean =>
  code === 34 || code === 39 || code === 96 || (code > 0xaa && CLOSERS.has(code))

/** The end of the quotation that opens at `start`, its closing quote included; 0 when none opens there. */
export const quotedEnd = (text: string, start: number): number => {
  const opener = codeAt(text, start)
  const closers = CLOSERS.get(opener)
  if (closers === undefined) return 0
  const apostrophe = opener === 39
  // An apostrophe behind a letter opens nothing: the users' files.
  if (apostrophe && (isWordCharacter(codeAt(text, start - 1)) || isSpace(codeAt(text, start + 1)))) return 0
  const escaped = codeAt(text, start - 1) === BACKSLASH
  const limit = Math.min(text.length, start + LONGEST_QUOTE)
  for (let at = start + 1; at < limit; at += 1) {
    const code = codeAt(text, at)
    if (code === 10) return 0
    if (code === BACKSLASH && !escaped) {
      at += 1
      continue
    }
    if (code !== closers[0] && code !== closers[1]) continue
    // A doubled quote stands for itself, unless the quotation is empty.
    if (code === opener && codeAt(text, at + 1) === code && at > start + 1) {
      at += 1
      continue
    }
    if ((apostrophe || opener === 96) && isWordCharacter(codeAt(text, at + 1))) continue
    return at + 1
  }
  return 0
}

/** Quotation marks that a logger wrote as the number of the character: `\\042name\\042`. */
export const escapedQuoteEnd = (text: string, start: number): number => {
  if (!text.startsWith('\\042', start)) return 0
  const close = text.slice(start, start + LONGEST_QUOTE).indexOf('\\042', 4)
  return close < 0 ? 0 : start + close + 4
}

const METHODS = /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE) \S/

/** A request line in quotes: what was asked of whom is the message, and its parts are read as such. */
export const isRequestLine = (text: string, start: number, end: number): boolean =>
  (classOf(codeAt(text, start + 1)) & UPPER) !== 0 && METHODS.test(text.slice(start + 1, Math.min(end, start + 12)))

/** The key of an object in the style of JSON: `{"code": 7, "at": 8}`; quotes in prose have no brace or comma before. */
export const isObjectKey = (text: string, start: number, end: number): boolean => {
  let after = end
  while (codeAt(text, after) === 32) after += 1
  if (codeAt(text, after) !== 58) return false
  let before = start - 1
  while (before >= 0 && isSpace(codeAt(text, before)) && start - before < 40) before -= 1
  const code = codeAt(text, before)
  return code === 123 || code === 44 || (code === BACKSLASH && before > 0)
}
