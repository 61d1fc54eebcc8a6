import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { createArrayScanner, createLineScanner } from './json-scanner.ts'
import { guessDelimiter, readCsv } from './read-csv.ts'
import { readJson } from './read-json.ts'
import { createRecordScanner } from './record-scanner.ts'
import type { RowSource } from './source-row.ts'

export type RowFormat = { readonly kind: 'csv'; readonly delimiter: string; readonly header: boolean } | JsonFormat
type JsonFormat = { readonly kind: 'json'; readonly shape: 'array' | 'lines' }

export interface RowOptions {
  readonly delimiter?: string
  readonly header: boolean
}

export interface OpenedRows extends RowSource {
  /** How many rows there are; null when the input can be read only once. */
  readonly total: number | null
  /** SHA-256 of the content, hexadecimal; null when the input can be read only once. */
  readonly digest: string | null
}

const START_BYTES = 64 * 1024

/** Opens a file of rows, `shown` in messages: counts them in a first pass over the bytes, reads them in a second one. */
export const openRowFile = async (path: string, options: RowOptions, shown = path): Promise<OpenedRows> => {
  const start = await readStart(path, shown)
  const format = detectFormat(start, shown, options)
  const { rows, lines, digest } = await survey(path, format)
  const source = await readRows(withoutBom(createReadStream(path)), format, lines < rows)
  return { ...source, total: rows, digest }
}

/** Reads rows as they come, from a pipe. */
export const openRowStream = async (chunks: AsyncIterable<Uint8Array>, options: RowOptions): Promise<OpenedRows> => {
  const reader = withoutBom(chunks)[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let length = 0
  while (length < START_BYTES) {
    const { value, done } = await reader.next()
    if (done === true) break
    held.push(value)
    length += value.length
  }
  const format = detectFormat(Buffer.concat(held), 'the input', options)
  async function* all(): AsyncIterable<Uint8Array> {
    yield* held
    yield* { [Symbol.asyncIterator]: () => reader }
  }
  return { ...(await readRows(all(), format, false)), total: null, digest: null }
}

const readRows = (chunks: AsyncIterable<Uint8Array>, format: RowFormat, byPlace: boolean): Promise<RowSource> =>
  format.kind === 'csv' ? readCsv(chunks, format) : readJson(chunks, { shape: format.shape, byPlace })

/** By the first bytes: JSON begins with a bracket or a brace, everything else is CSV. */
export const detectFormat = (start: Uint8Array, name: string, { delimiter, header }: RowOptions): RowFormat => {
  const shown = escapeText(name)
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff))
    throw dataError(`${shown} is UTF-16.`, `Make it UTF-8 first: iconv -f UTF-16 -t UTF-8`)
  if (start.includes(0)) throw dataError(`${shown} is binary, not text.`, 'Give a CSV or JSON file.')
  const text = Buffer.from(start).toString('utf8').trimStart()
  if (text === '') throw dataError(`${shown} is empty: there is not even a header.`)
  if (text.startsWith('[')) return { kind: 'json', shape: 'array' }
  if (text.startsWith('{')) {
    const [first = '', ...more] = text.split('\n')
    const rows = more.length > 0 && more.join('').trim() !== '' && isJson(first)
    if (rows || /\.(?:ndjson|jsonl)$/i.test(name)) return { kind: 'json', shape: 'lines' }
    throw dataError(`${shown} holds one JSON object.`, 'Give an array of objects, or one object a line.')
  }
  return { kind: 'csv', delimiter: delimiter ?? guessDelimiter(start), header }
}

const dataError = (message: string, next?: string): CliError =>
  new CliError({ exit: EXIT.data, message, ...(next === undefined ? {} : { next }) })

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const readStart = async (path: string, shown: string): Promise<Uint8Array> => {
  const noInput = (why: string): CliError =>
    new CliError({ exit: EXIT.noInput, message: `${escapeText(shown)} ${why}.`, next: 'Check the path.' })
  try {
    if ((await stat(path)).isDirectory()) throw noInput('is a folder')
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)
    const start = buffer.subarray(0, bytesRead)
    return hasBom(start) ? start.subarray(3) : start
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw noInput('does not exist')
    if (code === 'EACCES') throw noInput('may not be read')
    throw error
  }
}

/** One pass over the bytes: how many rows, how many lines, and a digest of all. */
const survey = async (path: string, format: RowFormat): Promise<{ rows: number; lines: number; digest: string }> => {
  const hash = createHash('sha256')
  const count = format.kind === 'csv' ? countCsvRows(format) : countJsonRows(format)
  let lines = 0
  for await (const chunk of withoutBom(createReadStream(path))) {
    hash.update(chunk)
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++
    count.push(chunk)
  }
  return { rows: count.end(), lines, digest: hash.digest('hex') }
}

interface RowCount {
  readonly push: (chunk: Uint8Array) => void
  readonly end: () => number
}

const countCsvRows = ({ delimiter, header }: Extract<RowFormat, { kind: 'csv' }>): RowCount => {
  const scanner = createRecordScanner({ delimiter: delimiter.charCodeAt(0) })
  return {
    push: (chunk) => {
      scanner.push(chunk)
      scanner.takeBroken()
    },
    end: () => {
      scanner.end()
      return Math.max(0, scanner.records() - (header ? 1 : 0))
    },
  }
}

const countJsonRows = ({ shape }: JsonFormat): RowCount => {
  const scanner = shape === 'array' ? createArrayScanner() : createLineScanner()
  let rows = 0
  return {
    push: (chunk) => {
      rows += scanner.push(chunk).length
    },
    end: () => rows + scanner.end().length,
  }
}

const hasBom = (bytes: Uint8Array): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf

async function* withoutBom(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  let first = true
  for await (const chunk of chunks) {
    yield first && hasBom(chunk) ? chunk.subarray(3) : chunk
    first = false
  }
}
