import { button, element, setShown, setText } from './elements.js'

/**
 * Pages that only know the next one: the cursors of those before are remembered here.
 * @param {{ label: string, onPage: (page: number, cursor: string) => void }} options page 1 has the cursor ''
 */
export const createPager = ({ label, onPage }) => {
  /** @type {Map<number, string>} */
  const cursors = new Map([[1, '']])
  let page = 1
  const go = (/** @type {number} */ to) => {
    const cursor = cursors.get(to)
    if (cursor !== undefined) onPage(to, cursor)
  }
  const first = button('First', () => go(1), 'quiet')
  const previous = button('Previous', () => go(page - 1), 'quiet')
  const next = button('Next', () => go(page + 1), 'quiet')
  const where = element('span', {})
  const nav = element('nav', { class: 'pager', 'aria-label': label }, first, previous, where, next)
  return {
    element: nav,
    /** @param {{ page: number, cursor: string, next: string | null }} at */
    update: (at) => {
      page = at.page
      cursors.set(page, at.cursor)
      if (at.next === null) cursors.delete(page + 1)
      else cursors.set(page + 1, at.next)
      setText(where, `Page ${page}`)
      first.disabled = page === 1
      previous.disabled = !cursors.has(page - 1)
      next.disabled = at.next === null
      setShown(nav, page > 1 || at.next !== null)
    },
    reset: () => {
      cursors.clear()
      cursors.set(1, '')
    },
  }
}
