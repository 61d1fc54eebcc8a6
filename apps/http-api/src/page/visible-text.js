import { button, element } from './elements.js'

/*
 * Characters that cannot be seen or that move others about. The joiners and the variation selectors, without which
 * some scripts and emoji fall apart, stay.
 */
const UNSEEN =
  /[[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u2800\ufff9-\ufffb]--[\u200c\u200d\ufe00-\ufe0f]]/gv
const SHORT = new Map([
  ['\n', '↵'],
  ['\t', '⇥'],
])
const LONG = 280

/**
 * Text that others chose, as plain text for titles, labels and the window's title: nothing in it stays unseen.
 * @param {string} text
 */
export const visible = (text) => text.replaceAll(UNSEEN, (character) => `⟨${markOf(character)}⟩`)

/**
 * Text that others chose, as nodes: unseen characters stand as marks, and a line break also breaks the line.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export const visibleNodes = (text) => {
  /** @type {(Node | string)[]} */
  const nodes = []
  let at = 0
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > at) nodes.push(text.slice(at, match.index))
    nodes.push(element('span', { class: 'unseen' }, markOf(match[0])))
    if (match[0] === '\n') nodes.push('\n')
    at = match.index + match[0].length
  }
  if (at < text.length) nodes.push(text.slice(at))
  return nodes
}

/**
 * A name in the flow of other text: isolated, so that its direction stays its own, with all of it on hover.
 * @param {string} text
 */
export const nameElement = (text) => element('bdi', { class: 'name', title: visible(text) }, ...visibleNodes(text))

/**
 * Text of any length: the beginning, and the rest when asked for.
 * @param {string} text
 * @param {number} [limit]
 */
export const longText = (text, limit = LONG) => {
  const holder = element('bdi', { class: 'long' })
  const begin = [...text.slice(0, limit + 1)]
  if (text.length <= limit) holder.append(...visibleNodes(text))
  else
    holder.append(
      ...visibleNodes(begin.slice(0, -1).join('')),
      '… ',
      button(
        `all ${text.length.toLocaleString('en')} characters`,
        () => {
          holder.replaceChildren(...visibleNodes(text))
          holder.tabIndex = -1
          holder.focus({ preventScroll: true })
        },
        'inline',
      ),
    )
  return holder
}

/** @param {string} character */
const markOf = (character) =>
  SHORT.get(character) ?? `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
