import { element, setAttribute, setText } from './elements.js'
import { STATUS_WORDS } from './file-facts.js'

/** @typedef {import('@pebbles/wire').ProgressRecord} ProgressRecord */

/** The status of a file as a word; its colour only repeats it. */
export const createStatusBadge = () => {
  const badge = element('span', { class: 'badge' })
  return {
    element: badge,
    /** @param {ProgressRecord['status']} status */
    update: (status) => {
      setAttribute(badge, 'data-status', status)
      setText(badge, STATUS_WORDS[status])
    },
  }
}
