import { MAX_COUNT } from '@pebbles/core'

/** What is no count in an old document, or missing, counts as 0. int32, int64 and double are all numbers to it. */
export const toCount = (value: unknown): number => {
  const number = typeof value === 'bigint' || isLong(value) ? Number(value) : value
  if (typeof number !== 'number' || !(number > 0)) return 0
  return Math.min(Math.trunc(number), MAX_COUNT)
}

export const toTotal = (value: unknown): number | null => {
  const total = toCount(value)
  return total === 0 ? null : total
}

/** The driver's own kind of number, for an int64 that a double cannot hold. */
const isLong = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '_bsontype' in value && value._bsontype === 'Long'

const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/

/** ms of an ISO time with any number of fraction digits, cut to the millisecond; null for anything else. */
export const toTime = (value: unknown): number | null => {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.getTime()
  const parts = typeof value === 'string' ? ISO.exec(value) : null
  if (parts === null) return null
  const ms = Date.parse(`${parts[1]}.${(parts[2] ?? '').padEnd(3, '0').slice(0, 3)}Z`)
  return Number.isNaN(ms) ? null : ms
}
