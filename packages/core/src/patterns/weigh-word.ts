import { FROZEN, ID, isPlaceholder, NUMBER } from './kinds.ts'
import { TELLING_KEYS } from './read-context.ts'
import { ANYTHING, type Form } from './template.ts'
import { FUNCTION_WORDS, isVerbal, isVocabulary, NAMED_NOUNS, OWNED_NOUNS } from './vocabulary.ts'

/**
 * How much a token looks like a value rather than a part of what the message says: about 10 for a name that might be
 * either, more for what is clearly a value, 0 for what never is one. Weights of different tokens in one place add up.
 */
export const weighWord = (form: Form, index: number): number => {
  let weights = known.get(form)
  if (weights === undefined) {
    weights = new Int8Array(form.keys.length).fill(UNWEIGHED)
    known.set(form, weights)
  }
  const weight = weights[index] as number
  if (weight !== UNWEIGHED) return weight
  weights[index] = weigh(form, index)
  return weights[index]
}

/** A form that is new is held against every other of its glue: each place is weighed once for all of them. */
const known = new WeakMap<Form, Int8Array>()
const UNWEIGHED = -1

const weigh = (form: Form, index: number): number => {
  const kind = form.kinds[index] as number
  const key = form.keys[index] as string
  if (kind === FROZEN) return 0
  if (key === ANYTHING || key === '') return TYPED
  if (key.includes('#')) return /^[A-Z]{3,}#$/.test(key) ? ACRONYM : NUMBERED
  const word = key.toLowerCase()
  if (index > 0 && /^[A-Z]$/.test(key)) return COMPOUND
  if (FUNCTION_WORDS.has(word) || ERROR_NAME.test(key)) return 0
  if (NOTHINGS.has(word)) return NOTHING
  if (TYPES.has(word) && EXPECTING.has((form.texts[index - 1] ?? '').toLowerCase())) return NAMED
  const weight = weighShape(key)
  const vocabulary = weight === PLAIN && isVocabulary(word)
  if (isMeasured(form, index) || explainsCode(form, index)) return Math.max(weight, NAMED)
  if (isNamed(form, index)) return Math.max(weight, vocabulary ? NAMED_VOCABULARY : NAMED)
  if (vocabulary) return VOCABULARY
  if (weight >= PLAIN && form.glues[index] === ' ' && followsNoun(form, index, OWNED_NOUNS))
    return Math.max(weight, OWNED)
  if (weight === PLAIN && isAssigned(form, index)) return ASSIGNED
  if (weight >= CODE_NAME) {
    if (isTag(form, index)) return Math.max(weight, TAG)
    if (isProgram(form, index)) return Math.max(weight, PROGRAM)
  }
  return form.glues[index] === ' ' ? Math.max(weight, weighPlace(form, index, weight)) : weight
}

/* In tenths, as whole numbers: their sum must not depend on the order of adding. */
const TYPED = 37
/** Letters with a number, such as `eth0`. */
const NUMBERED = 28
/** `SOCKS5`, `SHA256`: rather a thing than a number of it. */
const ACRONYM = 14
const DOTTED = 24
const NAMED = 20
const OWNED = 18
const NOTHING = 20
const COMPOUND = 15
const ASSIGNED = 13
/** `by alice`, `of gold:`. */
const BEHIND_PREPOSITION = 18
/** `by SPX`, `of OUT_RING`. */
const BEHIND_AUTHOR = 12
const TAG = 18
const PROGRAM = 13
/** `loader books:`, `zone north is full`. */
const BEHIND_NOUN = 13
/** `by Ann Lee`. */
const PROPER = 14
const HUMPED = 12
const NAMED_VOCABULARY = 12
/** `lsns`, `xfs`: no word of a language. */
const UNSPOKEN = 12
const HYPHENED = 14
/** A word that may well be a name. */
export const PLAIN = 8
const SHORT_CAPITALS = 8
const CODE_NAME = 7
const CAPITALS = 4
export const VOCABULARY = 3
const DIGITS_THAT_SAY = 2

const NOTHINGS = new Set(['null', 'none', 'nil', 'undefined', 'nan'])

/** `expected string, got list`. */
const TYPES = new Set(
  'string str text char number numeric integer int long short float double decimal boolean bool array list object map dict tuple date time datetime date-time timestamp uuid'.split(
    ' ',
  ),
)
const EXPECTING = new Set('expected expecting got received found given actual type wanted'.split(' '))

const ERROR_NAME = /(?:Exception|Error|Fault|Failure|Warning)$/

const weighShape = (key: string): number => {
  if (/^\d+$/.test(key)) return DIGITS_THAT_SAY
  if (/^[A-Z]{2}$/.test(key)) return SHORT_CAPITALS
  // Constants, also of a class or a package.
  if (/(?:^|[.:])[A-Z][A-Z_-]+$/.test(key)) return isCodeName(key) ? CODE_NAME : CAPITALS
  if (/[.\\@+~:$&%]/.test(key) || /[-+]$/.test(key)) return DOTTED
  if (key.includes('_') || key.includes('/')) return isSpoken(key) ? HYPHENED : COMPOUND
  if (key.includes('-')) return isSpoken(key) ? VOCABULARY : HYPHENED
  if (/[a-z][A-Z]/.test(key)) return HUMPED
  if (/^[a-z]{3,}$/.test(key) && !/[aeiouy]/.test(key)) return UNSPOKEN
  return PLAIN
}

