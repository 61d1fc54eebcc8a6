import { ID, isPlaceholder, NUMBER } from './kinds.ts'
import { TELLING_KEYS, tellsByName } from './read-context.ts'
import type { Form } from './template.ts'
import { FUNCTION_WORDS, isVerbal, isVocabulary, NAMED_NOUNS } from './vocabulary.ts'
import { CODE_NAME, isSpokenHumped, PLAIN } from './weigh-shape.ts'

/** `by alice`, `of gold:`. */
const BEHIND_PREPOSITION = 18
/** `by SPX`, `of OUT_RING`. */
const BEHIND_AUTHOR = 12
/** `expected a string, got lzw`. */
const FOUND = 18
const TOLD = 18
const SUBJECT = 13
const ASIDE = 13
const TAG = 18
const PROGRAM = 13
/** `loader books:`, `zone north is full`. */
const BEHIND_NOUN = 13
/** `by Ann Lee`. */
const PROPER = 14

/** Behind a noun that names follow, as a tag, or as the name in `(name)=(value)`. */
export const isNamed = (form: Form, index: number): boolean => {
  const glue = form.glues[index] as string
  if (glue.endsWith('<') || glue.endsWith('</') || (form.glues[index + 1] as string).startsWith(')=(')) return true
  return followsNoun(form, index, NAMED_NOUNS)
}

/** Whether the word before is one of these nouns. */
export const followsNoun = (form: Form, index: number, nouns: ReadonlySet<string>): boolean => {
  const before = form.texts[index - 1]
  return before !== undefined && before !== '' && nouns.has(before.toLowerCase())
}

const PREPOSITIONS = new Set('by for from to of on at into via in over with without as near within'.split(' '))
/** Behind these a constant is a thing rather than a state that was come from or gone to. */
const AUTHORS = new Set('by of via'.split(' '))

/** `cannot restore it`, `failed to restore it`, `could not restore it`: what stands there is a verb. */
export const isVerbPlace = ({ glues, texts }: Form, index: number): boolean => {
  if (glues[index] !== ' ') return false
  const before = (texts[index - 1] ?? '').toLowerCase()
  if (MODALS.has(before)) return true
  if (before !== 'to' && before !== 'not') return false
  const earlier = (texts[index - 2] ?? '').toLowerCase()
  if (before === 'not') return MODALS.has(earlier) || earlier === 'did' || earlier === 'does'
  // `link failed to gold` goes on with a name.
  return earlier === 'unable' || (earlier === 'failed' && (index === 2 || glues[index - 2] !== ' '))
}

const MODALS = new Set(
  "can could cannot can't couldn't will won't would should must may might didn't doesn't don't".split(' '),
)

/** `got lzw`: what was there instead. */
const FINDINGS = new Set('got found received given not was'.split(' '))

/** What a word that is none of the vocabulary weighs by where it stands; 0 when that says nothing. */
export const weighPlace = (form: Form, index: number, weight: number): number => {
  if (isSpokenHumped(form.texts[index] as string)) return 0
  if (weight >= CODE_NAME) {
    if (isTag(form, index)) return TAG
    if (isProgram(form, index)) return PROGRAM
    if (isSubject(form, index)) return SUBJECT
    if (isTold(form, index)) return TOLD
    if (isAside(form, index)) return ASIDE
  }
  return form.glues[index] === ' ' ? weighBehind(form, index, weight) : 0
}

/** By the word before it, when a phrase ends with it. */
const weighBehind = (form: Form, index: number, weight: number): number => {
  const before = form.texts[index - 1] ?? ''
  const proper = /^[A-Z][a-z]/.test(form.texts[index] as string)
  const second = (proper || weight >= CODE_NAME) && /^[A-Z]/.test(form.texts[index] as string)
  if (second && /^[A-Z][A-Za-z]/.test(before)) return weighSecond(form, index, proper)
  const named = proper || (weight >= CODE_NAME && beginsName(form, index))
  if (before === '' || !(named || endsPhrase(form, index))) return 0
  const word = before.toLowerCase()
  if (weight <= CODE_NAME && !named && !FINDINGS.has(word)) return AUTHORS.has(word) ? BEHIND_AUTHOR : 0
  if (PREPOSITIONS.has(word)) return BEHIND_PREPOSITION
  if (weight >= CODE_NAME && FINDINGS.has(word)) return FOUND
  if (weight !== PLAIN) return 0
  return isVocabulary(word) && !FUNCTION_WORDS.has(word) && !isVerbal(word) ? BEHIND_NOUN : 0
}

