import { createClientView } from './client-view.js'
import { createDataSource } from './data-source.js'
import { contentOf, element, setAttribute, setShown, setText } from './elements.js'
import { createFileView } from './file-view.js'
import { createHomeView } from './home-view.js'
import { awayWords } from './notice.js'
import { linkTo, parseRoute, splitToken } from './route.js'
import { claimsOf, createSession, tokenIn } from './session.js'
import { signInPanel } from './sign-in.js'
import { nameElement } from './visible-text.js'

/**
 * What a view is given.
 * @typedef {{
 *   readonly source: import('./data-source.js').DataSource,
 *   readonly session: import('./session.js').Session,
 *   readonly go: (link: string, replace?: boolean) => void,
 *   readonly onUnauthenticated: () => void,
 *   readonly askForToken: () => void,
 * }} ViewDeps
 *
 * One kind of place; `show` is called for each address of it, `hide` when another takes over.
 * @typedef {{
 *   readonly element: HTMLElement,
 *   readonly title: () => string,
 *   readonly show: (route: import('./route.js').Route) => void,
 *   readonly hide: () => void,
 *   readonly tick: (now: number) => void,
 * }} View
 */

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

const main = byId('main')
const session = createSession(() => sessionStorage)
/** @type {import('./data-source.js').Health | null} */
let health = null
const source = createDataSource({
  token: session.token,
  onHealth: (next) => {
    health = next
    tick()
  },
})
/** Views that stay for Back: the clients, and the client that was open last. @type {Map<string, View>} */
let views = new Map()
/** @type {View | undefined} */
let current
/** @type {Map<string, number>} */
const scrolls = new Map()
/** Where the focus was in a view that stays. @type {WeakMap<View, Element>} */
const focused = new WeakMap()

/**
 * A token in the address is taken out of it before anything else happens.
 * @returns {boolean} whether there was one
 */
const takeToken = () => {
  const { token, rest } = splitToken(location.hash)
  if (token === null) return false
  history.replaceState(history.state, '', `${location.pathname}${location.search}${rest === '' ? '' : `#${rest}`}`)
  const taken = tokenIn(token)
  if (taken !== null) session.signIn(taken)
  return true
}

const render = () => {
  const route = parseRoute(location.hash)
  const key = JSON.stringify([route.view, route.client, route.file])
  const view = views.get(key) ?? create(route)
  if (view !== current) {
    if (current !== undefined && document.activeElement !== null) focused.set(current, document.activeElement)
    current?.hide()
    keep(key, view, route)
    current = view
    main.replaceChildren(view.element)
    const before = focused.get(view)
    if (before instanceof HTMLElement && view.element.contains(before)) before.focus({ preventScroll: true })
  }
  view.show(route)
  showWho()
  showCrumbs([route.client, route.file])
  tick()
}

/** @param {import('./route.js').Route} route */
const create = ({ view, client, file }) => {
  if (view === 'home') return createHomeView(deps)
  return view === 'client' ? createClientView(deps, client) : createFileView(deps, client, file)
}

/** Keeps the list that a file was opened from, and nothing of other clients. @param {string} key @param {View} view @param {import('./route.js').Route} route */
const keep = (key, view, route) => {
  const list = JSON.stringify(['client', route.client, ''])
  const kept = [...views].filter(([known]) => known === list)
  views = new Map([...kept, [key, view]])
}

/** @param {{ title: string, text: string, onCancel?: () => void }} words */
const showSignIn = (words) => {
  current?.hide()
  current = undefined
  const panel = signInPanel({ ...words, onToken: useToken })
  main.replaceChildren(panel.element)
  panel.focus()
  setShown(byId('sign'), false)
}

const onUnauthenticated = () =>
  showSignIn(
    session.token() === null
      ? {
          title: 'Sign in',
          text: 'This service shows its clients to those who have a token. Paste yours; it stays in this tab.',
        }
      : {
          title: 'Sign in again',
          text: 'The token was not accepted: it may have expired. Paste a new one; it stays in this tab.',
        },
  )

const askForToken = () =>
  showSignIn({
    title: 'Sign in',
    text: 'Paste a token. It stays in this tab and is forgotten when you sign out or close it.',
    onCancel: restart,
  })

/** @param {string} token */
const useToken = (token) => {
  session.signIn(token)
  restart()
}

const signOut = () => {
  session.signOut()
  history.replaceState(null, '', location.pathname)
  restart()
}

/** Whoever looks has changed: nothing that was shown to the one before may stay. */
const restart = () => {
  current?.hide()
  current = undefined
  views.clear()
  source.forget()
  main.replaceChildren()
  render()
}

/** @param {string} link @param {boolean} [replace] */
const go = (link, replace = false) => {
  if (replace) {
    history.replaceState(history.state, '', link)
    render()
  } else location.hash = link
}

/** @type {ViewDeps} */
const deps = { source, session, go, onUnauthenticated, askForToken }

const showWho = () => {
  const token = session.token()
  const email = claimsOf(token).email
  showEmail(email)
  setShown(byId('who'), email !== null)
  setText(byId('sign'), token === null ? 'Sign in' : 'Sign out')
  setShown(byId('sign'), true)
}
const showEmail = contentOf(byId('who'), (/** @type {string | null} */ email) =>
  email === null ? [] : [nameElement(email)],
)

const showCrumbs = contentOf(byId('crumbs'), (/** @type {string[]} */ [client = '', file = '']) => {
  if (client === '') return []
  const clients = element('li', {}, element('a', { href: linkTo({}) }, 'Clients'))
  if (file === '') return [clients]
  return [clients, element('li', {}, element('a', { href: linkTo({ client }) }, nameElement(client)))]
})

/** Once a second, and whenever something came: ages, and how the connection is. */
const tick = () => {
  current?.tick(source.now())
  document.title = current === undefined ? 'Pebbles' : `${current.title()} · Pebbles`
  const line = byId('health')
  setShown(line, health !== null)
  if (health === null) return
  setAttribute(line, 'data-state', health.state)
  if (health.state === 'live') return setText(line, 'Live')
  const seconds = Math.ceil((health.retryAt - Date.now()) / 1000)
  setText(line, `${awayWords(health.answer)}, retrying`)
  setAttribute(line, 'title', seconds > 0 ? `again in ${seconds} s` : 'asking now')
}

const onAddress = () => {
  if (shownEntry !== undefined) scrolls.set(shownEntry, scrollY)
  const newToken = takeToken()
  const before = current
  const known = /** @type {{ entry?: string } | null} */ (history.state)?.entry
  entries += 1
  shownEntry = known ?? `${performance.timeOrigin}:${entries}`
  if (known === undefined) history.replaceState({ entry: shownEntry }, '')
  if (newToken) restart()
  else render()
  if (current === before) return
  scrollTo(0, scrolls.get(shownEntry) ?? 0)
  const heading = current?.element.querySelector('h1')
  if (before !== undefined && known === undefined) heading?.focus({ preventScroll: true })
}
/** @type {string | undefined} */
let shownEntry
let entries = 0

history.scrollRestoration = 'manual'
byId('sign').addEventListener('click', () => (session.token() === null ? askForToken() : signOut()))
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault()
  main.focus()
})
addEventListener('popstate', onAddress)
onAddress()
setInterval(() => {
  if (!document.hidden) tick()
}, 1_000)
document.addEventListener('visibilitychange', tick)
