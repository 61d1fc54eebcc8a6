import { isDigit, isWordCharacter } from './character-classes.ts'
import { CODES, FROZEN, NAMES, NUMBER, OTHER, REST, VARIABLE, WORD } from './kinds.ts'
import { scanMessage } from './scan-message.ts'

/**
 * A pattern in parts: `glue[0] token[0] glue[1] token[1] … glue[n]`. `texts` has the words as they stand, '' for
 * placeholders. `keys` has what a message's token must have to be counted here: the word, a word's letters (`eth#`),
 * '' for any placeholder, '*' for anything.
 */
export interface Form {
  readonly glues: string[]
  readonly kinds: number[]
  readonly texts: string[]
  readonly keys: string[]
}

export const ANYTHING = '*'

/*
 * The stored text of a form. `^` begins a word and `` ` `` one that never varies; it ends with its last word
 * character, or at `` `^ ``. `{N}` is a placeholder, `{N*}` one that takes any token, `{I:eth#}` one that takes words
 * of these letters. `^`, `` ` `` and `{` of the message are doubled.
 */
const WORD_END = '`^'

export const renderTemplate = ({ glues, kinds, texts, keys }: Form): string => {
  let template = ''
  for (const [index, kind] of kinds.entries()) {
    template += escapeGlue(glues[index] as string)
    const text = texts[index] as string
    if (kind <= FROZEN) template += markWord(kind, text)
    else {
      const key = keys[index] as string
      template += `{${CODES[kind]}${key === '' || key === ANYTHING ? key : `:${key}`}}`
    }
  }
  return template + escapeGlue(glues[kinds.length] as string)
}

const markWord = (kind: number, word: string): string =>
  `${CODES[kind]}${word}${isWordCharacter(word.charCodeAt(word.length - 1)) ? '' : WORD_END}`

