import { CODES, FROZEN, REST } from './kinds.ts'
import { partsOf } from './own-text.ts'
import { MOST_TOKENS, scanMessage } from './scan-message.ts'
import { type Form, pushPlaceholder, pushWord } from './template.ts'

/**
 * A message with its values masked: what patterns are made of. Good for every table. `masked` is the text with
 * placeholders, cheap to make and to compare; what else a table must know of the message it reads from the message.
 */
export interface MaskedMessage {
  readonly masked: string
  readonly message: string
}

/** A pattern's text is at most 512 characters; the last ones are kept for {REST}. */
export const WIDEST_TEXT = 512
const WIDEST = WIDEST_TEXT - '{REST}'.length

const PLACEHOLDERS: readonly string[] = [...CODES].map((code) => `{${code}}`)

/**
 * Replaces what varies in a message by typed placeholders. Linear in the message's length, and the same for the same
 * message always, so it can be done before a table is at hand.
 */
export const maskMessage = (message: string): MaskedMessage => {
  const { kinds, starts, ends, count, rest } = scanMessage(message, WIDEST, MOST_TOKENS)
  const braces = message.includes('{')
  let masked = ''
  let at = 0
  for (let index = 0; index < count; index += 1) {
    const kind = kinds[index] as number
    if (kind <= FROZEN) continue
    const literal = message.slice(at, starts[index])
    masked += (braces ? literal.replaceAll('{', '{{') : literal) + PLACEHOLDERS[kind]
    at = ends[index] as number
  }
  const literal = message.slice(at, rest < 0 ? message.length : rest)
  masked += braces ? literal.replaceAll('{', '{{') : literal
  return { masked: partsOf(message)(rest < 0 ? masked : masked + PLACEHOLDERS[REST]), message }
}

/** The form of a message alone, as it begins a pattern. */
export const formOf = (message: string): Form => {
  const { kinds, starts, ends, count, rest } = scanMessage(message, WIDEST, MOST_TOKENS)
  const form: Form = { glues: [], kinds: [], texts: [], keys: [] }
  const own = partsOf(message)
  let at = 0
  for (let index = 0; index < count; index += 1) {
    const kind = kinds[index] as number
    const start = starts[index] as number
    const end = ends[index] as number
    form.glues.push(own(message.slice(at, start)))
    if (kind <= FROZEN) pushWord(form, kind, own(message.slice(start, end)))
    else pushPlaceholder(form, kind, '')
    at = end
  }
  if (rest < 0) form.glues.push(own(message.slice(at)))
  else {
    form.glues.push(own(message.slice(at, rest)), '')
    pushPlaceholder(form, REST, '')
  }
  return form
}
