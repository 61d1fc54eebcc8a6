/** @typedef {{ readonly done: number, readonly warn: number, readonly failed: number }} Counts */

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const ONE_DIGIT = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const CLOCK = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const DAY = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' })

/** @param {number | bigint} value */
export const number = (value) => WHOLE.format(value)

/**
 * "1 line", "2,000 lines".
 * @param {number | bigint} value
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (value, one, many = `${one}s`) => `${number(value)} ${Number(value) === 1 ? one : many}`

/**
 * Processed lines: each count is exact, so their sum is too.
 * @param {Counts} counts
 */
export const processedOf = ({ done, warn, failed }) => {
  const sum = done + warn + failed
  return Number.isSafeInteger(sum) ? sum : BigInt(done) + BigInt(warn) + BigInt(failed)
}

/**
 * A share in %, rounded down: 100 % only when it is all, and 0 % only when it is nothing.
 * @param {number | bigint} part
 * @param {number | bigint} whole
 */
export const percent = (part, whole) => {
  const value = (Number(part) / Number(whole)) * 100
  if (value > 0 && value < 0.1) return '< 0.1 %'
  return value >= 100 ? `${WHOLE.format(Math.floor(value))} %` : `${ONE_DIGIT.format(Math.floor(value * 10) / 10)} %`
}

/**
 * "4 s", "3 min 12 s", "2 h 5 min", "3 d 4 h": two units at most.
 * @param {number} ms
 */
export const duration = (ms) => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 1) return 'under 1 s'
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  if (seconds < 86_400) return two(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min')
  return two(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3_600), 'h')
}

/**
 * @param {number} big
 * @param {string} bigUnit
 * @param {number} small
 * @param {string} smallUnit
 */
const two = (big, bigUnit, small, smallUnit) =>
  small === 0 || big >= 100 ? `${number(big)} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`

/**
 * How long ago, in one unit.
 * @param {number} ms
 */
export const age = (ms) => {
  if (ms < 1_500) return 'just now'
  const seconds = ms / 1000
  if (seconds < 60) return `${Math.floor(seconds)} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`
  return `${number(Math.floor(seconds / 86_400))} d ago`
}

/**
 * Lines per second, or per minute or hour where that reads better.
 * @param {number} perSecond
 */
export const pace = (perSecond) => {
  if (perSecond >= 10) return `${WHOLE.format(perSecond)} lines/s`
  if (perSecond >= 1) return `${ONE_DIGIT.format(perSecond)} lines/s`
  if (perSecond >= 1 / 6) return `${ONE_DIGIT.format(perSecond * 60)} lines/min`
  return `${ONE_DIGIT.format(perSecond * 3_600)} lines/h`
}

/**
 * A moment on the reader's own clock; with its day when that is not today.
 * @param {number} ms
 * @param {number} now
 */
export const moment = (ms, now) => {
  const day = DAY.format(ms)
  return day === DAY.format(now) ? CLOCK.format(ms) : `${day}, ${CLOCK.format(ms)}`
}
