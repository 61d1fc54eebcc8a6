import { once } from 'node:events'
import { type Info, parse } from 'csv-parse'
import { createRecordScanner, type RecordScanner } from './record-scanner.ts'
import { type BrokenRow, ROW_BYTES_MAX, type RowSource, type SourceRow } from './source-row.ts'

export interface CsvOptions {
  /** One ASCII character. */
  readonly delimiter: string
  readonly header: boolean
}

/** The columns of a CSV file, and its rows as they come, each with the line where it begins. */
export const readCsv = async (chunks: AsyncIterable<Uint8Array>, options: CsvOptions): Promise<RowSource> => {
  const records = parsedRecords(chunks, options)
  const before: SourceRow[] = []
  for (;;) {
    const { value: first, done } = await records.next()
    if (done === true) return { columns: [], rows: following(before, records) }
    before.push(first)
    if (!('cells' in first)) continue
    if (options.header) before.pop()
    return {
      columns: options.header ? distinct(first.cells) : first.cells.map((_, at) => `column ${at + 1}`),
      rows: following(before, records),
    }
  }
}

/** The delimiter that the first line uses most, outside of quotes. */
export const guessDelimiter = (start: Uint8Array): string => {
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]))
  let quoted = false
  for (const character of Buffer.from(start).toString('utf8')) {
    if (character === '"') quoted = !quoted
    if (quoted) continue
    if (character === '\n' || character === '\r') break
    const count = counts.get(character)
    if (count !== undefined) counts.set(character, count + 1)
  }
  const [best] = [...counts].sort(([, a], [, b]) => b - a)
  return best !== undefined && best[1] > 0 ? best[0] : ','
}

const DELIMITERS = [',', ';', '\t', '|']

async function* following(before: readonly SourceRow[], rest: AsyncIterable<SourceRow>): AsyncIterable<SourceRow> {
  yield* before
  yield* rest
}

async function* parsedRecords(
  chunks: AsyncIterable<Uint8Array>,
  { delimiter }: CsvOptions,
): AsyncGenerator<SourceRow, undefined> {
  const scanner = createRecordScanner({ delimiter: delimiter.charCodeAt(0) })
  const parser = parse({
    delimiter,
    record_delimiter: '\n',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: 2 * ROW_BYTES_MAX,
  })
  const broken: BrokenRow[] = []
  const feeding = feed(chunks, scanner, parser, broken)
  let carriageReturns = 0
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
    // The parser counts both halves of a CRLF in quotes, and tells the line where the record ends.
    carriageReturns += count(record, '\r')
    const line = info.lines - carriageReturns - count(record, '\n')
    while (broken[0] !== undefined && broken[0].line < line) yield broken.shift() as BrokenRow
    yield { line, cells: record }
  }
  await feeding
  yield* broken
}

/** Hands the scanned bytes on, no faster than the parser takes them. */
const feed = async (
  chunks: AsyncIterable<Uint8Array>,
  scanner: RecordScanner,
  parser: ReturnType<typeof parse>,
  broken: BrokenRow[],
): Promise<void> => {
  const ended = new Promise<void>((closed) => parser.once('close', () => closed()))
  const write = async (bytes: Uint8Array): Promise<void> => {
    broken.push(...scanner.takeBroken())
    if (bytes.length > 0 && !parser.write(bytes)) await Promise.race([once(parser, 'drain'), ended])
  }
  try {
    for await (const chunk of chunks) {
      if (parser.destroyed) return
      await write(scanner.push(chunk))
    }
    await write(scanner.end())
    parser.end()
  } catch (error) {
    parser.destroy(error as Error)
  }
}

const count = (cells: readonly string[], character: string): number => {
  let found = 0
  for (const cell of cells)
    for (let at = cell.indexOf(character); at !== -1; at = cell.indexOf(character, at + 1)) found++
  return found
}

/** Names of columns as the header has them; an empty one by its place, a repeated one with its number. */
const distinct = (names: readonly string[]): readonly string[] => {
  const seen = new Map<string, number>()
  return names.map((raw, at) => {
    const name = raw.trim() === '' ? `column ${at + 1}` : raw.trim()
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return before === 0 ? name : `${name} (${before + 1})`
  })
}