/** `from ACME GmbH`: capitals, and a word with a capital behind them. */
const beginsName = ({ glues, texts }: Form, index: number): boolean =>
  /^[A-Z]{2}/.test(texts[index] as string) && glues[index + 1] === ' ' && /^[A-Z]/.test(texts[index + 1] ?? '')

/** `by Ann Lee`, `from Smith Ltd`, `from North AG`. */
const weighSecond = (form: Form, index: number, proper: boolean): number => {
  const before = form.texts[index - 2] ?? ''
  if (form.glues[index - 1] !== ' ' || form.glues[index] !== ' ' || !/^[a-z]/.test(before)) return 0
  return (proper && /^.[a-z]/.test(form.texts[index - 1] as string)) || PREPOSITIONS.has(before) ? PROPER : 0
}

/** `[east] barrier up`. */
const isTag = ({ glues }: Form, index: number): boolean =>
  index === 0 && glues[0] === '[' && (glues[1] as string).startsWith(']')

/** A name with a number right behind: `Browser[712] left`. */
const isProgram = ({ glues, kinds }: Form, index: number): boolean => {
  const before = glues[index]
  const after = glues[index + 1]
  return (before === '' || before === ' ') && (after === '[' || after === '(') && kinds[index + 1] === NUMBER
}

/** `Unknown format: lzw`: the last word, behind a colon, unless its key says that it tells what happened. */
export const isTold = ({ glues, texts, keys }: Form, index: number): boolean => {
  const before = texts[index - 1] ?? ''
  if (glues[index] !== ': ' || before === '' || index !== keys.length - 1) return false
  return /^\.?$/.test(glues[index + 1] as string) && !tellsByName(before)
}

/** `price must be a number`: what a rule is about. */
const isSubject = ({ glues, texts }: Form, index: number): boolean =>
  index === 0 && glues[0] === '' && glues[1] === ' ' && RULES.has(texts[1] ?? '')

const RULES = new Set('must should'.split(' '))

/** `the algorithm (lzw) is unknown`. */
export const isAside = ({ glues }: Form, index: number): boolean =>
  (glues[index] as string).endsWith(' (') && (glues[index + 1] as string).startsWith(')')

/** The message, a clause or a phrase ends here: a sign, a value, a verb or a word of grammar comes next. */
const endsPhrase = (form: Form, index: number): boolean => {
  const after = form.glues[index + 1] as string
  const next = form.texts[index + 1]
  if (next === undefined || next === '' || after !== ' ') return true
  return FUNCTION_WORDS.has(next.toLowerCase()) || isVerbal(next.toLowerCase())
}

/**
 * One of a row of measurements, `a=1, b=off, c=2` or `1 (a), off (b)`: where its neighbours vary it does so, too, unless
 * its key says that it tells what happened.
 */
export const isMeasured = (form: Form, index: number): boolean => {
  const { glues, kinds, texts } = form
  const before = glues[index] as string
  const after = glues[index + 1] as string
  const sign = before.trim()
  if (sign === '=' || sign === ':') {
    if (TELLING_KEYS.has((texts[index - 1] ?? '').toLowerCase())) return false
    let varying = 0
    for (const near of [index - 4, index - 2, index + 2, index + 4])
      if (glues[near] === before && isPlaceholder(kinds[near] ?? 0)) varying += 1
    return varying > 1
  }
  return (
    after.endsWith('(') && before.startsWith(')') && glues[index - 1] === after && isPlaceholder(kinds[index - 2] ?? 0)
  )
}

/** `0x80004005 - E_FAIL]`, `0x5 (E_ACCESS)`: a constant that says again what the code before it says. */
export const explainsCode = (form: Form, index: number): boolean => {
  const before = form.glues[index] as string
  return (
    (before === ' - ' || before === ' (') &&
    form.kinds[index - 1] === ID &&
    /^[\])]/.test(form.glues[index + 1] as string) &&
    /^[A-Z]+_[A-Z_]+$/.test(form.texts[index] as string)
  )
}

/** The value of `key=value`. */
export const isAssigned = (form: Form, index: number): boolean => (form.glues[index] as string).trimEnd().endsWith('=')
