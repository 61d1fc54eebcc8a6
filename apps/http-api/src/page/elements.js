/** @typedef {string | number | boolean | null | undefined} AttributeValue */

/**
 * Makes an element. Children that are strings become text nodes, so nothing that anybody named is ever parsed as HTML.
 * An attribute that is null, undefined or false is left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, AttributeValue>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) setAttribute(made, key, value)
  made.append(...children)
  return made
}

/**
 * @param {Element} target
 * @param {string} name
 * @param {AttributeValue} value
 */
export const setAttribute = (target, name, value) => {
  if (value === null || value === undefined || value === false) target.removeAttribute(name)
  else {
    const text = value === true ? '' : String(value)
    if (target.getAttribute(name) !== text) target.setAttribute(name, text)
  }
}

/**
 * Writes only what differs: a selection in an unchanged text survives the next answer.
 * @param {Node} target
 * @param {string} text
 */
export const setText = (target, text) => {
  if (target.textContent !== text) target.textContent = text
}

/**
 * @param {HTMLElement} target
 * @param {boolean} shown
 */
export const setShown = (target, shown) => {
  if (target.hidden === shown) target.hidden = !shown
}

/**
 * A function that rebuilds the content of an element, only when what it is made of has changed.
 * @template T
 * @param {Element} target
 * @param {(value: T) => readonly (Node | string)[]} build
 * @returns {(value: T) => void}
 */
export const contentOf = (target, build) => {
  /** @type {string | undefined} */
  let known
  return (value) => {
    const key = JSON.stringify(value)
    if (key === known) return
    known = key
    target.replaceChildren(...build(value))
  }
}

/**
 * @param {string} label
 * @param {() => void} onPress
 * @param {string} [look]
 */
export const button = (label, onPress, look) => {
  const made = element('button', { type: 'button', class: look }, label)
  made.addEventListener('click', onPress)
  return made
}
