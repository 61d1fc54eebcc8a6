import { SELDOM_MS } from './data-source.js'
import { element, setAttribute } from './elements.js'
import { moment, number } from './figures.js'
import { awayNotice, refusalNotice } from './notice.js'
import { createPager } from './pager.js'
import { apiPath } from './route.js'
import { createStage } from './stage.js'

/**
 * @typedef {import('@pebbles/wire').HistoryAnswerRow} HistoryRow
 */

const PAGE_SIZE = 50
const CHANNELS = { http: 'HTTP', sqs: 'SQS', kafka: 'Kafka' }

/**
 * What was reported and when, by page; it asks for nothing until it is opened.
 * @param {{ source: import('./data-source.js').DataSource, client: string, file: string, onUnauthenticated: () => void }} options
 */
export const createHistoryTable = ({ source, client, file, onUnauthenticated }) => {
  let at = { page: 1, cursor: '' }
  /** @type {import('./data-source.js').Following | undefined} */
  let following
  const body = element('tbody', {})
  const heads = ['When', 'Done', 'Warned', 'Failed', 'Total', 'Updates', 'By'].map((name, column) =>
    element('th', { scope: 'col', class: column > 0 && column < 6 ? 'amount' : null }, name),
  )
  const table = element('table', { class: 'lines' }, element('thead', {}, element('tr', {}, ...heads)), body)
  const pager = createPager({
    label: 'Pages of the history',
    onPage: (page, cursor) => {
      at = { page, cursor }
      follow()
    },
  })
  const scroller = element(
    'div',
    { class: 'scroller', role: 'region', tabindex: '0', 'aria-label': 'History of the file' },
    table,
  )
  const stage = createStage(element('div', {}, scroller, pager.element))
  const details = element('details', { class: 'history' }, element('summary', {}, 'History'), stage.element)

  const follow = () => {
    following?.stop()
    following = undefined
    if (!details.open) return
    if (!stage.hasContent()) stage.showWaiting()
    setAttribute(table, 'aria-busy', 'true')
    const path = apiPath(client, '/history', { filename: file, limit: PAGE_SIZE, cursor: at.cursor })
    following = source.follow(path, onAnswer, SELDOM_MS)
  }

  /** @param {import('./data-source.js').Answer} answer */
  const onAnswer = (answer) => {
    setAttribute(table, 'aria-busy', null)
    switch (answer.kind) {
      case 'data':
        body.replaceChildren(
          .../** @type {readonly HistoryRow[]} */ (answer.value).map((row) => historyRow(row, source.now())),
        )
        pager.update({ ...at, next: answer.next })
        return stage.showContent()
      case 'refused':
        if (answer.status === 401) return onUnauthenticated()
        return stage.showPanel(refusalNotice(answer))
      case 'away':
        if (!stage.hasContent()) stage.showPanel(awayNotice(answer))
    }
  }
  details.addEventListener('toggle', follow)
  return { element: details, resume: follow, stop: () => following?.stop() }
}

/**
 * @param {HistoryRow} row
 * @param {number} now
 */
const historyRow = ({ at, updates, counts, total, isLast, sources }, now) => {
  const added = (/** @type {number} */ count) =>
    element('td', { class: 'amount' }, count === 0 ? '–' : `+${number(count)}`)
  const heartbeat = counts.done + counts.warn + counts.failed === 0 && total === null && !isLast
  const by = sources.map((source) => CHANNELS[source]).join(', ')
  return element(
    'tr',
    {},
    element('td', {}, element('time', { datetime: at, title: at }, moment(Date.parse(at), now))),
    added(counts.done),
    added(counts.warn),
    added(counts.failed),
    element('td', { class: 'amount' }, total === null ? '' : number(total)),
    element('td', { class: 'amount' }, number(updates)),
    element('td', {}, by, isLast ? ', last' : '', heartbeat ? ', sign of life' : ''),
  )
}
