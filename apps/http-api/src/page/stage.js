import { element, setShown } from './elements.js'

/**
 * The place of a view: its content, or a panel that says why there is none. What is on its way shows only after a
 * moment (by its style), so that a quick answer never flickers.
 * @param {HTMLElement} content
 */
export const createStage = (content) => {
  const panel = element('div', { class: 'stage-panel' })
  const stage = element('div', { class: 'stage' }, panel, content)
  content.hidden = true
  return {
    element: stage,
    hasContent: () => !content.hidden,
    showContent: () => {
      panel.replaceChildren()
      setShown(panel, false)
      setShown(content, true)
    },
    /** @param {HTMLElement} notice */
    showPanel: (notice) => {
      panel.replaceChildren(notice)
      setShown(panel, true)
      setShown(content, false)
    },
    showWaiting: () => {
      panel.replaceChildren(element('p', { class: 'waiting' }, 'Loading …'))
      setShown(panel, true)
      setShown(content, false)
    },
  }
}
