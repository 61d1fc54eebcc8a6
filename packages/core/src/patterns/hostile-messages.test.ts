import { describe, expect, it } from 'vitest'
import { formOf, maskMessage } from './mask-message.ts'
import { createPatternTable } from './pattern-table.ts'
import { MOST_COST, MOST_PATTERNS } from './table-bounds.ts'
import { patternText, patternValues, renderTemplate } from './template.ts'

/** Twice the longest message: what is not linear does not come to an end here. */
const LENGTH = 131_072
const filledTo = (part: string): string => part.repeat(Math.ceil(LENGTH / part.length))

describe('messages made to be slow', () => {
  it.each([
    '(((',
    '{{{',
    '0123456789',
    '1 ',
    '1,',
    '1.',
    '1-',
    '1:',
    'a:',
    'a:b:',
    '::',
    'a@a@a@',
    '\\',
    '\\042',
    '/',
    '/a',
    'a/',
    'ab ',
    'a,b,',
    'a[1]',
    'a.b.',
    'a_1 ',
    "'a",
    "'a'a",
    '"',
    '"a" ',
    '"a",',
    '"\\"',
    '`',
    '«',
    '{NUMBER}',
    '{VARIABLE} ',
    '12 KB (',
    '1h',
    '1d, ',
    'Jan ',
    'Mon, ',
    '2024-',
    '10:20:',
    'http://',
    'C:\\',
    '\n',
    '\n\tat ',
    '\n#1 ',
    '   ',
    '=',
    'k=v ',
    '+1+',
    '$1',
    '<1',
    '--',
    '..',
    '~~',
    '##',
    '漢1',
    '\ud83d\ude00',
    '\u0000',
  ])('%j, 256 Ki characters of it', (part) => {
    const message = filledTo(part)
    const template = renderTemplate(formOf(message))
    const text = patternText(template)
    expect(text.length).toBeLessThanOrEqual(512)
    expect(maskMessage(message).masked.length).toBeLessThanOrEqual(2_048)
    const values = [...patternValues(template, message)]
    expect(text.replaceAll(/\{(?:[A-Z]+)\}/g, () => values.shift() ?? '')).toBe(message)
  })

  it('32,000 tokens in one message are one pattern and its rest', () => {
    const message = 'some word '.repeat(16_000)
    const table = createPatternTable()
    table.add(maskMessage(message))
    expect(table.rows()).toHaveLength(1)
    expect(patternValues(table.row(1)?.template ?? '', message)).toHaveLength(1)
  })
})

const bytesOf = (text: string): number => {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

describe('tables made to grow', () => {
  const letters = (n: number): string =>
    n
      .toString(26)
      .replaceAll(/\d/g, (digit) => String.fromCharCode(112 + Number(digit)))
      .padStart(5, 'z')

  it('stay within their bounds over 100,000 different messages, and count each of them', () => {
    const table = createPatternTable()
    for (let n = 0; n < 100_000; n += 1)
      table.add(
        maskMessage(`${letters(n)} ${letters(n * 7)} ${letters(n * 31)} ${letters(n * 57)} ${letters(n * 91)} ${n}`),
      )
    const live = table.rows().filter((row) => row.into === undefined)
    expect(live.length).toBeLessThanOrEqual(MOST_PATTERNS)
    expect(live.reduce((sum, row) => sum + row.count, 0)).toBe(100_000)
    const other = live.find((row) => patternText(row.template) === '{OTHER}')
    expect(other?.count).toBeGreaterThan(90_000)
    expect(patternValues(other?.template ?? '', 'any message 12')).toEqual(['any message 12'])
  }, 60_000)

  it.each(['ö', '漢字', 'ю', '\\', 'x'])('stay within 128 KiB, in words with %s', (sign) => {
    const table = createPatternTable()
    const message = (n: number): string =>
      Array.from({ length: 38 }, (_, at) => letters(n * 97 + at * 7_919) + sign).join(' ')
    for (let n = 0; n < 700; n += 1) table.add(maskMessage(message(n)))
    const live = table.rows().filter((row) => row.into === undefined)
    expect(live.at(-1)?.template).toBe('{O}')
    expect(live.reduce((sum, row) => sum + row.count, 0)).toBe(700)
    for (const texts of [live.map((row) => patternText(row.template)), table.rows().map((row) => row.template)])
      expect(bytesOf(texts.join(''))).toBeLessThanOrEqual(MOST_COST)
  })

  it('a full table still takes what it knows', () => {
    const table = createPatternTable()
    table.add(maskMessage('disk 12 is full'))
    for (let n = 0; n < 3_000; n += 1) table.add(maskMessage(`${letters(n)} ${letters(n * 7)} ${letters(n * 31)} came`))
    expect(table.add(maskMessage('disk 13 is full'))).toBe(1)
    const again = createPatternTable(JSON.parse(JSON.stringify(table.rows())))
    expect(again.add(maskMessage('disk 14 is full'))).toBe(1)
    expect(again.match(maskMessage('never seen before, really'))).toBe(
      table.match(maskMessage('never seen before, really')),
    )
  })
})
