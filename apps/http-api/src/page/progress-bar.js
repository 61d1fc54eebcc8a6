import { element, setAttribute } from './elements.js'
import { counted, number, percent, processedOf } from './figures.js'

/** @typedef {import('@pebbles/wire').ProgressRecord} ProgressRecord */

const PARTS = /** @type {const} */ (['done', 'warn', 'failed'])

/**
 * Done, warned and failed lines as parts of the total. Without a total the parts show their proportions on a hatched
 * bar that claims no end; lines beyond the total are shown beyond a mark, never cut off.
 */
export const createProgressBar = () => {
  const segments = PARTS.map((part) => element('span', { class: `part ${part}` }))
  const mark = element('span', { class: 'total-mark' })
  const bar = element('div', { class: 'bar', role: 'progressbar' }, ...segments, mark)
  return {
    element: bar,
    /** @param {ProgressRecord} record @param {string} label */
    update: (record, label) => {
      const { counts, total, status } = record
      const processed = processedOf(counts)
      const scale = Number(total === null || processed > total ? processed : total)
      for (const [index, part] of PARTS.entries()) {
        const width = scale === 0 ? 0 : (counts[part] / scale) * 100
        const segment = /** @type {HTMLElement} */ (segments[index])
        segment.style.width = `${width}%`
        segment.hidden = counts[part] === 0
      }
      const over = isOver(record)
      mark.hidden = !over
      if (over) mark.style.left = `${(Number(total) / scale) * 100}%`
      setAttribute(bar, 'data-total', total === null ? 'unknown' : over ? 'passed' : 'known')
      setAttribute(bar, 'data-status', status)
      setAttribute(bar, 'aria-label', label)
      setAttribute(bar, 'aria-valuemin', total === null ? null : 0)
      setAttribute(bar, 'aria-valuemax', total)
      setAttribute(bar, 'aria-valuenow', total === null ? null : Math.min(Number(processed), total))
      setAttribute(bar, 'aria-valuetext', spoken(record))
    },
  }
}

/** @param {ProgressRecord} record */
export const isOver = ({ counts, total }) => total !== null && processedOf(counts) > total

/**
 * "6,200 of 10,000 lines", "48,210 lines so far", "no line yet".
 * @param {ProgressRecord} record
 */
export const processedText = ({ counts, total, isCompleted }) => {
  const processed = processedOf(counts)
  if (total !== null) return `${processed === 0 ? 'none' : number(processed)} of ${counted(total, 'line')}`
  if (processed === 0) return isCompleted ? 'ended without a line' : 'no line yet'
  return `${counted(processed, 'line')}${isCompleted ? '' : ' so far'}`
}

/**
 * The share that is processed, or '' where nobody knows.
 * @param {ProgressRecord} record
 */
export const shareText = ({ counts, total }) => {
  const processed = processedOf(counts)
  return total === null || processed === 0 ? '' : percent(processed, total)
}

/** @param {ProgressRecord} record */
export const overText = ({ counts, total }) =>
  `${number(BigInt(processedOf(counts)) - BigInt(total ?? 0))} more than the total`

/** @param {ProgressRecord} record */
const spoken = (record) => {
  const { done, warn, failed } = record.counts
  const parts = [processedText(record), shareText(record), `${number(done)} done`, `${number(warn)} warned`]
  return [...parts, `${number(failed)} failed`, isOver(record) ? overText(record) : ''].filter(Boolean).join(', ')
}
