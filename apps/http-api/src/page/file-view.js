import { createCountsText } from './counts-text.js'
import { button, contentOf, element, setAttribute, setShown, setText } from './elements.js'
import { age, duration } from './figures.js'
import { elapsedMs, lastReport, remaining, speed } from './file-facts.js'
import { createHistoryTable } from './history-table.js'
import { awayNotice, refusalNotice } from './notice.js'
import { createPatternList } from './pattern-list.js'
import { createProgressBar, isOver, overText, processedText, shareText } from './progress-bar.js'
import { apiPath, linkTo } from './route.js'
import { createStage } from './stage.js'
import { createStatusBadge } from './status-badge.js'
import { longText, nameElement, visible } from './visible-text.js'

/**
 * @typedef {import('@pebbles/wire').FullRecord} FullRecord
 * @typedef {import('./data-source.js').Answer} Answer
 * @typedef {import('./main.js').ViewDeps} ViewDeps
 * @typedef {import('./main.js').View} View
 */

const LONG_NAME = 120

/**
 * One file: where it stands, what goes wrong in it (patterns first), and how it came there.
 * @param {ViewDeps} deps
 * @param {string} client
 * @param {string} file
 * @returns {View}
 */
export const createFileView = ({ source, session, go, onUnauthenticated, askForToken }, client, file) => {
  /** @type {FullRecord | undefined} */
  let record
  /** @type {import('./data-source.js').Following | undefined} */
  let following
  const title = element('h1', { class: 'view-title', tabindex: '-1' })
  title.append(longText(file, LONG_NAME))
  const badge = createStatusBadge()
  const owner = element('span', {})
  const showOwner = contentOf(owner, (/** @type {string} */ email) => ['by ', nameElement(email)])
  const reason = element('p', { class: 'reason' })
  const showReason = contentOf(reason, (/** @type {string} */ text) => [longText(text)])
  const standing = createStanding(visible(file))
  const kinds = /** @type {const} */ (['error', 'warning'])
  const patterns = kinds.map((kind) => createPatternList({ kind, source, go, onUnauthenticated }))
  const history = createHistoryTable({ source, client, file, onUnauthenticated })
  const stage = createStage(
    element(
      'div',
      {},
      element('p', { class: 'file-line' }, badge.element, owner),
      reason,
      standing.element,
      ...patterns.map((list) => list.element),
      history.element,
    ),
  )

  /** @param {Answer} answer */
  const onAnswer = (answer) => {
    switch (answer.kind) {
      case 'data':
        record = /** @type {FullRecord} */ (answer.value)
        session.remember(client)
        show(record)
        return stage.showContent()
      case 'refused':
        record = undefined
        if (answer.status === 401) return onUnauthenticated()
        return stage.showPanel(
          refusalNotice(
            answer,
            ...(answer.status === 403 ? [button('Use another token', askForToken)] : []),
            element('a', { class: 'button', href: linkTo({ client }) }, 'All files of the client'),
          ),
        )
      case 'away':
        if (!stage.hasContent()) stage.showPanel(awayNotice(answer))
    }
  }

  /** @param {FullRecord} next */
  const show = (next) => {
    badge.update(next.status)
    showOwner(next.email)
    setShown(reason, next.reason !== null)
    showReason(next.reason ?? '')
    standing.update(next, source.now())
    for (const list of patterns) list.update(next)
  }

  return {
    element: element('div', { class: 'view' }, title, stage.element),
    title: () => [record === undefined ? '' : shareText(record), visible(file)].filter(Boolean).join(' '),
    show: ({ kind, pattern }) => {
      for (const [index, list] of patterns.entries()) list.open(kinds[index] === kind ? pattern : '')
      if (!stage.hasContent()) stage.showWaiting()
      if (following !== undefined) return
      following = source.follow(apiPath(client, '', { filename: file }), onAnswer)
      history.resume()
    },
    hide: () => {
      following?.stop()
      following = undefined
      history.stop()
      for (const list of patterns) list.close()
    },
    tick: (now) => {
      if (record !== undefined) standing.tick(now)
    },
  }
}

/**
 * The bar with its figures, each beside the age of the report that it comes from.
 * @param {string} name
 */
const createStanding = (name) => {
  const bar = createProgressBar()
  const counts = createCountsText()
  const processed = element('b', {})
  const share = element('span', { class: 'share' })
  const over = element('span', { class: 'over' })
  const seen = createFact('Last report')
  const rate = createFact('Speed')
  const left = createFact('Time left')
  const elapsed = createFact('Elapsed')
  const begun = createFact('First report')
  /** @type {FullRecord | undefined} */
  let record
  const tick = (/** @type {number} */ now) => {
    if (record === undefined) return
    setText(seen.value, lastReport(record, now))
    setText(left.value, remaining(record, now))
    setText(elapsed.value, duration(elapsedMs(record, now)))
    setText(begun.value, age(now - Date.parse(record.createdAt)))
  }
  return {
    element: element(
      'section',
      { class: 'standing', 'aria-label': 'Progress' },
      element('p', { class: 'figures' }, processed, over, share),
      bar.element,
      counts.element,
      element('dl', { class: 'facts' }, ...[seen, rate, left, elapsed, begun].map((fact) => fact.element)),
    ),
    /** @param {FullRecord} next @param {number} now */
    update: (next, now) => {
      record = next
      bar.update(next, `Progress of ${name}`)
      counts.update(next.counts)
      setText(processed, processedText(next))
      setText(share, shareText(next))
      setShown(over, isOver(next))
      setText(over, isOver(next) ? overText(next) : '')
      setText(rate.value, speed(next) || 'not known')
      setShown(rate.element, !next.isCompleted || speed(next) !== '')
      setShown(left.element, next.status === 'running')
      setText(elapsed.term, next.isCompleted ? 'Took' : 'Elapsed')
      setAttribute(seen.element, 'title', next.updatedAt)
      setAttribute(begun.element, 'title', next.createdAt)
      tick(now)
    },
    tick,
  }
}

/** @param {string} word */
const createFact = (word) => {
  const term = element('dt', {}, word)
  const value = element('dd', {})
  return { term, value, element: element('div', {}, term, value) }
}
