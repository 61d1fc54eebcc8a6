import { createClientSummary } from './client-summary.js'
import { button, element, setAttribute, setShown } from './elements.js'
import { createFileRow } from './file-row.js'
import { createKeyedList } from './keyed-list.js'
import { awayNotice, notice, refusalNotice } from './notice.js'
import { createPager } from './pager.js'
import { apiPath, linkTo } from './route.js'
import { createStage } from './stage.js'
import { nameElement, visible } from './visible-text.js'

/**
 * @typedef {import('@pebbles/wire').ProgressRecord} ProgressRecord
 * @typedef {import('@pebbles/wire').Summary} Summary
 * @typedef {import('./data-source.js').Answer} Answer
 * @typedef {import('./data-source.js').Following} Following
 * @typedef {import('./route.js').Route} Route
 * @typedef {import('./main.js').ViewDeps} ViewDeps
 * @typedef {import('./main.js').View} View
 */

const PAGE_SIZE = 100
const TYPING_MS = 250
const LONGEST_SEARCH = 256

/**
 * A client: its summary and its files, the newest first.
 * @param {ViewDeps} deps
 * @param {string} client
 * @returns {View}
 */
export const createClientView = ({ source, session, go, onUnauthenticated, askForToken }, client) => {
  /** @type {Route | undefined} */
  let route
  /** @type {Following | undefined} */
  let followingSummary
  /** @type {Following | undefined} */
  let followingFiles
  let followed = ''
  let typing = 0

  const summary = createClientSummary()
  const search = element('input', {
    id: 'file-search',
    type: 'search',
    placeholder: 'Find a file by its name',
    autocomplete: 'off',
    maxlength: LONGEST_SEARCH,
  })
  const list = element('ul', { class: 'rows', 'aria-label': 'Files, newest report first' })
  const rows = createKeyedList(list, {
    keyOf: (/** @type {ProgressRecord} */ record) => record.id,
    create: (record) => createFileRow(record, source.now),
  })
  const pager = createPager({
    label: 'Pages of files',
    onPage: (page, cursor) => go(linkTo({ ...filterOf(route), page, cursor })),
  })
  const files = createStage(element('div', {}, list, pager.element))
  const tools = element(
    'div',
    { class: 'tools' },
    element('label', { for: 'file-search', class: 'for-ears' }, 'Find a file by its name'),
    search,
  )
  const stage = createStage(element('div', {}, summary.element, tools, files.element))
  const title = element('h1', { class: 'view-title krn', tabindex: '-1' })
  title.append(nameElement(client))

  search.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(() => go(linkTo({ ...filterOf(route), q: search.value }), true), TYPING_MS)
  })

  /** @param {Answer} answer */
  const onSummary = (answer) => {
    switch (answer.kind) {
      case 'data':
        summary.update(/** @type {Summary} */ (answer.value), source.now())
        setShown(summary.element, /** @type {Summary} */ (answer.value).files > 0)
        setShown(tools, /** @type {Summary} */ (answer.value).files > 0)
        session.remember(client)
        return stage.showContent()
      case 'refused':
        return refuse(answer)
      case 'away':
        if (!stage.hasContent()) stage.showPanel(awayNotice(answer))
    }
  }

  /** @param {Answer} answer */
  const onFiles = (answer) => {
    setAttribute(list, 'aria-busy', null)
    switch (answer.kind) {
      case 'data': {
        const records = /** @type {readonly ProgressRecord[]} */ (answer.value)
        rows.update(records)
        pager.update({ page: route?.page ?? 1, cursor: route?.cursor ?? '', next: answer.next })
        return records.length === 0 ? files.showPanel(noFiles()) : files.showContent()
      }
      case 'refused':
        // A page that is no longer there is no reason to show nothing.
        if (answer.code === 'INVALID_CURSOR') return go(linkTo(filterOf(route)), true)
        return refuse(answer)
      case 'away':
        if (!files.hasContent()) files.showPanel(awayNotice(answer))
    }
  }

  /** @param {import('./data-source.js').Refused} answer */
  const refuse = (answer) => {
    stopAll()
    if (answer.status === 401) return onUnauthenticated()
    const others = element('a', { class: 'button', href: linkTo({}) }, 'Other clients')
    const token = answer.status === 403 ? [button('Use another token', askForToken)] : []
    return stage.showPanel(refusalNotice(answer, ...token, others))
  }

  const noFiles = () => {
    if (route?.q || route?.status || route?.completed || (route?.page ?? 1) > 1)
      return notice(
        'No file matches',
        ['No file of this client is like that right now.'],
        element('a', { class: 'button', href: linkTo({ client }) }, 'Show all files'),
      )
    return notice(
      'No files yet',
      ['The first report of a file makes it appear here:'],
      element('pre', { tabindex: '0' }, sampleFor(client)),
    )
  }

  const stopAll = () => {
    clearTimeout(typing)
    followingSummary?.stop()
    followingFiles?.stop()
    followingSummary = undefined
    followingFiles = undefined
    followed = ''
  }

  /** @param {Route} next */
  const followFiles = (next) => {
    const { q, status, completed, cursor } = next
    const path = apiPath(client, '', { q, status, completed, limit: PAGE_SIZE, cursor })
    if (path === followed) return
    if (route !== undefined && JSON.stringify(filterOf(route)) !== JSON.stringify(filterOf(next))) pager.reset()
    route = next
    followed = path
    followingFiles?.stop()
    // The rows of before stay until the new ones are there.
    if (files.hasContent()) setAttribute(list, 'aria-busy', 'true')
    else files.showWaiting()
    followingFiles = source.follow(path, onFiles)
  }

  return {
    element: element('div', { class: 'view' }, title, stage.element),
    title: () => visible(client),
    show: (next) => {
      if (document.activeElement !== search) search.value = next.q
      summary.mark(next)
      if (!stage.hasContent()) stage.showWaiting()
      followFiles(next)
      route = next
      followingSummary ??= source.follow(apiPath(client, '/summary'), onSummary)
    },
    hide: stopAll,
    tick: (now) => {
      summary.tick(now)
      rows.tick(now)
    },
  }
}

/** @param {Route | undefined} route */
const filterOf = (route) => ({
  client: route?.client ?? '',
  q: route?.q ?? '',
  status: route?.status ?? '',
  completed: route?.completed ?? '',
})

/** @param {string} client */
const sampleFor = (
  client,
) => `curl -X POST '${location.origin}/clients/${encodeURIComponent(client).replaceAll('%3A', ':')}/progress' \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"filename":"orders.csv","total":1000,"counts":{"done":100,"warn":0,"failed":0}}'`
