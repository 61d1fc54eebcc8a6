import { age, duration, moment, pace, processedOf } from './figures.js'
import { isOver } from './progress-bar.js'

/** @typedef {import('@pebbles/wire').ProgressRecord} ProgressRecord */

/** What people read for each status. */
export const STATUS_WORDS = /** @type {const} */ ({
  running: 'Running',
  stalled: 'Stalled',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
})

/**
 * How old the last report is.
 * @param {ProgressRecord} record
 * @param {number} now
 */
export const lastReport = ({ updatedAt }, now) => age(now - Date.parse(updatedAt))

/**
 * How fast it goes, or went: a rate is never shown as if it went on when nothing comes any more.
 * @param {ProgressRecord} record
 */
export const speed = (record) => {
  if (record.status === 'stalled') return record.rate === null ? '' : `was ≈ ${pace(record.rate)}`
  if (record.status === 'running') return record.rate === null ? '' : `≈ ${pace(record.rate)}`
  const seconds = elapsedMs(record, 0) / 1000
  return seconds < 1 ? '' : `≈ ${pace(Number(processedOf(record.counts)) / seconds)} on average`
}

/**
 * When the rest will be done, why nobody knows, or how long it took; '' where nothing comes any more.
 * @param {ProgressRecord} record
 * @param {number} now
 */
export const remaining = (record, now) => {
  const { status, eta, total } = record
  if (status === 'stalled') return ''
  if (status !== 'running') return `took ${duration(elapsedMs(record, now))}`
  if (isOver(record)) return 'past its total'
  if (eta === null) return total === null ? 'no total, no estimate' : 'no estimate yet'
  const left = Date.parse(eta) - now
  return left < 0 ? `later than estimated (${moment(Date.parse(eta), now)})` : `≈ ${duration(left)} left`
}

/**
 * From the first report to the end, or until now: it stands still once the file ended.
 * @param {ProgressRecord} record
 * @param {number} now
 */
export const elapsedMs = ({ createdAt, completedAt }, now) =>
  (completedAt === null ? now : Date.parse(completedAt)) - Date.parse(createdAt)
