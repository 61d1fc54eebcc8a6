import { classOf, codeAt, isDigit, WORD_CHARACTER } from './character-classes.ts'

/**
 * Dates and times in the usual forms, as one token each: `2024-01-31T10:20:30.123+02:00`, `31/Jan/2024:10:20:30 +0200`,
 * `Wed, 31 Jan 2024 10:20:30 GMT`, `Jan  3 10:20:30`, `1/31/24 3:05 PM`, `10:20:30,123`. By form only: whether a
 * date exists is what the message complains about. Each function gives where the token ends, -1 when there is none.
 */
export const scanDate = (text: string, start: number): number => {
  const first = countDigits(text, start)
  const after = start + first
  const separator = codeAt(text, after)
  if (separator === COLON) return whole(text, scanTime(text, start))
  let day = -1
  if (separator === DASH || separator === SLASH || separator === DOT) day = numericDay(text, start, first, separator)
  if (day < 0 && first <= 2) day = namedDay(text, after)
  if (day < 0 && first === 8 && (separator === 84 || separator === 90)) return compactTime(text, after)
  return day < 0 ? -1 : whole(text, withTime(text, day))
}

/** No date when it goes on as the name of something: `2024-01-31.csv`, `4:12.2.0-3`. */
const whole = (text: string, end: number): number => {
  const code = codeAt(text, end)
  const joins = (code >= 45 && code <= 47) || code === 43 || code === 126 || code === 95 || code === 64
  return end > 0 && joins && isWord(text, end + 1) ? -1 : end
}

/** A date that begins with the name of a weekday or a month. */
export const scanNamedDate = (text: string, start: number): number => {
  if (!BEGINNINGS.has(text.slice(start, start + 3))) return -1
  let at = nameEnd(text, start, WEEKDAYS)
  if (at > 0) {
    const next = skip(text, at, COMMA_OR_SPACE)
    if (next === at) return -1
    if (isDigit(codeAt(text, next))) {
      const end = scanDate(text, next)
      return end < 0 || countDigits(text, next) > 4 ? -1 : end
    }
    at = next
  } else at = start
  const month = nameEnd(text, at, MONTHS)
  if (month < 0) return -1
  const day = skip(text, month, SPACES)
  const length = countDigits(text, day)
  if (day === month || length < 1 || length > 2 || isWord(text, day + length)) return -1
  const end = dayRest(text, day + length)
  // `May 5` alone may be anything; `Mon May 5` and `Jan 5` are dates.
  const word = month - at > 3 || text.startsWith('May', at)
  return end === day + length && at === start && word ? -1 : end
}

const COLON = 58
const DASH = 45
const SLASH = 47
const DOT = 46
const COMMA = 44
const SPACE = 32

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

const BEGINNINGS = new Set([...WEEKDAYS, ...MONTHS].map((name) => name.slice(0, 3)))

/** The end of a name from the list, whole or by its first three letters, in any case; -1 otherwise. */
const nameEnd = (text: string, start: number, names: readonly string[]): number => {
  const lower = codeAt(text, start) | 32
  for (const name of names) {
    if ((name.charCodeAt(0) | 32) !== lower) continue
    let length = 1
    while (length < name.length && (codeAt(text, start + length) | 32) === name.charCodeAt(length)) length += 1
    if (length < 3) continue
    const full = length === name.length
    if ((full || length === 3) && !isWord(text, start + length)) {
      return !full && codeAt(text, start + length) === DOT ? start + length + 1 : start + length
    }
  }
  return -1
}

const isWord = (text: string, at: number): boolean => (classOf(codeAt(text, at)) & WORD_CHARACTER) !== 0

const countDigits = (text: string, start: number): number => {
  let at = start
  while (isDigit(codeAt(text, at))) at += 1
  return at - start
}

const SPACES = (code: number): boolean => code === SPACE
const COMMA_OR_SPACE = (code: number): boolean => code === SPACE || code === COMMA

/** At most three characters, as `Jan  3` has two spaces. */
const skip = (text: string, start: number, wanted: (code: number) => boolean): number => {
  let at = start
  while (at - start < 3 && wanted(codeAt(text, at))) at += 1
  return at
}

const numericDay = (text: string, start: number, first: number, separator: number): number => {
  let at = start + first + 1
  const middle = countDigits(text, at)
  if (middle === 0) return first <= 2 ? monthBetween(text, at, separator) : -1
  if (middle > 2 || codeAt(text, at + middle) !== separator) return -1
  at += middle + 1
  const last = countDigits(text, at)
  const yearFirst = first === 4 && last >= 1 && last <= 2
  const yearLast = first <= 2 && (last === 4 || (last === 2 && separator !== DOT))
  at += last
  if (!yearFirst && !yearLast) return -1
  const next = codeAt(text, at)
  if (next === separator && isWord(text, at + 1)) return -1
  return isWord(text, at) && next !== 84 && next !== 95 ? -1 : at
}

/** `31-Jan-2024`, `31/Jan/2024`. */
const monthBetween = (text: string, start: number, separator: number): number => {
  const month = nameEnd(text, start, MONTHS)
  if (month < 0 || codeAt(text, month) !== separator) return -1
  const year = countDigits(text, month + 1)
  return year === 4 || year === 2 ? month + 1 + year : -1
}

