import { element } from './elements.js'
import { visibleNodes } from './visible-text.js'

const PLACEHOLDER =
  /\{(NUMBER|AMOUNT|PERCENT|DURATION|DATE|ID|IP|HOST|URL|EMAIL|PATH|FILENAME|QUOTED|VARIABLE|REST|OTHER)\}/g

/**
 * A pattern with its placeholders set apart from its words.
 * @param {string} pattern
 * @returns {(Node | string)[]}
 */
export const patternNodes = (pattern) => {
  /** @type {(Node | string)[]} */
  const nodes = []
  let at = 0
  for (const match of pattern.matchAll(PLACEHOLDER)) {
    nodes.push(...visibleNodes(pattern.slice(at, match.index)), element('span', { class: 'hole' }, match[0]))
    at = match.index + match[0].length
  }
  nodes.push(...visibleNodes(pattern.slice(at)))
  return nodes
}

/**
 * What the values of a pattern's lines are, in order: the heads of their columns.
 * @param {string} pattern
 */
export const holesOf = (pattern) => [...pattern.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')
