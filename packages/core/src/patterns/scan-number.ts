import { classOf, codeAt, isDigit, WORD_CHARACTER } from './character-classes.ts'
import { AMOUNT, DURATION, NUMBER, PERCENT } from './kinds.ts'

/**
 * A number, with its unit if it has one, and with what the parentheses after that say again: `12`, `-1,234.50`,
 * `12,50 EUR`, `3.5 %`, `1h30m`, `1190 bytes (1.16 KB)`. Where it ends, and its kind in the lowest five bits; 0 when
 * the digits at `start` (or behind a sign there) are part of something else.
 */
export const scanNumber = (text: string, start: number): number => {
  const sign = codeAt(text, start)
  const from = sign === 45 || sign === 43 ? start + 1 : start
  let at = wholeEnd(text, from)
  const grouped = groupedEnd(text, from, at)
  let money = false
  if (grouped > at) {
    at = grouped
    money = true
  }
  const point = codeAt(text, at)
  if (point === 46 || point === 44) {
    const end = wholeEnd(text, at + 1)
    const digits = end - at - 1
    const next = codeAt(text, end)
    if (digits > 0 && (point === 46 || (digits <= 2 && (money || from + 9 > at) && !isListComma(text, end)))) {
      if (point === 44) money = true
      at = next === point && isDigit(codeAt(text, end + 1)) ? -1 : end
    }
  }
  if (at < 0) return 0
  at = exponentEnd(text, at)
  const unit = scanUnit(text, at)
  if (unit === 0) {
    return continues(text, at) ? 0 : at * 32 + (money ? AMOUNT : NUMBER)
  }
  const end = unit >>> 5
  const kind = unit & 31
  if (continues(text, end)) return 0
  if (kind === AMOUNT || kind === PERCENT) return unit
  return inParentheses(text, kind === DURATION ? moreOf(text, end) : end) * 32 + kind
}

const wholeEnd = (text: string, start: number): number => {
  let at = start
  while (isDigit(codeAt(text, at))) at += 1
  return at
}

/** `1,234` and `1.234.567`: groups of three behind one to three digits, all by the same sign. */
const groupedEnd = (text: string, from: number, end: number): number => {
  const sign = codeAt(text, end)
  if (end - from > 3 || (sign !== 44 && sign !== 46 && sign !== 39 && !isThinSpace(sign))) return end
  let at = end
  let groups = 0
  while (codeAt(text, at) === sign && wholeEnd(text, at + 1) === at + 4) {
    at += 4
    groups += 1
  }
  // Spaces group only what is money beyond doubt: `1 234,50`.
  if (isThinSpace(sign)) {
    const point = codeAt(text, at)
    const cents = (point === 44 || point === 46) && wholeEnd(text, at + 1) === at + 3
    return groups > 0 && cents ? at : end
  }
  // `1.234` is a decimal, `1.234.567` is not.
  return sign === 46 && groups === 1 && codeAt(text, at) !== 44 ? end : at
}

const isThinSpace = (code: number): boolean => code === 32 || code === 0xa0 || code === 0x202f

/** `1,2,3`: a comma behind the digits too makes a list of it. */
const isListComma = (text: string, end: number): boolean => codeAt(text, end) === 44 && isDigit(codeAt(text, end + 1))

const exponentEnd = (text: string, at: number): number => {
  if ((codeAt(text, at) | 32) !== 101) return at
  const sign = codeAt(text, at + 1)
  const from = sign === 45 || sign === 43 ? at + 2 : at + 1
  const end = wholeEnd(text, from)
  return end > from && !isWordAt(text, end) ? end : at
}

const isWordAt = (text: string, at: number): boolean => (classOf(codeAt(text, at)) & WORD_CHARACTER) !== 0

/** The digits go on as a name, an address or a path: `12ab`, `12-34`, `12/34`, `1.2.3`. */
const continues = (text: string, at: number): boolean => {
  if (isWordAt(text, at)) return (classOf(codeAt(text, at)) & 16) === 0
  const code = codeAt(text, at)
  if (code === 44 || code === 39 || code === 37 || code === 38) return false
  if (code === 58) return isDigit(codeAt(text, at + 1))
  if (code === 35 || code === 126) {
    let end = at + 1
    while (codeAt(text, end) === code) end += 1
    return isWordAt(text, end)
  }
  return (classOf(code) & 32) !== 0 && isWordAt(text, at + 1)
}

const UNITS = new Map<string, number>()
const addUnits = (kind: number, units: string): void => {
  for (const unit of units.split(' ')) if (!UNITS.has(unit)) UNITS.set(unit, kind)
}
addUnits(
  DURATION,
  'ns us µs μs ms s m h d w y msec msecs usec usecs nsec nsecs sec secs second seconds min mins minute minutes hr hrs hour hours day days week weeks month months year years microsecond microseconds millisecond milliseconds nanosecond nanoseconds millis',
)
addUnits(
  NUMBER,
  'b B k K kB KB MB GB TB PB kb mb gb tb KiB MiB GiB TiB kbit Mbit Gbit kbps Kbps Mbps Gbps byte bytes Byte Bytes bits kilobytes megabytes gigabytes Kbytes Mbytes G M T Hz kHz KHz MHz GHz mhz rpm RPM dB dBm mV mA V W A C F px pt km kg cm mm x',
)
addUnits(PERCENT, 'percent pct')
addUnits(
  AMOUNT,
  'USD EUR GBP CHF JPY CNY SEK NOK DKK PLN CZK HUF RON BGN AUD CAD NZD INR BRL MXN ZAR TRY RUB UAH SGD HKD KRW',
)
const LONGEST_UNIT = 12

