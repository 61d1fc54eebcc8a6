import { ID, isPlaceholder, joinKinds, VARIABLE } from './kinds.ts'
import { ANYTHING, type Form } from './template.ts'

/**
 * The form that covers two of the same glue: where their tokens differ it takes anything. Commutative and associative,
 * so that a pattern does not depend on the order of its messages.
 */
export const mergeForms = (a: Form, b: Form): Form => {
  const merged: Form = { glues: a.glues, kinds: [], texts: [], keys: [] }
  for (const [index, kind] of a.kinds.entries()) {
    const other = b.kinds[index] as number
    const key = a.keys[index] as string
    const text = a.texts[index] as string
    if (key === b.keys[index] && kind === other && text === b.texts[index]) {
      merged.kinds.push(kind)
      merged.texts.push(text)
      merged.keys.push(key)
      continue
    }
    merged.kinds.push(joinKinds(shownAs(a, index), shownAs(b, index)))
    merged.texts.push('')
    merged.keys.push(key === b.keys[index] ? key : ANYTHING)
  }
  return merged
}

/** The placeholder a token becomes when it has to. */
const shownAs = (form: Form, index: number): number => {
  const kind = form.kinds[index] as number
  if (isPlaceholder(kind)) return kind
  return (form.keys[index] as string).includes('#') ? ID : VARIABLE
}

/** Whether merging a form of the same glue into this one would change nothing. */
export const covers = (wide: Form, form: Form): boolean => {
  for (let index = 0; index < wide.kinds.length; index += 1) {
    const kind = wide.kinds[index] as number
    const key = wide.keys[index] as string
    const text = wide.texts[index] as string
    if (key !== form.keys[index] && key !== ANYTHING) return false
    if (kind === form.kinds[index] && text === form.texts[index]) continue
    if (text !== '' || joinKinds(kind, shownAs(form, index)) !== kind) return false
  }
  return true
}
