import { FROZEN, isPlaceholder, NUMBER } from './kinds.ts'
import { ANYTHING, type Form } from './template.ts'
import { FUNCTION_WORDS, isVocabulary, OWNED_NOUNS } from './vocabulary.ts'
import {
  explainsCode,
  followsNoun,
  isAside,
  isAssigned,
  isMeasured,
  isNamed,
  isTold,
  isVerbPlace,
  weighPlace,
} from './weigh-place.ts'
import { COMPOUND, PLAIN, VOCABULARY, weighShape } from './weigh-shape.ts'

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
  if (word === 'true' || word === 'false') return TRUTH
  if (isVerbPlace(form, index)) return 0
  if (isType(form, index, word)) return NAMED
  const weight = weighShape(key)
  const vocabulary = weight === PLAIN && isVocabulary(word)
  if (isMeasured(form, index) || explainsCode(form, index)) return Math.max(weight, NAMED)
  if (isNamed(form, index)) return Math.max(weight, vocabulary ? NAMED_VOCABULARY : NAMED)
  if (vocabulary) return VOCABULARY
  if (weight >= PLAIN && form.glues[index] === ' ' && followsNoun(form, index, OWNED_NOUNS))
    return Math.max(weight, OWNED)
  if (weight === PLAIN && isAssigned(form, index)) return ASSIGNED
  return Math.max(weight, weighPlace(form, index, weight))
}

const TYPED = 37
/** Letters with a number, such as `eth0`. */
const NUMBERED = 28
/** `SOCKS5`, `SHA256`: rather a thing than a number of it. */
const ACRONYM = 14
const NAMED = 20
const OWNED = 18
const NOTHING = 20
/** Two are all there are. */
const TRUTH = 30
const ASSIGNED = 13
const NAMED_VOCABULARY = 12

const NOTHINGS = new Set(['null', 'none', 'nil', 'undefined', 'nan'])

/** `expected string, got list`, `must be text: dict`. */
const TYPES = new Set(
  'string str bytes number integer int nonetype float boolean bool array list object dict tuple uuid'.split(' '),
)
/** Types, if it is said that one was expected. */
const EXPECTED_TYPES = new Set(
  'text char numeric long short double decimal map date time datetime date-time timestamp'.split(' '),
)
const EXPECTING = new Set(
  'expected expecting got received found given actual type wanted not be to into as unmarshal convert cast'.split(' '),
)

const isType = (form: Form, index: number, word: string): boolean => {
  const type = TYPES.has(word)
  if (!type && !EXPECTED_TYPES.has(word)) return false
  if (EXPECTING.has((form.texts[index - 1] ?? '').toLowerCase())) return true
  return type && (isTold(form, index) || isAside(form, index))
}

const ERROR_NAME = /(?:Exception|Error|Fault|Failure|Warning)$/

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
