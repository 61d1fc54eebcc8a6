import { describe, expect, it } from 'vitest'
import { openRowStream } from './open-rows.ts'
import type { SourceRow } from './source-row.ts'

const read = async (
  text: string | Uint8Array,
  options: { delimiter?: string; header?: boolean; step?: number } = {},
) => {
  const { step = 7, header = true, ...rest } = options
  const bytes = Buffer.from(text as string)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
  }
  const { columns, rows } = await openRowStream(chunks(), { header, ...rest })
  const all: SourceRow[] = []
  for await (const row of rows) all.push(row)
  return { columns, rows: all }
}

describe('rows of CSV', () => {
  it('have the line where they begin, through empty lines and line ends in quotes', async () => {
    const { columns, rows } = await read('\ufeffname,text\r\na,1\r\n\r\n"b\r\nb\r\nb",2\r\nc,3')
    expect(columns).toEqual(['name', 'text'])
    expect(rows).toEqual([
      { line: 2, cells: ['a', '1'] },
      { line: 4, cells: ['b\r\nb\r\nb', '2'] },
      { line: 7, cells: ['c', '3'] },
    ])
  })

  it('keep broken rows in their place', async () => {
    const { rows } = await read(`a,b\n1,2\n${'x'.repeat(1_100_000)},2\n3,4\n5\n`, { step: 65_536 })
    expect(rows).toEqual([
      { line: 2, cells: ['1', '2'] },
      { line: 3, problem: 'The row is longer than 1 MiB' },
      { line: 4, cells: ['3', '4'] },
      { line: 5, cells: ['5'] },
    ])
  })

  it.each([
    ['a;b\n1;2', undefined],
    ['a\tb\n1\t2', undefined],
    ['a|b\n1|2', undefined],
    ['"x,y";b\n1;2', undefined],
    ['a,b\n1,2', ','],
  ])('finds the delimiter of %j', async (text, delimiter) => {
    const { columns, rows } = await read(text, delimiter === undefined ? {} : { delimiter })
    expect(columns).toHaveLength(2)
    expect(rows).toEqual([{ line: 2, cells: ['1', '2'] }])
  })

  it('names columns that have no name of their own', async () => {
    expect((await read('a,,a,a\n')).columns).toEqual(['a', 'column 2', 'a (2)', 'a (3)'])
    expect(await read('1,2\n', { header: false })).toEqual({
      columns: ['column 1', 'column 2'],
      rows: [{ line: 1, cells: ['1', '2'] }],
    })
  })

  it('refuses what is no text, and says what to do', async () => {
    await expect(read('')).rejects.toMatchObject({
      exit: 65,
      message: 'the input is empty: there is not even a header.',
    })
    await expect(read('PK\u0003\u0004\u0000\u0000')).rejects.toMatchObject({ exit: 65 })
    await expect(read(Buffer.from('\ufeffa,b\n', 'utf16le'))).rejects.toMatchObject({
      exit: 65,
      next: expect.stringContaining('iconv'),
    })
  })
})

describe('rows of JSON', () => {
  it('are the elements of an array, with the line where they begin', async () => {
    const text = '[\n  {"a": 1, "b": "x,]}\\""},\n\n  {\n    "b": null,\n    "c": [1, {"d": 2}]\n  },\n 7, {"a" 1}\n]\n'
    for (const step of [1, 3, 1000]) {
      const { columns, rows } = await read(text, { step })
      expect(columns).toEqual(['a', 'b', 'c'])
      expect(rows).toEqual([
        { line: 2, cells: ['1', 'x,]}"', ''] },
        { line: 4, cells: ['', '', '[1,{"d":2}]'] },
        { line: 8, problem: 'The row is not a JSON object' },
        { line: 8, problem: 'The row is not valid JSON' },
      ])
    }
  })

  it('are the lines of NDJSON', async () => {
    expect((await read('{"a":1}\n\n{"a":\n{"a":true}')).rows).toEqual([
      { line: 1, cells: ['1'] },
      { line: 3, problem: 'The row is not valid JSON' },
      { line: 4, cells: ['true'] },
    ])
  })

  it('say where an array is cut off or goes on', async () => {
    expect((await read('[{"a":1},\n{"a":')).rows.at(-1)).toEqual({ line: 2, problem: 'The file ends within the array' })
    expect((await read('[{"a":1}] x')).rows.at(-1)).toMatchObject({
      problem: 'Something stands behind the end of the array',
    })
    expect((await read('[]')).rows).toEqual([])
  })

  it('are not read beyond 1 MiB', async () => {
    const { rows } = await read(`[{"a":"${'x'.repeat(1_100_000)}"},{"a":2}]`, { step: 65_536 })
    expect(rows).toEqual([
      { line: 1, problem: 'The row is longer than 1 MiB' },
      { line: 1, cells: ['2'] },
    ])
  })

  it('are not the members of one object', async () => {
    await expect(read('{\n"a": 1\n}')).rejects.toMatchObject({ message: 'the input holds one JSON object.' })
  })
})
