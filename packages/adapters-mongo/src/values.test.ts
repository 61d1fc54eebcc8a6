import { MAX_COUNT } from '@pebbles/core'
import { Double, Int32, Long } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { toCount, toTime, toTotal } from './old-values.ts'

describe('a count of an old document', () => {
  it.each<[unknown, number]>([
    [7, 7],
    [7n, 7],
    [new Int32(7).valueOf(), 7],
    [new Double(7).valueOf(), 7],
    [Long.fromString('9007199254740991'), MAX_COUNT],
    [Long.fromString('9223372036854775807'), MAX_COUNT],
    [Long.fromNumber(-3), 0],
    [1.9, 1],
    [-1, 0],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, MAX_COUNT],
    ['12', 0],
    [null, 0],
    [undefined, 0],
    [{}, 0],
    [[5], 0],
  ])('%s is %i', (value, expected) => {
    expect(toCount(value)).toBe(expected)
  })

  it('is no total when it is none', () => {
    expect([toTotal(0), toTotal(null), toTotal(5)]).toEqual([null, null, 5])
  })
})

describe('a time of an old document', () => {
  it.each<[unknown, string | null]>([
    ['2025-06-20T12:00:00Z', '2025-06-20T12:00:00.000Z'],
    ['2025-06-20T12:00:00.5Z', '2025-06-20T12:00:00.500Z'],
    ['2025-06-20T12:00:00.123Z', '2025-06-20T12:00:00.123Z'],
    ['2025-06-20T12:00:00.123456Z', '2025-06-20T12:00:00.123Z'],
    ['2025-06-20T12:00:00.999999999Z', '2025-06-20T12:00:00.999Z'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    ['2025-13-20T12:00:00Z', null],
    ['yesterday', null],
    [1_750_000_000, null],
    [null, null],
  ])('%s is %s', (value, expected) => {
    const time = toTime(value)
    expect(time === null ? null : new Date(time).toISOString()).toBe(expected)
  })
})
