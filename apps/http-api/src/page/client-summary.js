import { createCountsText } from './counts-text.js'
import { element, setAttribute, setShown, setText } from './elements.js'
import { age, number, processedOf } from './figures.js'
import { STATUS_WORDS } from './file-facts.js'
import { linkTo } from './route.js'

/**
 * @typedef {import('@pebbles/wire').Summary} Summary
 * @typedef {import('./route.js').Route} Route
 */

const STATUSES = /** @type {const} */ (['running', 'stalled', 'completed', 'failed', 'cancelled'])

/**
 * @typedef {{ readonly label: string, readonly status?: string, readonly completed?: string, readonly count: (summary: Summary) => number }} Choice
 * @type {readonly Choice[]}
 */
const CHOICES = [
  { label: 'All', count: ({ files }) => files },
  { label: 'Open', completed: 'false', count: ({ running, stalled }) => running + stalled },
  { label: 'Ended', completed: 'true', count: ({ completed, failed, cancelled }) => completed + failed + cancelled },
  ...STATUSES.map((status) => ({
    label: STATUS_WORDS[status],
    status,
    count: (/** @type {Summary} */ summary) => summary[status],
  })),
]

/** A client in one row of numbers; each number of files is also the filter that shows them. */
export const createClientSummary = () => {
  const chips = CHOICES.map((choice) => {
    const count = element('b', {})
    const link = element('a', { class: 'chip', 'data-status': choice.status }, choice.label, ' ', count)
    return { choice, count, link }
  })
  const counts = createCountsText()
  const lines = element('b', {})
  const overflow = element('span', { class: 'over' }, 'at least: a sum passed the largest exact number')
  const seen = element('time', { class: 'soft' })
  /** @type {Summary | undefined} */
  let summary
  const tick = (/** @type {number} */ now) => {
    if (summary?.lastUpdate) setText(seen, `last report ${age(now - Date.parse(summary.lastUpdate))}`)
  }
  const filters = element('nav', { class: 'chips', 'aria-label': 'Filter by status' }, ...chips.map(({ link }) => link))
  return {
    element: element(
      'div',
      { class: 'summary' },
      element('p', { class: 'sum-row' }, lines, ' ', overflow, ' ', seen),
      counts.element,
      filters,
    ),
    /** @param {Summary} next @param {number} now */
    update: (next, now) => {
      summary = next
      const processed = processedOf(next.counts)
      setText(lines, processed === 0 ? 'No line processed yet' : `${number(processed)} lines processed`)
      setShown(overflow, next.overflow === true)
      counts.update(next.counts)
      setAttribute(seen, 'datetime', next.lastUpdate)
      for (const { choice, count, link } of chips) {
        const files = choice.count(next)
        setText(count, files === 0 ? 'none' : number(files))
        setAttribute(link, 'data-none', files === 0)
      }
      tick(now)
    },
    /** @param {Route} route */
    mark: ({ client, q, status, completed }) => {
      for (const { choice, link } of chips) {
        const { status: its = '', completed: isCompleted = '' } = choice
        setAttribute(link, 'href', linkTo({ client, q, status: its, completed: isCompleted }))
        setAttribute(link, 'aria-current', its === status && isCompleted === completed ? 'true' : null)
      }
    },
    tick,
  }
}
