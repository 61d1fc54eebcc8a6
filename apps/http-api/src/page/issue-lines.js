import { SELDOM_MS } from './data-source.js'
import { button, element, setAttribute, setShown } from './elements.js'
import { moment, number } from './figures.js'
import { awayNotice, refusalNotice } from './notice.js'
import { createPager } from './pager.js'
import { holesOf } from './pattern-text.js'
import { apiPath } from './route.js'
import { createStage } from './stage.js'
import { longText } from './visible-text.js'

/**
 * @typedef {import('@pebbles/wire').IssueRow} IssueRow
 * @typedef {import('./data-source.js').DataSource} DataSource
 */

const PAGE_SIZE = 50

/**
 * The lines of one pattern, by page, with what stood in its places as columns.
 * @param {{ source: DataSource, client: string, file: string, kind: 'error' | 'warning', pattern: string, onUnauthenticated: () => void, onPatternId: (id: string) => void }} options
 *   `onPatternId` hears the pattern that the lines belong to now, when another one took it over
 */
export const createIssueLines = ({ source, client, file, kind, pattern, onUnauthenticated, onPatternId }) => {
  let at = { page: 1, cursor: '' }
  /** @type {import('./data-source.js').Following | undefined} */
  let following
  const head = element('tr', {})
  const body = element('tbody', {})
  const table = element('table', { class: 'lines' }, element('thead', {}, head), body)
  const messages = button(
    'Show whole messages',
    () => {
      const shown = table.toggleAttribute('data-messages')
      setAttribute(messages, 'aria-pressed', shown ? 'true' : 'false')
    },
    'quiet',
  )
  setAttribute(messages, 'aria-pressed', 'false')
  const pager = createPager({
    label: 'Pages of lines',
    onPage: (page, cursor) => {
      at = { page, cursor }
      follow()
    },
  })
  const scroller = element(
    'div',
    { class: 'scroller', role: 'region', tabindex: '0', 'aria-label': 'Lines of this pattern' },
    table,
  )
  const stage = createStage(element('div', {}, scroller, element('div', { class: 'under' }, pager.element, messages)))

  const follow = () => {
    following?.stop()
    if (!stage.hasContent()) stage.showWaiting()
    setAttribute(table, 'aria-busy', 'true')
    const path = apiPath(client, '/issues', { filename: file, kind, pattern, limit: PAGE_SIZE, cursor: at.cursor })
    following = source.follow(path, onAnswer, SELDOM_MS)
  }

  /** @param {import('./data-source.js').Answer} answer */
  const onAnswer = (answer) => {
    setAttribute(table, 'aria-busy', null)
    switch (answer.kind) {
      case 'data': {
        const rows = /** @type {readonly IssueRow[]} */ (answer.value)
        const now = rows[0]?.patternId
        if (now !== undefined && now !== pattern) return onPatternId(now)
        show(rows)
        pager.update({ ...at, next: answer.next })
        return stage.showContent()
      }
      case 'refused':
        if (answer.status === 401) return onUnauthenticated()
        return stage.showPanel(refusalNotice(answer))
      case 'away':
        if (!stage.hasContent()) stage.showPanel(awayNotice(answer))
    }
  }

  /** @param {readonly IssueRow[]} rows */
  const show = (rows) => {
    const holes = holesOf(rows[0]?.pattern ?? '')
    const columns = rows.reduce((most, { values }) => Math.max(most, values.length), holes.length)
    const numbered = rows.some(({ line }) => line !== null)
    const names = Array.from({ length: columns }, (_, index) => holes[index] ?? `value ${index + 1}`)
    head.replaceChildren(
      ...(numbered ? [element('th', { scope: 'col', class: 'amount narrow' }, 'Line')] : []),
      ...names.map((name) => element('th', { scope: 'col' }, name)),
      element('th', { scope: 'col', class: 'message' }, 'Message'),
      element('th', { scope: 'col', class: 'amount narrow soft' }, 'Reported'),
    )
    body.replaceChildren(
      ...rows.map(({ line, values, message, at: reported }) =>
        element(
          'tr',
          {},
          ...(numbered ? [element('td', { class: 'amount narrow' }, line === null ? '–' : number(line))] : []),
          ...names.map((_, index) => element('td', { class: 'value' }, longText(values[index] ?? ''))),
          element('td', { class: 'message' }, longText(message)),
          element(
            'td',
            { class: 'amount narrow soft' },
            element('time', { datetime: reported, title: reported }, moment(Date.parse(reported), source.now())),
          ),
        ),
      ),
    )
    setShown(messages, columns > 0)
    table.toggleAttribute('data-plain', columns === 0)
  }

  follow()
  return { element: stage.element, stop: () => following?.stop() }
}
