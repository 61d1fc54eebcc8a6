/** What a token is. Words stand as they are; all others are placeholders, which stand for whatever was there. */
export const WORD = 0
/** A word that never varies: a stack frame's. */
export const FROZEN = 1
export const NUMBER = 2
export const AMOUNT = 3
export const PERCENT = 4
export const DURATION = 5
export const DATE = 6
export const ID = 7
export const IP = 8
export const HOST = 9
export const URL = 10
export const EMAIL = 11
export const PATH = 12
export const FILENAME = 13
export const QUOTED = 14
export const VARIABLE = 15
/** What was cut off at the bound. */
export const REST = 16
/** A whole message, counted after the table was full. */
export const OTHER = 17

/** What people see, by kind. */
export const NAMES: readonly string[] = [
  '',
  '',
  'NUMBER',
  'AMOUNT',
  'PERCENT',
  'DURATION',
  'DATE',
  'ID',
  'IP',
  'HOST',
  'URL',
  'EMAIL',
  'PATH',
  'FILENAME',
  'QUOTED',
  'VARIABLE',
  'REST',
  'OTHER',
]

/** The letter of each kind in a template: stored, so a letter never changes its meaning. */
export const CODES = '^`NAPDTIKHUEFGQVRO'

export const isPlaceholder = (kind: number): boolean => kind > FROZEN

/** The kind that says what two placeholders have in common. Commutative and associative: order must not matter. */
export const joinKinds = (a: number, b: number): number => {
  if (a === b) return a
  const low = Math.min(a, b)
  const high = Math.max(a, b)
  if (low === NUMBER && high <= ID && high !== DATE) return high
  if (low === IP && high === HOST) return HOST
  if (low === PATH && high === FILENAME) return PATH
  return VARIABLE
}
