import { contentOf, element } from './elements.js'
import { number } from './figures.js'

/** @typedef {import('./figures.js').Counts} Counts */

const WORDS = /** @type {const} */ ({ done: 'done', warn: 'warned', failed: 'failed' })

/**
 * Done, warned and failed with their numbers, in the colours of the bar. What nobody reported is left out.
 */
export const createCountsText = () => {
  const list = element('ul', { class: 'counts' })
  const show = contentOf(list, (/** @type {Counts} */ counts) =>
    /** @type {const} */ (['done', 'warn', 'failed'])
      .filter((part) => counts[part] > 0)
      .map((part) => element('li', { class: part }, element('b', {}, number(counts[part])), ` ${WORDS[part]}`)),
  )
  return {
    element: list,
    /** @param {Counts} counts */
    update: ({ done, warn, failed }) => show({ done, warn, failed }),
  }
}
