import { FROZEN, isPlaceholder, REST, VARIABLE } from './kinds.ts'
import { TELLING_KEYS } from './read-context.ts'
import { ANYTHING, type Form } from './template.ts'
import { isVerbal, isVocabulary, NAMED_NOUNS, OWNED_NOUNS } from './vocabulary.ts'
import { followsNoun } from './weigh-place.ts'
import { weighCommon, weighWord } from './weigh-word.ts'

/**
 * A form as one of a pattern's shape, when it differs from it in the shape of few values only: some are of several
 * words (`user web master` for `user {VARIABLE}`), have brackets or signs, are missing (`user= port=5`), or have a part
 * without words behind them (`a.exe *64`). Null when that is not so: the words in between may say something else.
 */
export const fitWider = (wide: Form, form: Form): Form | null => {
  const spans: Span[] = []
  const search: Search = { wide, form, spans, steps: MOST_STEPS }
  if (!goOn(search, 0, 0, false) || spans.length === 0) return null
  return hasEnoughInCommon(wide, spans) ? narrowed(wide, form, spans) : null
}

/** In one place of the pattern, the form has so many tokens more than one, or none (-1), from `at` on. */
interface Span {
  readonly place: number
  readonly at: number
  readonly more: number
}

interface Search {
  readonly wide: Form
  readonly form: Form
  readonly spans: Span[]
  /** Left to try. */
  steps: number
}

const MOST_SPANS = 3
const MOST_MORE = 4
const MOST_STEPS = 200

/** Quick to see, and true of all patterns of one glue. */
export const mayFitWider = (wide: readonly string[], narrow: readonly string[]): boolean => {
  const more = narrow.length - wide.length
  if (more < -MOST_SPANS || more > MOST_SPANS * MOST_MORE || wide.length < 3) return false
  return (
    (narrow[0] as string).startsWith(wide[0] as string) &&
    (narrow[narrow.length - 1] as string).endsWith(wide[wide.length - 1] as string)
  )
}

/** Whether all from `place` on stands in the form from `at` on; `begun` when the glue between has been seen. */
const goOn = (search: Search, place: number, at: number, begun: boolean): boolean => {
  const { wide, form, spans } = search
  const places = wide.kinds.length
  const more = form.kinds.length - at - (places - place)
  const left = MOST_SPANS - spans.length
  if (more < -left || more > left * MOST_MORE || search.steps === 0) return false
  search.steps -= 1
  if (place === places) return more === 0 && (begun || wide.glues[place] === form.glues[at])
  const glued = begun || wide.glues[place] === form.glues[at]
  if (glued && at < form.kinds.length && sameToken(wide, place, form, at) && goOn(search, place + 1, at + 1, false))
    return true
  // Two values without anything between them would be one.
  if (begun || left === 0 || !isPlaceholder(wide.kinds[place] as number)) return false
  for (let extra = -1; extra <= MOST_MORE; extra += 1) {
    const span: Span = { place, at, more: extra }
    if (at + extra >= form.kinds.length || !standsFor(wide, form, span)) continue
    spans.push(span)
    if (goOn(search, place + 1, at + extra + 1, true)) return true
    spans.pop()
  }
  return false
}

const sameToken = (wide: Form, place: number, form: Form, at: number): boolean => {
  const key = wide.keys[place]
  return key === ANYTHING ? weighWord(form, at) > 0 : key === form.keys[at]
}

/** Whether what the form has in this place, one token or several or none, is a value like the pattern's there. */
const standsFor = (wide: Form, form: Form, { place, at, more }: Span): boolean => {
  const before = wide.glues[place] as string
  const behind = wide.glues[place + 1] as string
  const head = form.glues[at] as string
  if (!head.startsWith(before)) return false
  if (more < 0) {
    const rest = head.slice(before.length)
    return rest.endsWith(behind) && isMissing(rest.slice(0, rest.length - behind.length), before)
  }
  const tail = form.glues[at + more + 1] as string
  if (!tail.endsWith(behind)) return false
  if (!SIGNS.test(head.slice(before.length)) || !SIGNS.test(tail.slice(0, tail.length - behind.length))) return false
  if (more === 0 && head === before && tail === behind) return false
  for (let next = at + 1; next <= at + more; next += 1) if (!JOINS.test(form.glues[next] as string)) return false
  return wide.keys[place] === ANYTHING
    ? isNameOfWords(wide, form, place, at, more)
    : wide.keys[place] === '' && isWordless(form, at, more)
}

const COMMON_NEEDED = 20
const COMMON_FOR_EACH = 10

const SIGNS = /^[^\s=:|;]{0,3}$/
const JOINS = /^[^=:|;\n]{1,3}$/