export const isCurrency = (code: number): boolean =>
  code === 36 || (code >= 0xa2 && code <= 0xa5) || (code >= 0x20a0 && code <= 0x20cf)

export const isCurrencyCode = (word: string): boolean => UNITS.get(word) === AMOUNT

/** The unit at `at`, which is where the digits end: its end and kind, or 0. */
const scanUnit = (text: string, at: number): number => {
  const spaced = codeAt(text, at) === 32
  const from = spaced ? at + 1 : at
  const code = codeAt(text, from)
  if (code === 37) return isWordAt(text, from + 1) ? 0 : (from + 1) * 32 + PERCENT
  if (isCurrency(code)) return isWordAt(text, from + 1) ? 0 : (from + 1) * 32 + AMOUNT
  if (code === 0xb0) return (isWordAt(text, from + 1) ? from + 2 : from + 1) * 32 + NUMBER
  let end = from
  while (end - from <= LONGEST_UNIT && isLetter(codeAt(text, end))) end += 1
  const length = end - from
  if (length === 0 || length > LONGEST_UNIT) return 0
  if (isDigit(codeAt(text, end))) return spaced ? 0 : compoundEnd(text, at)
  if (isWordAt(text, end)) return 0
  const kind = UNITS.get(text.slice(from, end))
  if (kind === undefined || isKey(text, from, end)) return 0
  if (codeAt(text, end) === 47) return rateEnd(text, end, kind)
  // Of the single letters only these two are written behind a space; `3 A` is no current.
  if (spaced && length === 1 && code !== 115 && code !== 66) return 0
  return end * 32 + kind
}

/** `size: 512 secs: 0.2`, `len=7 ms=4`: the name of the next number. */
const isKey = (text: string, from: number, end: number): boolean => {
  const sign = codeAt(text, end)
  if (sign !== 58 && sign !== 61) return false
  const spaced = codeAt(text, end + 1) === 32
  if (!isDigit(codeAt(text, spaced ? end + 2 : end + 1))) return false
  let at = from - 1
  while (at >= 0 && (codeAt(text, at) === 32 || codeAt(text, at) === 46 || isDigit(codeAt(text, at)))) at -= 1
  return codeAt(text, at) === sign
}

const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 0xb5 || code === 0x3bc

/** `12 KB/s`: per time. */
const rateEnd = (text: string, slash: number, kind: number): number => {
  let end = slash + 1
  while (isLetter(codeAt(text, end))) end += 1
  if (end === slash + 1 || isWordAt(text, end) || UNITS.get(text.slice(slash + 1, end)) !== DURATION) return 0
  return end * 32 + (kind === DURATION ? DURATION : NUMBER)
}

/** `1h30m5s`, from behind the 1. */
const compoundEnd = (text: string, start: number): number => {
  let at = start
  let parts = 0
  for (;;) {
    let end = at
    while (isLetter(codeAt(text, end)) && end - at < 3) end += 1
    if (end === at || UNITS.get(text.slice(at, end)) !== DURATION) return 0
    parts += 1
    if (!isDigit(codeAt(text, end))) return isWordAt(text, end) || parts < 2 ? 0 : end * 32 + DURATION
    at = wholeEnd(text, end)
    if (codeAt(text, at) === 46 && isDigit(codeAt(text, at + 1))) at = wholeEnd(text, at + 1)
  }
}

/** `2 days, 3 hours`: goes on while more of the kind follows. */
const moreOf = (text: string, start: number): number => {
  let end = start
  for (let parts = 0; parts < 6; parts += 1) {
    let at = end
    if (codeAt(text, at) === 44) at += 1
    if (codeAt(text, at) === 32) at += 1
    if (text.startsWith('and ', at)) at += 4
    if (at === end || !isDigit(codeAt(text, at))) return end
    let digits = wholeEnd(text, at)
    if (codeAt(text, digits) === 46 && isDigit(codeAt(text, digits + 1))) digits = wholeEnd(text, digits + 1)
    const unit = scanUnit(text, digits)
    if ((unit & 31) !== DURATION || unit === 0) return end
    end = unit >>> 5
  }
  return end
}

/** ` (1.16 KB)` behind a size or a time says it again. */
const inParentheses = (text: string, end: number): number => {
  if (codeAt(text, end) !== 32 || codeAt(text, end + 1) !== 40) return end
  let at = wholeEnd(text, end + 2)
  if (at === end + 2) return end
  if (codeAt(text, at) === 46) at = wholeEnd(text, at + 1)
  const unit = scanUnit(text, at)
  const close = unit === 0 ? at : unit >>> 5
  return codeAt(text, close) === 41 ? close + 1 : end
}
