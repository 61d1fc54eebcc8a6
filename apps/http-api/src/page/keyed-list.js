/**
 * @template T
 * @typedef {{ readonly element: HTMLElement, readonly update: (item: T) => void, readonly tick?: (now: number) => void }} Row
 */

const HOLD_MS = 4_000

/**
 * Keeps the children of an element in step with a list: a row stays the same element for as long as its key is there,
 * so focus, selection and scroll position survive each answer. While somebody points or types inside, known rows keep
 * their places, so that nobody presses what has just moved under the pointer.
 * @template T
 * @param {HTMLElement} parent
 * @param {{ keyOf: (item: T) => string, create: (item: T) => Row<T> }} options
 */
export const createKeyedList = (parent, { keyOf, create }) => {
  /** @type {Map<string, Row<T>>} */
  let rows = new Map()
  let touched = Number.NEGATIVE_INFINITY
  /** What waits to be put in its order. @type {readonly T[] | undefined} */
  let waiting
  for (const type of ['pointermove', 'pointerdown', 'keydown', 'focusin'])
    parent.addEventListener(type, () => {
      touched = performance.now()
    })

  /** @param {readonly T[]} items */
  const update = (items) => {
    const held = isHeld()
    waiting = held ? items : undefined
    /** @type {Map<string, Row<T>>} */
    const next = new Map()
    for (const item of held ? inFormerOrder(items) : items) {
      const key = keyOf(item)
      const row = rows.get(key) ?? create(item)
      row.update(item)
      next.set(key, row)
    }
    for (const [key, row] of rows) if (!next.has(key)) row.element.remove()
    rows = next
    arrange(
      parent,
      [...next.values()].map((row) => row.element),
    )
  }

  const isHeld = () => performance.now() - touched < HOLD_MS

  /** @param {readonly T[]} items */
  const inFormerOrder = (items) => {
    const places = new Map([...rows.keys()].map((key, place) => [key, place]))
    const place = (/** @type {T} */ item) => places.get(keyOf(item)) ?? -1
    return items.toSorted((a, b) => place(a) - place(b))
  }

  return {
    update,
    /** @param {number} now */
    tick: (now) => {
      for (const row of rows.values()) row.tick?.(now)
      if (waiting !== undefined && !isHeld()) update(waiting)
    },
    /** @param {string} key */
    get: (key) => rows.get(key),
  }
}

/**
 * @param {HTMLElement} parent
 * @param {readonly HTMLElement[]} wanted
 */
const arrange = (parent, wanted) => {
  const focused = document.activeElement
  let at = parent.firstElementChild
  for (const child of wanted) {
    if (child === at) at = at.nextElementSibling
    // moveBefore, where there is one, moves without taking the focus away.
    else if (child.parentNode === parent && 'moveBefore' in parent) parent.moveBefore(child, at)
    else parent.insertBefore(child, at)
  }
  if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused))
    focused.focus({ preventScroll: true })
}
