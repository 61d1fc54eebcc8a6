import { createCountsText } from './counts-text.js'
import { contentOf, element, setAttribute, setShown, setText } from './elements.js'
import { counted, number } from './figures.js'
import { lastReport, remaining, speed } from './file-facts.js'
import { patternNodes } from './pattern-text.js'
import { createProgressBar, isOver, overText, processedText, shareText } from './progress-bar.js'
import { linkTo } from './route.js'
import { createStatusBadge } from './status-badge.js'
import { nameElement, visible, visibleNodes } from './visible-text.js'

/**
 * @typedef {import('@pebbles/wire').ProgressRecord} ProgressRecord
 * @typedef {import('./keyed-list.js').Row<ProgressRecord>} FileRow
 */

/**
 * One file of a list: where it stands at a glance, and what goes wrong most often.
 * @param {ProgressRecord} first
 * @param {() => number} now
 * @returns {FileRow}
 */
export const createFileRow = (first, now) => {
  let record = first
  const { clientKrn, filename } = first
  const badge = createStatusBadge()
  const bar = createProgressBar()
  const counts = createCountsText()
  const processed = element('span', {})
  const share = element('span', { class: 'share' })
  const over = element('span', { class: 'over' })
  const owner = element('p', {})
  const trouble = element('p', { class: 'trouble' })
  const reason = element('p', { class: 'reason' })
  const left = element('span', {})
  const rate = element('span', {})
  const seen = element('time', {})
  const link = element('a', { class: 'row-link', href: linkTo({ client: clientKrn, file: filename }) })
  link.append(nameElement(filename))
  const showOwner = contentOf(owner, (/** @type {string} */ email) => [nameElement(email)])
  const showReason = contentOf(reason, (/** @type {string | null} */ text) => visibleNodes(text ?? ''))
  const showTrouble = contentOf(trouble, troubleNodes)
  const label = `Progress of ${visible(filename)}`

  /** @param {number} time */
  const tick = (time) => {
    setText(seen, lastReport(record, time))
    setText(left, remaining(record, time))
  }

  return {
    element: element(
      'li',
      { class: 'file' },
      element('div', { class: 'file-what' }, link, owner, reason, trouble),
      element(
        'div',
        { class: 'file-how' },
        element('div', { class: 'figures' }, processed, over, share),
        bar.element,
        counts.element,
      ),
      element('div', { class: 'file-when' }, badge.element, seen, left, rate),
    ),
    update: (next) => {
      record = next
      badge.update(record.status)
      bar.update(record, label)
      counts.update(record.counts)
      setText(processed, processedText(record))
      setText(share, shareText(record))
      setShown(over, isOver(record))
      setText(over, isOver(record) ? overText(record) : '')
      setText(rate, record.isCompleted ? '' : speed(record))
      setAttribute(seen, 'datetime', record.updatedAt)
      setAttribute(seen, 'title', `Last report: ${record.updatedAt}`)
      showOwner(record.email)
      showReason(record.reason)
      setAttribute(reason, 'title', record.reason === null ? null : visible(record.reason))
      setShown(reason, record.reason !== null)
      showTrouble(troubleOf(record))
      setShown(trouble, troubleOf(record) !== null)
      tick(now())
    },
    tick,
  }
}

/**
 * @typedef {{ kind: 'error' | 'warning', count: number, pattern: string | null, top: number }} Trouble
 * @param {ProgressRecord} record
 * @returns {Trouble | null}
 */
const troubleOf = ({ errors, warnings, issueCounts }) => {
  const kind = issueCounts.errors > 0 ? 'error' : 'warning'
  const count = issueCounts[`${kind}s`]
  if (count === 0) return null
  const [top] = kind === 'error' ? errors : warnings
  return { kind, count, pattern: top?.pattern ?? null, top: top?.count ?? 0 }
}

/** @param {Trouble | null} trouble */
const troubleNodes = (trouble) => {
  if (trouble === null) return []
  const { kind, count, pattern, top } = trouble
  const word = element('span', { class: `kind ${kind}` }, counted(count, kind))
  if (pattern === null) return [word]
  const most = top === count ? 'all' : `${number(top)} ×`
  return [
    word,
    ` · ${most} `,
    element('bdi', { class: 'pattern-text', title: visible(pattern) }, ...patternNodes(pattern)),
  ]
}