/** `user=`, `user=[]`, `size: -`. Not `from x ()`: empty parentheses are rather of another message. */
const isMissing = (text: string, before: string): boolean =>
  text === '' ? /[=:[{<"'|]\s?$/.test(before) : /^(?:\[\]|\{\}|-{1,3}|\?|\*|""|'')$/.test(text)

/** The more places are open, the more must be the same. */
const hasEnoughInCommon = (wide: Form, spans: readonly Span[]): boolean => {
  let common = 0
  let open = spans.length
  for (let place = 0; place < wide.keys.length; place += 1) {
    if (spans.some((span) => span.place === place)) continue
    common += weighCommon(wide, place)
    if (wide.keys[place] === ANYTHING) open += 1
  }
  return common >= Math.max(COMMON_NEEDED, open * COMMON_FOR_EACH)
}

/** Words about how exact a measure is: `under 5 ms`. */
const ABOUT = new Set('about approximately approx around nearly almost under over less more than only'.split(' '))

/** Values alone: no word tells it from the pattern's. */
const isWordless = (form: Form, place: number, more: number): boolean => {
  for (let at = place; at <= place + more; at += 1) {
    const kind = form.kinds[at] as number
    if (kind === REST) return false
    if (!isPlaceholder(kind) && (at === place + more || !ABOUT.has((form.texts[at] as string).toLowerCase())))
      return false
  }
  return true
}

/** Words that begin like a name, none of which says what became of something: `invalid user bob` is no name. */
const isNameOfWords = (wide: Form, form: Form, place: number, start: number, more: number): boolean => {
  const bounded = isBounded(wide, place)
  const last = start + more
  const title = last > start && /^[A-Z][a-z]/.test(form.texts[last] as string)
  // Behind such a word comes a noun, so `copy shop` is one.
  const nominal = followsNoun(wide, place, BEFORE_NOUNS)
  const named =
    followsNoun(wide, place, NAMED_NOUNS) || (nominal && !isVocabulary((form.texts[last] as string).toLowerCase()))
  for (let at = start; at <= last; at += 1) {
    const kind = form.kinds[at] as number
    if (kind === REST || kind === FROZEN) return false
    if (bounded || isPlaceholder(kind)) continue
    const word = (form.texts[at] as string).toLowerCase()
    if (at > start && title && IN_NAMES.has(word)) continue
    if (weighWord(form, at) === 0 || (nominal ? ENDS_VERB.test(word) && isVocabulary(word) : isVerbal(word)))
      return false
    if (at < last && isNounOfName(word)) return false
    if (at === start && !named && !isNameLike(form.texts[at] as string, at > 0)) return false
  }
  return true
}

/** `Queen of the Isles`, `Ann van der Berg`. */
const IN_NAMES = new Set('of the and de der van von du la le'.split(' '))

const BEFORE_NOUNS = new Set('by for from of on at into via'.split(' '))
const ENDS_VERB = /(?:ed|ing|ly)$/

const isNounOfName = (word: string): boolean => NAMED_NOUNS.has(word) || OWNED_NOUNS.has(word)

const isNameLike = (word: string, inSentence: boolean): boolean =>
  (inSentence && /^[A-Z][a-z]/.test(word)) || !isVocabulary(word.toLowerCase())

/** A field between signs: all of it is the value, unless its key says that it tells what happened. */
const isBounded = (wide: Form, place: number): boolean => {
  const before = wide.glues[place] as string
  const behind = wide.glues[place + 1] as string
  if (TELLING_KEYS.has((wide.texts[place - 1] ?? '').toLowerCase())) return false
  return /[=|([{<"']$/.test(before) && (behind === '' ? place === wide.kinds.length - 1 : /^[|)\]}>"',;]/.test(behind))
}

const narrowed = (wide: Form, form: Form, spans: readonly Span[]): Form => {
  const fitted: Form = { glues: wide.glues, kinds: [], texts: [], keys: [] }
  let at = 0
  for (let place = 0; place < wide.kinds.length; place += 1) {
    const span = spans.find((one) => one.place === place)
    if (span === undefined) {
      fitted.kinds.push(form.kinds[at] as number)
      fitted.texts.push(form.texts[at] as string)
      fitted.keys.push(form.keys[at] as string)
      at += 1
      continue
    }
    const own = (span.more < 0 ? wide.kinds[place] : form.kinds[at]) as number
    fitted.kinds.push(span.more < 1 && isPlaceholder(own) ? own : VARIABLE)
    fitted.texts.push('')
    fitted.keys.push(wide.keys[place] as string)
    at += span.more + 1
  }
  return fitted
}