/** `INVOIC`, `MOA`: capitals that are neither words of the vocabulary nor, by their ending, what became of something. */
const isCodeName = (key: string): boolean =>
  !/[_.:-]/.test(key) && key.length > 2 && !/(?:ED|ING)$/.test(key) && !isVocabulary(key.toLowerCase())

/** `read-only`, `input/output`: made of plain words. */
const isSpoken = (key: string): boolean =>
  key
    .toLowerCase()
    .split(/[-_/]+/)
    .every((part) => part.length < 3 || isVocabulary(part))

/** Behind a noun that names follow, as a tag, or as the name in `(name)=(value)`. */
const isNamed = (form: Form, index: number): boolean => {
  const glue = form.glues[index] as string
  if (glue.endsWith('<') || glue.endsWith('</') || (form.glues[index + 1] as string).startsWith(')=(')) return true
  return followsNoun(form, index, NAMED_NOUNS)
}

/** Whether the word before is one of these nouns. */
export const followsNoun = (form: Form, index: number, nouns: ReadonlySet<string>): boolean => {
  const before = form.texts[index - 1]
  return before !== undefined && before !== '' && nouns.has(before.toLowerCase())
}

const PREPOSITIONS = new Set('by for from to of on at into via'.split(' '))
/** Behind these a constant is a thing rather than a state that was come from or gone to. */
const AUTHORS = new Set('by of via'.split(' '))

/** What a word that is none of the vocabulary weighs by the word before it, when a phrase ends with it. */
const weighPlace = (form: Form, index: number, weight: number): number => {
  const before = form.texts[index - 1] ?? ''
  const proper = /^[A-Z][a-z]/.test(form.texts[index] as string)
  const second = (proper || weight >= CODE_NAME) && /^[A-Z]/.test(form.texts[index] as string)
  if (second && /^[A-Z][A-Za-z]/.test(before)) return weighSecond(form, index, proper)
  const named = proper || (weight >= CODE_NAME && beginsName(form, index))
  if (before === '' || !(named || endsPhrase(form, index))) return 0
  const word = before.toLowerCase()
  if (weight <= CODE_NAME && !named) return AUTHORS.has(word) ? BEHIND_AUTHOR : 0
  if (PREPOSITIONS.has(word)) return BEHIND_PREPOSITION
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
const isMeasured = (form: Form, index: number): boolean => {
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
const explainsCode = (form: Form, index: number): boolean => {
  const before = form.glues[index] as string
  return (
    (before === ' - ' || before === ' (') &&
    form.kinds[index - 1] === ID &&
    /^[\])]/.test(form.glues[index + 1] as string) &&
    /^[A-Z]+_[A-Z_]+$/.test(form.texts[index] as string)
  )
}

/** The value of `key=value`. */
const isAssigned = (form: Form, index: number): boolean => (form.glues[index] as string).trimEnd().endsWith('=')

/** From this weight on a token is a value by its look alone. */
export const TELLING = 12

/**
 * The weight that the tokens of one place must have together to be taken for values. The less else the messages have in
 * common, the more it takes; first words and the keys of `key=value` hardly ever vary.
 */
export const weightNeeded = (form: Form, index: number, common: number, typed: boolean): number => {
  const needed = common >= 20 ? 36 : common >= 10 ? 60 : 200
  const after = form.glues[index + 1] as string
  const sign = after.charCodeAt(0)
  if (
    sign === 61 ||
    (sign === 40 && form.kinds[index + 1] !== NUMBER) ||
    after.startsWith(' =') ||
    after.startsWith('":')
  )
    return needed * 3
  // `a:b:c`: what has a colon on both sides is no key.
  if (sign === 58 && !(form.glues[index] as string).endsWith(':')) return needed * (typed ? 1 : 1.25)
  return index === 0 && !typed ? needed * 1.25 : needed
}

/** How much a place that messages share, with the glue before it, says about their being of one kind. */
export const weighCommon = (form: Form, index: number): number => {
  const key = form.keys[index] as string
  const glue = (form.glues[index] as string).trim() === '' ? 0 : COMMON_SIGN
  if (key === ANYTHING) return glue
  if (key === '' || isPlaceholder(form.kinds[index] as number)) return glue + COMMON_VALUE
  return glue + (FUNCTION_WORDS.has(key.toLowerCase()) || key.length < 2 ? COMMON_FUNCTION_WORD : COMMON_WORD)
}

const COMMON_SIGN = 3
const COMMON_VALUE = 4
const COMMON_FUNCTION_WORD = 5
const COMMON_WORD = 10
