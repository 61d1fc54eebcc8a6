import { codeAt, END, isDigit, isSpace, isWordCharacter } from './character-classes.ts'
import { AMOUNT, NUMBER, PATH, URL, WORD } from './kinds.ts'
import type { TokenList } from './token-list.ts'

/** The words before a token, as far as they say what it is. */

const AMOUNT_NOUNS = new Set('amount price total sum balance cost fee betrag montant importe'.split(' '))
const HTTP = /^https?(?:\/\d(?:\.\d)?)?$/i

/** What a bare number is, by the word before it: an amount of money, a word that names what happened, or a number. */
export const kindOfNumber = (list: TokenList, text: string, start: number, end: number): number => {
  const word = wordBefore(list, text, start)
  if (isState(list, text, start, end, word)) return WORD
  return AMOUNT_NOUNS.has(word) && isDigit(codeAt(text, end - 1)) ? AMOUNT : NUMBER
}

/**
 * Numbers that name what happened, and so stay words: HTTP statuses, exit codes, signals. A status amid a row of
 * measurements (`status: 200 len: 17 time: 0.2`) is one of them, though, and varies as they do.
 */
const isState = (list: TokenList, text: string, start: number, end: number, word: string): boolean => {
  const length = end - start
  if (length > 3) return false
  if (word === '') return followsRequest(list, text, start, length)
  if (HTTP.test(word)) return length === 3
  const value = Number(text.slice(start, end))
  const status = length === 3 && value >= 100 && value < 600
  if (word === 'status' || word === 'httpstatus' || word === 'statuscode' || word === 'status_code') {
    if (previousWord(list, text, 1) === 'exit') return true
    return status && !isMeasured(text, start, end)
  }
  if (word === 'signal') return length < 3
  if (word === 'exited' || word === 'exitcode' || word === 'exit_code' || word === 'exitstatus') return true
  if (word === 'code' || word === 'with' || word === 'is' || word === 'value') {
    const before = previousWord(list, text, 1)
    for (let back = 1; back < 7; back += 1) {
      const one = previousWord(list, text, back)
      if (one === 'exit' || one === 'exited') return true
      if (word !== 'is' && !EXIT_FILLERS.has(one)) break
    }
    if (word !== 'code') return false
    if (before === 'return') return true
    return (
      status && (before === 'status' || before === 'response' || HTTP.test(before)) && !isMeasured(text, start, end)
    )
  }
  if (word === 'error' || word === 'response') return status && HTTP.test(previousWord(list, text, 1))
  return false
}

/** What may stand between the exit and its code: `exited with code 1`, `exit code is 1`. */
const EXIT_FILLERS = new Set(['with', 'code', 'status', 'a', 'the'])

/** The word right before, with nothing but a space, `:`, `=` or an opening bracket between; '' without. */
const wordBefore = (list: TokenList, text: string, start: number): string => {
  const last = list.count - 1
  if (last < 0 || list.kinds[last] !== WORD) return ''
  const gapStart = list.ends[last] as number
  if (start - gapStart > 3) return ''
  for (let at = gapStart; at < start; at += 1) {
    const code = codeAt(text, at)
    if (code !== 32 && code !== 58 && code !== 61 && code !== 40) return ''
  }
  return previousWord(list, text, 0)
}

const LONGEST = 12

const previousWord = (list: TokenList, text: string, back: number): string => {
  const index = list.count - 1 - back
  if (index < 0 || list.kinds[index] !== WORD) return ''
  const start = list.starts[index] as number
  const end = list.ends[index] as number
  return end - start > LONGEST ? '' : text.slice(start, end).toLowerCase()
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])

/** `"GET /x HTTP/1.1" 200` and `GET /x 200`: as web servers log it. */
const followsRequest = (list: TokenList, text: string, start: number, length: number): boolean => {
  if (length !== 3 || codeAt(text, start - 1) !== 32) return false
  if (codeAt(text, start - 2) === 34) return HTTP.test(previousWord(list, text, 0))
  const before = list.kinds[list.count - 1]
  return list.count > 1 && (before === PATH || before === URL) && METHODS.has(previousWord(list, text, 1))
}

/** A key and a number follow, by the same sign. */
const isMeasured = (text: string, start: number, end: number): boolean => {
  const spaced = codeAt(text, start - 1) === 32
  const sign = codeAt(text, spaced ? start - 2 : start - 1)
  if (sign !== 58 && sign !== 61) return false
  let at = end
  while (codeAt(text, at) === 44 || isSpace(codeAt(text, at))) at += 1
  const key = at
  while (isWordCharacter(codeAt(text, at))) at += 1
  if (at === key || codeAt(text, at) !== sign) return false
  return isDigit(codeAt(text, spaced ? at + 2 : at + 1))
}

/** Keys whose values say what happened. */
export const TELLING_KEYS: ReadonlySet<string> = new Set(
  'msg message error err reason event cause detail details description title text exception level severity lvl status type code state method action operation op kind'.split(
    ' ',
  ),
)

/** Whether a quotation is the value of a key whose values say what happened: then it is read, not masked. */
export const isTelling = (list: TokenList, text: string, start: number): boolean => {
  const last = list.count - 1
  const before = codeAt(text, start - 1)
  if (last < 0 || list.kinds[last] !== WORD || (before !== 61 && before !== 32 && before !== 58 && before !== 92))
    return false
  const gap = text.slice(list.ends[last], start)
  if (gap !== '=' && gap !== '":' && gap !== '": ' && gap !== '\\":\\' && gap !== "': ") return false
  return TELLING_KEYS.has(previousWord(list, text, 0))
}

const CONSTANTS = new Set('true false null none nil undefined True False None NULL Null TRUE FALSE NaN'.split(' '))
const LONGEST_CONSTANT = 9
const SWITCHES = new Set('yes no on off Yes No On Off YES NO ON OFF'.split(' '))

/**
 * Whether a word stands as a value: behind `=` if it is a truth value, nothing, or no plain word at all; behind `:` if
 * it is a truth value or nothing, and what it is the value of ends with it.
 */
export const isValueWord = (text: string, start: number, end: number, plain: boolean): boolean => {
  let at = start - 1
  while (codeAt(text, at) === 32 && start - at < 4) at -= 1
  const sign = codeAt(text, at)
  if (sign !== 61 && sign !== 58) return false
  if (sign === 61) {
    if (codeAt(text, at - 1) === 61) return false
    if (!plain) return true
  } else if (!CLOSES.has(codeAt(text, end))) return false
  if (end - start > LONGEST_CONSTANT) return false
  const word = text.slice(start, end)
  return CONSTANTS.has(word) || (SWITCHES.has(word) && CLOSES.has(codeAt(text, end)) && !tells(text, at))
}

const LONGEST_KEY = 40

/** Whether the key that ends at `end` says what happened. */
export const tells = (text: string, end: number): boolean => {
  let start = end
  while (end - start <= LONGEST_KEY && isWordCharacter(codeAt(text, start - 1))) start -= 1
  return tellsByName(text.slice(start, end))
}

/** Whether a key of that name says what happened. */
export const tellsByName = (name: string): boolean => {
  const key = name.toLowerCase()
  return TELLING_KEYS.has(key) || key.endsWith('error') || key.endsWith('exception')
}

const CLOSES = new Set([END, 44, 59, 41, 93, 125, 10])
