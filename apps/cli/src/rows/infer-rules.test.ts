import { describe, expect, it } from 'vitest'
import { inferRules } from './infer-rules.ts'
import type { SourceRow } from './source-row.ts'

const ruleOf = (values: readonly string[], column = 'x') =>
  inferRules(
    [column],
    values.map((value, at): SourceRow => ({ line: at + 2, cells: [value] })),
  ).get(column)

const times = (count: number, value: (at: number) => string): string[] =>
  Array.from({ length: count }, (_, at) => value(at))

describe('rules that are learned', () => {
  it.each([
    ['integers', times(50, (at) => String(at * 7 - 20)), 'integer'],
    ['numbers', times(50, (at) => String(at / 4)), 'number'],
    ['numbers with exponents', times(50, (at) => `${at}.5e3`), 'number'],
    ['ISO dates', times(28, (at) => `2012-02-${String(at + 1).padStart(2, '0')}`), 'date'],
    ['dates with times', times(28, (at) => `2012/2/${at + 1} 09:30:00`), 'date'],
    ['American dates', times(28, (at) => `2/${at + 1}/2012`), 'date'],
    ['dates in words', times(28, (at) => `Feb ${at + 1} 2012`), 'date'],
  ])('see %s', (_name, values, type) => {
    expect(ruleOf(values)).toMatchObject({ type, required: true })
  })

  it('forgive a few mistakes in the sample, as these are to be found', () => {
    expect(ruleOf([...times(95, String), ...times(5, () => 'n/a')])).toMatchObject({ type: 'integer' })
    expect(ruleOf([...times(80, String), ...times(20, () => 'n/a')])?.type).toBeUndefined()
  })

  it('take digits with a zero in front for a code', () => {
    expect(ruleOf(times(50, (at) => String(at).padStart(5, '0')))?.type).toBeUndefined()
  })

  it('see a few words that come again and again, but not those of a sorted file', () => {
    const mixed = times(100, (at) => ['north', 'south', 'east'][at % 3] ?? '')
    expect(ruleOf([...mixed, 'nrth'])).toMatchObject({ enum: ['east', 'north', 'south'] })
    expect(ruleOf([...mixed].sort())?.enum).toBeUndefined()
    expect(ruleOf(times(100, (at) => `name ${at}`))?.enum).toBeUndefined()
  })

  it('want values where there nearly always are some', () => {
    expect(ruleOf(times(100, (at) => (at === 50 ? '' : `v${at}`)))).toMatchObject({ required: true })
    expect(ruleOf(times(100, (at) => (at % 10 === 0 ? '' : `v${at}`)))?.required).toBeUndefined()
  })

  it('want an id to be unique', () => {
    expect(ruleOf(times(100, String), 'id')).toMatchObject({ unique: true })
    expect(ruleOf(times(100, String), 'amount')?.unique).toBeUndefined()
  })

  it('say nothing of a column with hardly a value', () => {
    expect(ruleOf(['1', '2', '3'])).toBeUndefined()
  })
})