/** `31 Jan 2024`, `31. January 2024`, from behind the 31. */
const namedDay = (text: string, after: number): number => {
  const at = skip(text, codeAt(text, after) === DOT ? after + 1 : after, SPACES)
  const month = at === after ? -1 : nameEnd(text, at, MONTHS)
  if (month < 0) return -1
  const year = skip(text, month, COMMA_OR_SPACE)
  return countDigits(text, year) === 4 && !isWord(text, year + 4) ? year + 4 : -1
}

/** What may follow month and day: a year, a time, a time and a year, with a zone between. */
const dayRest = (text: string, day: number): number => {
  let end = day
  const year = skip(text, end, COMMA_OR_SPACE)
  if (year > end && countDigits(text, year) === 4 && !isWord(text, year + 4) && codeAt(text, year + 4) !== COLON)
    end = year + 4
  const timed = withTime(text, end)
  if (timed === end || end > day) return timed
  const late = skip(text, timed, SPACES)
  return late > timed && countDigits(text, late) === 4 && !isWord(text, late + 4) ? late + 4 : timed
}

/** The end of the time that may follow a day, else the day's own. */
const withTime = (text: string, day: number): number => {
  let at = day
  const code = codeAt(text, at)
  if (code === 84 || code === 95 || code === COLON || code === DASH) at += 1
  else {
    at = skip(text, at, COMMA_OR_SPACE)
    if (text.startsWith('at ', at)) at += 3
  }
  if (at === day) return day
  const time = scanTime(text, at)
  if (time > 0) return time
  return code === 84 && isDigit(codeAt(text, at)) ? compactEnd(text, at, day) : day
}

const compactTime = (text: string, after: number): number => {
  if (codeAt(text, after) === 90) return isWord(text, after + 1) ? -1 : after + 1
  return compactEnd(text, after + 1, -1)
}

const compactEnd = (text: string, start: number, otherwise: number): number => {
  const length = countDigits(text, start)
  if (length !== 4 && length !== 6) return otherwise
  const end = withZone(text, withFraction(text, start + length))
  return isWord(text, end) ? otherwise : end
}

/** `10:20`, `10:20:30.123`, `3:05 PM`, with a zone. */
export const scanTime = (text: string, start: number): number => {
  const hours = countDigits(text, start)
  let at = start + hours
  if (hours < 1 || hours > 2 || codeAt(text, at) !== COLON || countDigits(text, at + 1) !== 2) return -1
  at += 3
  if (codeAt(text, at) === COLON && countDigits(text, at + 1) === 2) at += 3
  at = withFraction(text, at)
  const next = codeAt(text, at)
  if (next === COLON) {
    // Milliseconds by a colon, as some write them; anything else (an address) is no time.
    const fraction = countDigits(text, at + 1)
    if (fraction > 0 && (fraction !== 3 || isWord(text, at + 4))) return -1
    if (fraction === 3) at += 4
    else if (isWord(text, at + 1) && at - start !== 8) return -1
  }
  const end = withZone(text, withHalf(text, at))
  return isWord(text, end) ? -1 : end
}

const withFraction = (text: string, at: number): number => {
  const code = codeAt(text, at)
  if (code !== DOT && code !== COMMA) return at
  const digits = countDigits(text, at + 1)
  return digits > 0 && (code === DOT || digits === 3 || digits === 6) ? at + 1 + digits : at
}

/** AM or PM. */
const withHalf = (text: string, start: number): number => {
  const at = codeAt(text, start) === SPACE ? start + 1 : start
  const letter = codeAt(text, at) | 32
  const half = (letter === 97 || letter === 112) && (codeAt(text, at + 1) | 32) === 109
  return half && !isWord(text, at + 2) ? at + 2 : start
}

const ZONES = new Set(
  'UTC GMT EST EDT CST CDT MST MDT PST PDT AKST HST BST IST WET WEST CET CEST MET MEST EET EEST MSK SAST JST KST HKT SGT AEST AEDT ACST AWST NZST NZDT'.split(
    ' ',
  ),
)

const withZone = (text: string, start: number): number => {
  const at = codeAt(text, start) === SPACE ? start + 1 : start
  const code = codeAt(text, at)
  if (code === 90) return isWord(text, at + 1) ? start : at + 1
  if (code === 43 || code === DASH) return offsetEnd(text, at, at > start) ?? start
  if (code < 65 || code > 90) return start
  let end = at
  while (codeAt(text, end) >= 65 && codeAt(text, end) <= 90 && end - at < 5) end += 1
  if (!ZONES.has(text.slice(at, end)) || isWord(text, end)) return start
  const sign = codeAt(text, end)
  return sign === 43 || sign === DASH ? (offsetEnd(text, end, false) ?? end) : end
}

/** `+02:00`, `+0200`, `+02`: behind a space only the long ones, as `10:20 -5` may be a number. */
const offsetEnd = (text: string, sign: number, spaced: boolean): number | undefined => {
  const digits = countDigits(text, sign + 1)
  if (digits === 4) return isWord(text, sign + 5) ? undefined : sign + 5
  if (digits < 1 || digits > 2) return undefined
  const at = sign + 1 + digits
  if (codeAt(text, at) === COLON && countDigits(text, at + 1) === 2) return isWord(text, at + 3) ? undefined : at + 3
  return spaced || isWord(text, at) ? undefined : at
}
