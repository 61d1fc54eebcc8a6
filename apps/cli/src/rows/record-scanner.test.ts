import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { createRecordScanner } from './record-scanner.ts'

const scan = (text: string, { maxBytes = 100, step = Number.POSITIVE_INFINITY } = {}) => {
  const scanner = createRecordScanner({ delimiter: 0x2c, maxBytes })
  const bytes = Buffer.from(text)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += step) parts.push(scanner.push(bytes.subarray(at, at + step)))
  parts.push(scanner.end())
  return { out: Buffer.concat(parts).toString(), records: scanner.records(), broken: scanner.takeBroken() }
}

describe('cutting CSV into records', () => {
  it.each([
    ['plain lines', 'a,b\n1,2\n', 'a,b\n1,2\n', 2],
    ['no line end at the end', 'a,b\n1,2', 'a,b\n1,2\n', 2],
    ['CRLF', 'a,b\r\n1,2\r\n', 'a,b\n1,2\n', 2],
    ['CR alone', 'a,b\r1,2\r', 'a,b\n1,2\n', 2],
    ['both in one file', 'a\r\n1\n2\r\n', 'a\n1\n2\n', 3],
    ['empty lines', 'a\n\n1\n\n\n2\n', 'a\n\n1\n\n\n2\n', 3],
    ['line ends in quotes', 'a,b\n"x\r\ny",2\n', 'a,b\n"x\r\ny",2\n', 2],
    ['quotes in quotes', 'a\n"x""\n""y"\n', 'a\n"x""\n""y"\n', 2],
    ['a quote in the middle', 'a\nx"y\nz\n', 'a\nx"y\nz\n', 3],
    ['nothing', '', '', 0],
  ])('%s', (_name, text, out, records) => {
    for (const step of [1, 2, 3, 1000]) expect(scan(text, { step })).toEqual({ out, records, broken: [] })
  })

  it('leaves out a record that is too long, and reads on behind it', () => {
    const found = scan(`a\n${'x'.repeat(300)}\n1\n`, { step: 7 })
    expect(found.out).toBe('a\n\n1\n')
    expect(found.records).toBe(3)
    expect(found.broken).toEqual([{ line: 2, problem: 'The row is longer than 100 bytes' }])
  })

  it('gives up only the line with a quote that nobody closes', () => {
    for (const step of [1, 5, 1000]) {
      const found = scan(`a,b\n1,"2\n${'3,4\n'.repeat(40)}5,6\n`, { step })
      expect(found.out).toBe(`a,b\n\n${'3,4\n'.repeat(40)}5,6\n`)
      expect(found.records).toBe(43)
      expect(found.broken).toEqual([{ line: 2, problem: 'A quote is opened and not closed within 100 bytes' }])
    }
  })

  it('does so at the end of the file, too', () => {
    const found = scan('a,b\n"1,2\n3,4\n')
    expect(found.out).toBe('a,b\n\n3,4\n')
    expect(found.broken).toEqual([{ line: 2, problem: 'A quote is opened and never closed' }])
    expect(scan('a\n"x').broken).toEqual([{ line: 2, problem: 'A quote is opened and never closed' }])
  })

  it('sees the same records as the parser, in any soup of quotes and line ends', () => {
    const random = createRandom(20_261_125)
    const soup = ['a', '"', ',', '\n', '\r\n', '""', ' ', 'é', '1']
    for (let round = 0; round < 3_000; round++) {
      const text = Array.from({ length: random(24) }, () => soup[random(soup.length)]).join('')
      const { out, records, broken } = scan(text, { step: 1 + random(5) })
      const parsed: string[][] = parse(out, {
        record_delimiter: '\n',
        relax_quotes: true,
        relax_column_count: true,
        skip_empty_lines: true,
      })
      expect({ text, records: parsed.length + broken.length }).toEqual({ text, records })
    }
  })
})

/** A small generator with a seed (mulberry32), so that a failure can be seen again. */
const createRandom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
