import { button, contentOf, element, setAttribute, setShown, setText } from './elements.js'
import { counted, number, percent, processedOf } from './figures.js'
import { createIssueLines } from './issue-lines.js'
import { createKeyedList } from './keyed-list.js'
import { patternNodes } from './pattern-text.js'
import { apiPath, linkTo } from './route.js'

/**
 * @typedef {import('@pebbles/wire').FullRecord} FullRecord
 * @typedef {import('@pebbles/wire').PatternAnswer} PatternAnswer
 * @typedef {import('@pebbles/wire').IssueRow} IssueRow
 * @typedef {{ readonly pattern: PatternAnswer, readonly record: FullRecord }} Item
 * @typedef {import('./route.js').Route} Route
 */

const STEP = 50

/**
 * The patterns of one kind, the most frequent first. One of them may be open: its lines are shown beneath.
 * @param {{ kind: 'error' | 'warning', source: import('./data-source.js').DataSource, go: (link: string, replace?: boolean) => void, onUnauthenticated: () => void }} options
 */
export const createPatternList = ({ kind, source, go, onUnauthenticated }) => {
  let open = ''
  let sought = ''
  let shown = STEP
  /** @type {FullRecord | undefined} */
  let record
  const sum = element('span', { class: 'sum' })
  const list = element('ol', { class: 'rows' })
  const none = element('p', { class: 'soft' })
  const more = button(
    'Show more patterns',
    () => {
      shown += STEP
      render()
    },
    'quiet',
  )
  /** @param {Item} item */
  const create = (item) => createPatternRow(item, { kind, source, go, onUnauthenticated, isOpen: (id) => id === open })
  const rows = createKeyedList(list, { keyOf: (/** @type {Item} */ { pattern }) => pattern.id, create })

  const render = () => {
    if (record === undefined) return
    const all = record[`${kind}s`]
    const count = record.issueCounts[`${kind}s`]
    setText(sum, count === 0 ? '' : `${number(count)} in ${counted(all.length, 'pattern')}`)
    setText(none, noneText(record, kind))
    setShown(none, count === 0)
    const place = all.findIndex(({ id }) => id === open)
    if (place >= shown) shown = place + 1
    if (open !== '' && place < 0) void findSuccessor(record, open)
    const now = record
    rows.update(all.slice(0, shown).map((pattern) => ({ pattern, record: now })))
    setText(more, `Show ${number(Math.min(STEP, all.length - shown))} more of ${number(all.length)} patterns`)
    setShown(more, all.length > shown)
  }

  /** A pattern that another one took over since it was linked. @param {FullRecord} of @param {string} former */
  const findSuccessor = async ({ clientKrn: client, filename: file }, former) => {
    if (sought === former) return
    sought = former
    const answer = await source.once(apiPath(client, '/issues', { filename: file, kind, pattern: former, limit: 1 }))
    const [row] = answer.kind === 'data' ? /** @type {readonly IssueRow[]} */ (answer.value) : []
    if (row !== undefined && row.patternId !== former && open === former)
      go(linkTo({ client, file, kind, pattern: row.patternId }), true)
  }

  return {
    element: element(
      'section',
      { class: 'kind-section' },
      element('h2', {}, kind === 'error' ? 'Errors ' : 'Warnings ', sum),
      list,
      more,
      none,
    ),
    /** @param {FullRecord} next */
    update: (next) => {
      record = next
      render()
    },
    /** @param {string} pattern '' closes */
    open: (pattern) => {
      if (open === pattern) return
      open = pattern
      render()
    },
    close: () => {
      open = ''
      render()
    },
  }
}

/**
 * @param {Item} first
 * @param {{ kind: 'error' | 'warning', source: import('./data-source.js').DataSource, go: (link: string, replace?: boolean) => void, onUnauthenticated: () => void, isOpen: (id: string) => boolean }} options
 * @returns {import('./keyed-list.js').Row<Item>}
 */
const createPatternRow = (first, { kind, source, go, onUnauthenticated, isOpen }) => {
  const { id } = first.pattern
  const { clientKrn: client, filename: file } = first.record
  const linesId = `lines-${kind}-${id}`
  const text = element('bdi', { class: 'pattern-text' })
  const count = element('b', {})
  const share = element('span', { class: 'soft' })
  const fill = element('span', {})
  const head = element(
    'a',
    { class: 'pattern-head' },
    text,
    element(
      'span',
      { class: 'pattern-figures' },
      count,
      element('span', { class: `share-bar ${kind === 'error' ? 'failed' : 'warn'}` }, fill),
      share,
    ),
  )
  const place = element('div', { id: linesId, class: 'pattern-lines', hidden: true })
  const showText = contentOf(text, (/** @type {string} */ pattern) => patternNodes(pattern))
  /** @type {ReturnType<typeof createIssueLines> | undefined} */
  let lines

  const setOpen = (/** @type {boolean} */ opened) => {
    if (opened && lines === undefined) {
      const onPatternId = (/** @type {string} */ pattern) => go(linkTo({ client, file, kind, pattern }), true)
      lines = createIssueLines({ source, client, file, kind, pattern: id, onUnauthenticated, onPatternId })
      place.replaceChildren(lines.element)
      // One that was linked may stand far below.
      requestAnimationFrame(() => head.scrollIntoView({ block: 'nearest' }))
    } else if (!opened && lines !== undefined) {
      lines.stop()
      lines = undefined
      place.replaceChildren()
    }
    setShown(place, opened)
    setAttribute(head, 'aria-expanded', opened ? 'true' : 'false')
    setAttribute(head, 'aria-controls', opened ? linesId : null)
    setAttribute(head, 'href', linkTo({ client, file, ...(opened ? {} : { kind, pattern: id }) }))
  }

  return {
    element: element('li', { class: 'pattern' }, head, place),
    update: ({ pattern, record }) => {
      const all = record.issueCounts[`${kind}s`]
      showText(pattern.pattern)
      setText(count, number(pattern.count))
      setText(share, shareText(pattern.count, all, record, kind))
      fill.style.width = `${(pattern.count / all) * 100}%`
      setOpen(isOpen(id))
    },
  }
}

/**
 * @param {number} count
 * @param {number} all
 * @param {FullRecord} record
 * @param {'error' | 'warning'} kind
 */
const shareText = (count, all, record, kind) => {
  const processed = processedOf(record.counts)
  const ofLines = processed === 0 ? '' : ` · ${percent(count, processed)} of lines`
  return `${percent(count, all)} of ${kind}s${ofLines}`
}

/** @param {FullRecord} record @param {'error' | 'warning'} kind */
const noneText = ({ counts, status }, kind) => {
  const lines = kind === 'error' ? counts.failed : counts.warn
  if (lines > 0)
    return `${counted(lines, 'line')} ${kind === 'error' ? 'failed' : 'had a warning'}, but no ${kind} was reported with ${lines === 1 ? 'it' : 'them'}.`
  return status === 'running' ? `No ${kind}s so far.` : `No ${kind}s.`
}
