import { describe, expect, it } from 'vitest'
import { formatCount, formatDuration, formatPercent, formatRate } from './format-figures.ts'
import { formatTable } from './format-table.ts'

describe('figures', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [9007199254740991, '9,007,199,254,740,991'],
  ])('count %i is %s', (count, text) => {
    expect(formatCount(count)).toBe(text)
  })

  it.each([
    [0, 10, '0 %'],
    [1, 1000, '<1 %'],
    [1, 3, '33 %'],
    [999, 1000, '99.9 %'],
    [99_999, 100_000, '99.9 %'],
    [10, 10, '100 %'],
    [11, 10, '110 %'],
    [1, 0, '–'],
  ])('%i of %i is %s', (part, whole, text) => {
    expect(formatPercent(part, whole)).toBe(text)
  })

  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
    [-5, '0 s'],
  ])('%i ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('rates have as many digits as say something', () => {
    expect([0.25, 9.94, 10.6, 12345].map(formatRate)).toEqual(['0.3/s', '9.9/s', '11/s', '12,345/s'])
  })

  it('tables align by cells, not by characters', () => {
    expect(
      formatTable(
        [{ title: 'FILE' }, { title: 'N', align: 'right' }],
        [
          ['売上.csv', '1'],
          ['a', '1,000'],
        ],
      ),
    ).toBe('FILE          N\n売上.csv      1\na         1,000')
  })
})
