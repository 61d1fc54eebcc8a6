import { isVocabulary } from './vocabulary.ts'

/* In tenths, as whole numbers: the sum of weights must not depend on the order of adding. */
/** `lsns`, `xfs`: no word of a language. */
const UNSPOKEN = 12
const HYPHENED = 14
/** A word that may well be a name. */
export const PLAIN = 8
const SHORT_CAPITALS = 8
export const CODE_NAME = 7
const CAPITALS = 4
const DIGITS_THAT_SAY = 2
const DOTTED = 24
const HUMPED = 12
export const VOCABULARY = 3
export const COMPOUND = 15

/** How much a word looks like a value by its letters alone. */
export const weighShape = (key: string): number => {
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
const isSpoken = (key: string): boolean => key.split(/[-_/]+/).every(isPlain)

/** `NotReady`: a state in one word. */
export const isSpokenHumped = (key: string): boolean =>
  /^(?:[A-Z][a-z]+){2,}$/.test(key) && key.split(/(?=[A-Z])/).every(isPlain)

const isPlain = (part: string): boolean => part.length < 3 || isVocabulary(part.toLowerCase())
