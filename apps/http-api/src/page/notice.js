import { element } from './elements.js'
import { visibleNodes } from './visible-text.js'

/**
 * @typedef {import('./data-source.js').Refused} Refused
 * @typedef {import('./data-source.js').Away} Away
 */

/**
 * A panel in the place of a content that is not there: what it means and what can be done.
 * @param {string} title
 * @param {readonly (Node | string)[]} text
 * @param {...Node} actions
 */
export const notice = (title, text, ...actions) => {
  const panel = element('section', { class: 'notice' }, element('h2', {}, title), element('p', {}, ...text))
  if (actions.length > 0) panel.append(element('p', { class: 'actions' }, ...actions))
  return panel
}

/**
 * What a refusal means to a person.
 * @param {Refused} refused
 * @param {...Node} actions
 */
export const refusalNotice = ({ status, code, detail }, ...actions) => {
  const [title, text] = refusalWords(status, code)
  const panel = notice(title, [text], ...actions)
  const said = element('p', { class: 'said' }, ...(detail === '' ? [`HTTP ${status}`] : visibleNodes(detail)))
  if (/^[A-Z_]+$/.test(code)) said.append(' ', element('a', { href: `/errors/${code}` }, code))
  panel.append(said)
  return panel
}

/**
 * Why nothing comes, and that it will be asked for again.
 * @param {Away} away
 */
export const awayWords = ({ status, code }) => {
  if (status === 0) return 'No connection to the server'
  if (code === 'STORE_UNAVAILABLE') return 'The store is away'
  if (code === 'AUTH_UNAVAILABLE') return 'Tokens cannot be checked at the moment'
  if (status === 429) return 'Too many requests'
  return status === 503 ? 'The service is away' : `The server answers with an error (${status})`
}

/** @param {Away} away */
export const awayNotice = (away) =>
  notice(awayWords(away), ['The page asks again by itself, and goes on as soon as there is an answer.'])

/**
 * @param {number} status
 * @param {string} code
 * @returns {[string, string]}
 */
const refusalWords = (status, code) => {
  if (code === 'PROGRESS_NOT_FOUND')
    return ['No such file', 'Nothing was reported under this name yet, or the file was deleted or moved away.']
  if (code === 'INVALID_CLIENT_KRN')
    return ["Not a client's name", 'A client is named by a KRN, such as krn:acme:client:prod-001.']
  if (code === 'CLIENT_FORBIDDEN') return ['Not for this token', 'The token does not cover this client.']
  if (status === 403) return ['Not for this token', 'The token does not allow this.']
  if (status === 404) return ['Not found', 'There is nothing here.']
  return ['That did not work', 'The server refused the request.']
}