const escapeGlue = (glue: string): string => {
  for (let at = 0; at < glue.length; at += 1) {
    const code = glue.charCodeAt(at)
    if (code === 94 || code === 96 || code === 123) return glue.replaceAll(/[\^`{]/g, '$&$&')
  }
  return glue
}

const PLURALS = new Map([
  ['were', 'was'],
  ['are', 'is'],
  ['have', 'has'],
])

/** What stands for a word when patterns are compared: its letters, when there are numbers among them. */
export const keyOfWord = (word: string): string => {
  let digits = 0
  for (let at = 0; at < word.length; at += 1) if (isDigit(word.charCodeAt(at))) digits += 1
  if (digits === 0) return PLURALS.get(word) ?? word
  return digits === word.length ? word : word.replaceAll(/\d+/g, '#')
}

export const parseTemplate = (template: string): Form => {
  const form: Form = { glues: [], kinds: [], texts: [], keys: [] }
  let glue = ''
  let glueStart = 0
  let at = 0
  while (at < template.length) {
    const code = template.charCodeAt(at)
    if (code !== 94 && code !== 96 && code !== 123) {
      at += 1
      continue
    }
    glue += template.slice(glueStart, at)
    if (template.charCodeAt(at + 1) === code) {
      // A doubled sign stands for itself.
      glueStart = at + 1
      at += 2
      continue
    }
    form.glues.push(glue)
    glue = ''
    at = code === 123 ? parsePlaceholder(template, at, form) : parseWord(template, at, form)
    glueStart = at
  }
  form.glues.push(glue + template.slice(glueStart))
  return form
}

const parsePlaceholder = (template: string, start: number, form: Form): number => {
  const close = template.indexOf('}', start)
  const end = close < 0 ? template.length : close
  const kind = CODES.indexOf(template[start + 1] ?? '')
  const key =
    end === start + 2 ? '' : template.slice(template.charCodeAt(start + 2) === 58 ? start + 3 : start + 2, end)
  pushPlaceholder(form, kind > FROZEN ? kind : VARIABLE, key)
  return end + 1
}

const parseWord = (template: string, start: number, form: Form): number => {
  let limit = start + 1
  let end = limit
  for (; limit < template.length; limit += 1) {
    const code = template.charCodeAt(limit)
    if (code === 32 || code === 123 || code === 94 || code === 96) break
    if (isWordCharacter(code)) end = limit + 1
  }
  const marked = template.startsWith(WORD_END, limit)
  if (marked) end = limit
  const word = template.slice(start + 1, end)
  const frozen = template.charCodeAt(start) === 96
  pushWord(form, frozen ? FROZEN : WORD, word)
  return marked ? end + WORD_END.length : end
}

/** Adds a placeholder behind the last glue. */
export const pushPlaceholder = ({ kinds, texts, keys }: Form, kind: number, key: string): void => {
  kinds.push(kind)
  texts.push('')
  keys.push(key)
}

/** Adds a word behind the last glue. */
export const pushWord = (form: Form, kind: number, word: string): void => {
  form.kinds.push(kind)
  form.texts.push(word)
  form.keys.push(kind === FROZEN ? word : counted(form) ? singular(word) : keyOfWord(word))
}

/** Whether the token that was just begun is what a number counts. */
const counted = ({ glues, kinds }: Form): boolean => glues.at(-1) === ' ' && kinds.at(-2) === NUMBER

/** `1 row` and `2 rows` are of one pattern. */
const singular = (word: string): string => {
  if (word.length < 4 || !word.endsWith('s') || word.endsWith('ss')) return keyOfWord(word)
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  return word.slice(0, /(?:ss|sh|ch|x)es$/.test(word) ? -2 : -1)
}

/** A pattern as people see it: `Invalid amount {AMOUNT} in column {QUOTED}`. */
export const patternText = (template: string): string => textOf(parseTemplate(template))

export const textOf = ({ glues, kinds, texts }: Form): string => {
  let text = glues[0] as string
  for (const [index, kind] of kinds.entries())
    text += (kind <= FROZEN ? (texts[index] as string) : `{${NAMES[kind]}}`) + (glues[index + 1] as string)
  return text
}

/**
 * What stood in a message where its pattern has placeholders, in order: the pattern's text with these filled in is the
 * message again. A message that never was of this pattern gives what fits.
 */
export const patternValues = (template: string, message: string): readonly string[] => {
  const form = parseTemplate(template)
  if (form.kinds[0] === OTHER) return [message]
  return valuesByToken(form, message) ?? valuesByText(form, message)
}

const NO_BOUND = 2 ** 30

const valuesByToken = ({ glues, kinds, texts }: Form, message: string): string[] | null => {
  const cut = kinds.at(-1) === REST
  const length = cut ? kinds.length - 1 : kinds.length
  // One token more than wanted: two values may turn out to be a list's when the third comes.
  const list = scanMessage(message, NO_BOUND, length + 1)
  if (cut ? list.count < length : list.count !== length) return null
  const values: string[] = []
  let at = 0
  for (let index = 0; index < length; index += 1) {
    const start = list.starts[index] as number
    const end = list.ends[index] as number
    if (!isAt(message, at, start, glues[index] as string)) return null
    const text = texts[index] as string
    if ((kinds[index] as number) > FROZEN) values.push(message.slice(start, end))
    else if (!isAt(message, start, end, text)) return null
    at = end
  }
  const glue = glues[length] as string
  if (!cut) return isAt(message, at, message.length, glue) ? values : null
  if (!message.startsWith(glue, at)) return null
  values.push(message.slice(at + glue.length))
  return values
}

const isAt = (message: string, start: number, end: number, text: string): boolean =>
  end - start === text.length && message.startsWith(text, start)

/** By the words between the placeholders alone: right for whatever was counted before the ways of scanning changed. */
const valuesByText = ({ glues, kinds, texts }: Form, message: string): string[] => {
  const values: string[] = []
  let literal = ''
  let at = 0
  let open = false
  for (let index = 0; index <= kinds.length; index += 1) {
    literal += glues[index] as string
    const kind = kinds[index]
    if (kind !== undefined && kind <= FROZEN) {
      literal += texts[index] as string
      continue
    }
    const last = kind === undefined
    if (!open) {
      if (!message.startsWith(literal)) return values
      at = literal.length
    } else {
      const found =
        last && literal === '' ? message.length : last ? lastIndex(message, literal, at) : message.indexOf(literal, at)
      if (found < 0) return [...values, message.slice(at)]
      values.push(message.slice(at, found))
      at = found + literal.length
    }
    open = true
    literal = ''
  }
  return values
}

const lastIndex = (message: string, literal: string, from: number): number => {
  const found = message.length - literal.length
  return found >= from && message.endsWith(literal) ? found : -1
}
