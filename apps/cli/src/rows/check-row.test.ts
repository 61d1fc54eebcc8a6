import { describe, expect, it } from 'vitest'
import { createRowChecker } from './check-row.ts'
import { type ColumnRule, parseRules, renderRules } from './column-rules.ts'

const messages = (rule: ColumnRule, values: readonly string[], column = 'price'): string[] => {
  const check = createRowChecker([column], new Map([[column, rule]]))
  return values.flatMap((value, at) =>
    check({ line: at + 2, cells: [value] }).map(({ severity, message }) => `${severity}: ${message}`),
  )
}

describe('checking a row', () => {
  it.each<[string, ColumnRule, string, string[]]>([
    ['a number', { type: 'number' }, '12.5', []],
    ['an amount', { type: 'number' }, '12,x', ['error: Invalid amount "12,x" in column "price"']],
    ['an integer', { type: 'integer' }, '12.5', ['error: Invalid integer "12.5" in column "price"']],
    ['a date', { type: 'date' }, '2012-02-29', []],
    ['a day that is none', { type: 'date' }, '2013-02-29', ['error: Invalid date "2013-02-29" in column "price"']],
    ['nothing', { required: true }, ' ', ['error: Missing value in column "price"']],
    ['nothing where it may be', { type: 'number' }, '', []],
    ['too small', { min: 0 }, '-1', ['error: Value -1 is below 0 in column "price"']],
    ['too large', { max: 9, severity: 'warning' }, '10', ['warning: Value 10 is above 9 in column "price"']],
    ['an unknown word', { enum: ['a', 'b'] }, 'c', ['error: Unexpected value "c" in column "price"']],
    ['a form', { pattern: '[A-Z]{2}' }, 'ABC', ['error: Value "ABC" does not match the pattern in column "price"']],
    ['too long', { maxLength: 2 }, '😀😀😀', ['error: Value of 3 characters is too long in column "price"']],
  ])('%s', (_name, rule, value, expected) => {
    expect(messages(rule, [value])).toEqual(expected)
  })

  it('remembers what must be unique', () => {
    expect(messages({ unique: true }, ['a', 'b', 'a'])).toEqual([
      'error: Duplicate value "a" in column "price", first in line 2',
    ])
  })

  it('counts the columns of a row first', () => {
    const check = createRowChecker(['a', 'b'], new Map([['a', { type: 'number' as const }]]))
    expect(check({ line: 2, cells: ['x'] })).toEqual([
      { severity: 'error', message: 'The row has 1 columns instead of 2' },
    ])
    expect(check({ line: 3, problem: 'torn' })).toEqual([{ severity: 'error', message: 'torn' }])
  })

  it('says at most five things of a row, and never hides that it failed', () => {
    const columns = Array.from({ length: 9 }, (_, at) => `c${at}`)
    const rules = new Map(
      columns.map((name, at) => [
        name,
        at === 8 ? { type: 'number' as const } : { required: true, severity: 'warning' as const },
      ]),
    )
    const issues = createRowChecker(columns, rules)({ line: 2, cells: [...Array(8).fill(''), 'x'] })
    expect(issues).toHaveLength(5)
    expect(issues[0]).toEqual({ severity: 'error', message: 'Invalid number "x" in column "c8"' })
    expect(issues[4]?.message).toBe('The row has 5 more problems')
  })

  it('cuts what it quotes, and keeps it text', () => {
    const [message = ''] = messages({ type: 'number' }, [`${'x'.repeat(79)}😀${'y'.repeat(1000)}`])
    expect(message.length).toBeLessThan(140)
    expect(message.isWellFormed()).toBe(true)
  })

  it('warns of bytes that are no UTF-8', () => {
    expect(messages({}, ['caf\ufffd'])).toEqual(['warning: Bytes that are not UTF-8 in column "price"'])
  })
})

describe('a file of rules', () => {
  it('is read back as it was written', () => {
    const rules = new Map<string, ColumnRule>([['price', { type: 'number', min: 0, severity: 'warning' }]])
    expect(parseRules(renderRules(rules), 'rules.json')).toEqual(rules)
  })

  it.each([
    ['{', /^rules\.json: not valid JSON/],
    ['[]', /must be \{"columns"/],
    ['{"columns":{"a":7}}', /column "a" must hold an object of rules/],
    ['{"columns":{"a":{"typ":"number"}}}', /unknown rule "typ"; known are type, required, enum/],
    ['{"columns":{"a":{"type":"float"}}}', /"type" must be "text", "number", "integer" or "date"/],
    ['{"columns":{"a":{"pattern":"["}}}', /"pattern" must be a regular expression/],
    ['{"columns":{"a":{"enum":[]}}}', /"enum" must be a list of texts/],
  ])('that says %s is refused, and told where', (text, message) => {
    expect(() => parseRules(text, 'rules.json')).toThrow(message)
  })
})
