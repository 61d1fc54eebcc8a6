import { createArrayScanner, createLineScanner, type JsonText } from './json-scanner.ts'
import { type BrokenRow, type RowSource, SAMPLE_ROWS, type SourceRow } from './source-row.ts'

export interface JsonOptions {
  readonly shape: 'array' | 'lines'
  /** Rows are numbered by their place, for an array that stands on a few long lines. */
  readonly byPlace: boolean
}

type Element = { readonly line: number; readonly fields: ReadonlyMap<string, string> } | BrokenRow

/** The columns that the first rows have, in the order of their first sight, and the rows as they come. */
export const readJson = async (chunks: AsyncIterable<Uint8Array>, options: JsonOptions): Promise<RowSource> => {
  const elements = readElements(chunks, options)
  const sample: Element[] = []
  const names = new Set<string>()
  while (sample.length < SAMPLE_ROWS) {
    const { value, done } = await elements.next()
    if (done === true) break
    sample.push(value)
    if ('fields' in value) for (const name of value.fields.keys()) names.add(name)
  }
  const columns = [...names]
  async function* rows(): AsyncIterable<SourceRow> {
    for (const element of sample) yield rowOf(element, columns)
    for await (const element of elements) yield rowOf(element, columns)
  }
  return { columns, rows: rows() }
}

const rowOf = (element: Element, columns: readonly string[]): SourceRow =>
  'fields' in element
    ? { line: element.line, cells: columns.map((column) => element.fields.get(column) ?? '') }
    : element

async function* readElements(
  chunks: AsyncIterable<Uint8Array>,
  { shape, byPlace }: JsonOptions,
): AsyncGenerator<Element, undefined> {
  const scanner = shape === 'array' ? createArrayScanner() : createLineScanner()
  let place = 0
  const placed = (found: JsonText | BrokenRow): Element => {
    place++
    const element = 'text' in found ? elementOf(found) : found
    return byPlace ? { ...element, line: place } : element
  }
  for await (const chunk of chunks) for (const found of scanner.push(chunk)) yield placed(found)
  for (const found of scanner.end()) yield placed(found)
}

const elementOf = ({ line, text }: JsonText): Element => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { line, problem: 'The row is not valid JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { line, problem: 'The row is not a JSON object' }
  return { line, fields: new Map(Object.entries(value).map(([name, field]) => [name, cellOf(field)])) }
}

/** A value as a cell: nothing for null, text as it is, everything else as JSON writes it. */
const cellOf = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
