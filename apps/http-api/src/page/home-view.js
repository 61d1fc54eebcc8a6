import { SELDOM_MS } from './data-source.js'
import { button, element, setAttribute, setShown, setText } from './elements.js'
import { age, counted } from './figures.js'
import { createKeyedList } from './keyed-list.js'
import { awayNotice, notice, refusalNotice } from './notice.js'
import { linkTo } from './route.js'
import { claimsOf } from './session.js'
import { createStage } from './stage.js'
import { nameElement, visible } from './visible-text.js'

/**
 * @typedef {import('@pebbles/wire').ClientRow} ClientRow
 * @typedef {import('./main.js').ViewDeps} ViewDeps
 * @typedef {import('./main.js').View} View
 */

const STEP = 200

/**
 * The clients: all of them for an administrator, else the way to one whose KRN is known.
 * @param {ViewDeps} deps
 * @returns {View}
 */
export const createHomeView = ({ source, session, go, onUnauthenticated, askForToken }) => {
  const filter = element('input', {
    id: 'client-filter',
    type: 'search',
    placeholder: 'Find a client',
    autocomplete: 'off',
  })
  const list = element('ul', { class: 'rows' })
  const amount = element('span', { class: 'soft' })
  const nothing = element('p', { class: 'soft', hidden: true }, 'No client has this in its name.')
  const more = button('Show more', () => showMore(), 'quiet')
  const clients = element(
    'section',
    {},
    element(
      'div',
      { class: 'tools' },
      element('label', { for: 'client-filter', class: 'for-ears' }, 'Find a client'),
      filter,
      amount,
    ),
    list,
    nothing,
    more,
  )
  const stage = createStage(clients)
  const rows = createKeyedList(list, {
    keyOf: (/** @type {ClientRow} */ row) => row.clientKrn,
    create: clientRow(source.now),
  })
  /** @type {readonly ClientRow[]} */
  let known = []
  let shown = STEP
  /** @type {import('./data-source.js').Following | undefined} */
  let following

  const render = () => {
    const sought = filter.value.trim().toLowerCase()
    const found = known.filter(({ clientKrn }) => clientKrn.toLowerCase().includes(sought))
    rows.update(found.slice(0, shown))
    setText(amount, counted(known.length, 'client'))
    setShown(nothing, found.length === 0)
    setShown(more, found.length > shown)
  }
  const showMore = () => {
    shown += STEP
    render()
  }
  filter.addEventListener('input', render)

  /** @param {import('./data-source.js').Answer} answer */
  const onAnswer = (answer) => {
    switch (answer.kind) {
      case 'data':
        known = /** @type {readonly ClientRow[]} */ (answer.value)
        if (known.length === 0) return stage.showPanel(noClients())
        render()
        return stage.showContent()
      case 'refused':
        following?.stop()
        if (answer.status === 401) return onUnauthenticated()
        return stage.showPanel(
          answer.code === 'ADMIN_REQUIRED'
            ? openClientPanel()
            : refusalNotice(answer, button('Use another token', askForToken)),
        )
      case 'away':
        if (!stage.hasContent()) stage.showPanel(awayNotice(answer))
    }
  }

  const openClientPanel = () => {
    const token = session.token()
    const input = element('input', {
      id: 'krn',
      type: 'text',
      spellcheck: 'false',
      autocomplete: 'off',
      placeholder: 'krn:acme:client:prod-001',
    })
    const error = element('p', { id: 'krn-error', class: 'field-error', role: 'alert', hidden: true })
    setAttribute(input, 'aria-describedby', 'krn-error')
    const form = element(
      'form',
      { class: 'notice' },
      element('h2', {}, 'Open a client'),
      element('p', {}, 'A list of all clients is for administrators. A client is opened by its name, its KRN.'),
      element('label', { for: 'krn' }, 'Client KRN'),
      input,
      error,
      element('p', { class: 'actions' }, element('button', { type: 'submit' }, 'Open')),
    )
    if (token === null) form.lastElementChild?.append(button('Sign in with a token', askForToken, 'quiet'))
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const client = input.value.trim()
      if (/^krn(?::[A-Za-z0-9._~-]{1,64}){2,}$/.test(client)) return go(linkTo({ client }))
      setText(error, 'A KRN looks like krn:acme:client:prod-001.')
      setShown(error, true)
      setAttribute(input, 'aria-invalid', 'true')
      input.focus()
    })
    const named = [...new Set([...session.recentClients(), ...claimsOf(token).clients])]
    if (named.length > 0)
      form.append(
        element('h3', {}, 'Known to this tab'),
        element(
          'ul',
          { class: 'rows' },
          ...named.map((client) => element('li', { class: 'client' }, clientLink(client))),
        ),
      )
    return form
  }

  return {
    element: element(
      'div',
      { class: 'view' },
      element('h1', { class: 'view-title', tabindex: '-1' }, 'Clients'),
      stage.element,
    ),
    title: () => 'Clients',
    show: () => {
      following?.stop()
      if (session.token() === null) return stage.showPanel(openClientPanel())
      if (!stage.hasContent()) stage.showWaiting()
      following = source.follow('/clients', onAnswer, SELDOM_MS)
    },
    hide: () => following?.stop(),
    tick: rows.tick,
  }
}

const noClients = () =>
  notice('No clients yet', [
    'A client appears here with its first report. ',
    element('a', { href: '/api-docs' }, 'How to report'),
  ])

/** @param {string} client */
const clientLink = (client) => {
  const link = element('a', { class: 'row-link', href: linkTo({ client }) })
  link.append(nameElement(client))
  return link
}

/**
 * @param {() => number} now
 * @returns {(row: ClientRow) => import('./keyed-list.js').Row<ClientRow>}
 */
const clientRow = (now) => (first) => {
  let row = first
  const files = element('span', {})
  const seen = element('time', { class: 'soft' })
  const tick = (/** @type {number} */ time) => setText(seen, age(time - Date.parse(row.lastUpdate)))
  return {
    element: element(
      'li',
      { class: 'client', title: visible(first.clientKrn) },
      clientLink(first.clientKrn),
      files,
      seen,
    ),
    update: (next) => {
      row = next
      setText(files, counted(row.files, 'file'))
      setAttribute(seen, 'datetime', row.lastUpdate)
      setAttribute(seen, 'title', `Last report: ${row.lastUpdate}`)
      tick(now())
    },
    tick,
  }
}
