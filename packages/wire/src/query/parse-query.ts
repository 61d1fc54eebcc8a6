import {
  type ClientKrn,
  type FileId,
  type FileName,
  type FileStatus,
  foldName,
  type IssueKind,
  type ListFilter,
  type ListPosition,
  parseEmail,
  parseFileName,
  REFUSALS,
} from '@pebbles/core'
import { decodeCursor, type PageScope, type Position, pageScope } from './cursor.ts'
import { parseTime } from './parse-time.ts'
import { invalidQuery, type Parsed, readParameters } from './read-parameters.ts'

/** Asks for one file. */
export interface FileQuery {
  readonly kind: 'one'
  readonly filename: FileName
}

/** Asks for a page of a list, or for all of it as an export. */
export interface ListQuery {
  readonly kind: 'list'
  readonly filter: Omit<ListFilter, 'stalledBefore'>
  readonly limit: number
  /** Whether the caller asked for this limit. */
  readonly limitGiven: boolean
  readonly after: ListPosition | null
  readonly page: PageScope
}

/** Asks for a page of a file's issues. */
export interface IssuesQuery {
  readonly filename: FileName
  readonly kind: IssueKind
  /** A pattern's id or its text; null for all. */
  readonly pattern: string | null
  readonly limit: number
  readonly after: { readonly version: number; readonly index: number } | null
  readonly page: PageScope
}

/** Asks for a page of a file's history. */
export interface HistoryQuery {
  readonly filename: FileName
  readonly limit: number
  /** The last version of the page before, or 0. */
  readonly after: number
  readonly page: PageScope
}

const STATUSES: readonly FileStatus[] = ['running', 'stalled', 'completed', 'failed', 'cancelled']
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const MAX_SEARCH = 256
/** Longer than any pattern's text. */
const MAX_PATTERN = 4_096

/** The query of `GET …/progress`: one file when `filename` is there, else a list. */
export const parseProgressQuery = (
  raw: string,
  { client }: { readonly client: ClientKrn },
): Parsed<FileQuery | ListQuery> =>
  reading(raw, ['filename', 'email', 'completed', 'q', 'status', 'updatedSince', 'limit', 'cursor'], (read) => {
    const filename = read.filename()
    const email = read.optional('email', 'an email', parseEmail)
    const completed = read.optional('completed', 'true or false', (text) =>
      text === 'true' ? true : text === 'false' ? false : undefined,
    )
    const q = read.optional('q', `at most ${MAX_SEARCH} characters`, (text) =>
      text.length <= MAX_SEARCH ? foldName(text) : undefined,
    )
    const status = read.optional('status', `one of ${STATUSES.join(', ')}`, (text) =>
      STATUSES.find((known) => known === text),
    )
    const updatedSince = read.optional('updatedSince', 'an ISO 8601 date and time with a zone', parseTime)
    const limit = read.limit()
    if (filename !== null) return { kind: 'one', filename }
    const page = read.page('progress', client)
    return {
      kind: 'list',
      filter: {
        client,
        ...(email === null ? {} : { email }),
        ...(completed === null ? {} : { completed }),
        ...(q === null || q === '' ? {} : { q }),
        ...(status === null ? {} : { status }),
        ...(updatedSince === null ? {} : { updatedSince }),
      },
      limit: limit ?? DEFAULT_LIMIT,
      limitGiven: limit !== null,
      after: read.cursor(page, ([updatedAt, fileId, ...more]) =>
        typeof updatedAt === 'number' && typeof fileId === 'string' && more.length === 0
          ? { updatedAt, fileId: fileId as FileId }
          : undefined,
      ),
      page,
    }
  })

/** The query of `GET …/progress/issues`; without `kind` it asks for errors. */
export const parseIssuesQuery = (raw: string, { client }: { readonly client: ClientKrn }): Parsed<IssuesQuery> =>
  reading(raw, ['filename', 'kind', 'pattern', 'limit', 'cursor'], (read) => {
    const filename = read.requiredFilename()
    if (filename === null) return null
    const kind = read.optional('kind', 'error or warning', (text) =>
      text === 'error' || text === 'warning' ? text : undefined,
    )
    const pattern = read.optional('pattern', "a pattern's id or text", (text) =>
      text.length >= 1 && text.length <= MAX_PATTERN ? text : undefined,
    )
    const limit = read.limit() ?? DEFAULT_LIMIT
    const page = read.page('issues', client)
    const after = read.cursor(page, ([version, index, ...more]) =>
      isPlace(version) && isPlace(index) && more.length === 0 ? { version, index } : undefined,
    )
    return { filename, kind: kind ?? 'error', pattern, limit, after, page }
  })

/** The query of `GET …/progress/history`. */
export const parseHistoryQuery = (raw: string, { client }: { readonly client: ClientKrn }): Parsed<HistoryQuery> =>
  reading(raw, ['filename', 'limit', 'cursor'], (read) => {
    const filename = read.requiredFilename()
    if (filename === null) return null
    const limit = read.limit() ?? DEFAULT_LIMIT
    const page = read.page('history', client)
    const after = read.cursor(page, ([version, ...more]) =>
      isPlace(version) && more.length === 0 ? version : undefined,
    )
    return { filename, limit, after: after ?? 0, page }
  })

/** A query that must name one file, as to delete it. */
export const parseFileQuery = (raw: string): Parsed<{ readonly filename: FileName }> =>
  reading(raw, ['filename'], (read) => {
    const filename = read.requiredFilename()
    return filename === null ? null : { filename }
  })

/** The query of `GET …/progress/events`: one file, or all of the client. */
export const parseEventsQuery = (raw: string): Parsed<{ readonly filename: FileName | null }> =>
  reading(raw, ['filename'], (read) => ({ filename: read.filename() }))

const isPlace = (part: unknown): part is number => typeof part === 'number' && part >= 0

/** Reads parameters one by one and keeps the first thing that is wrong. */
interface Reader {
  /** Null when it was not given, or is not what it must be. */
  readonly optional: <T>(name: string, expected: string, parse: (text: string) => T | undefined) => T | null
  readonly filename: () => FileName | null
  readonly requiredFilename: () => FileName | null
  readonly limit: () => number | null
  readonly page: (route: string, client: ClientKrn) => PageScope
  readonly cursor: <T>(page: PageScope, parse: (position: Position) => T | undefined) => T | null
  readonly refusal: () => Extract<Parsed<never>, { ok: false }> | null
}

/** `build` may only return null after something was refused. */
const reading = <T>(raw: string, known: readonly string[], build: (read: Reader) => T | null): Parsed<T> => {
  const parameters = readParameters(raw, known)
  if (!parameters.ok) return parameters
  const reader = readerOf(parameters.query)
  const query = build(reader)
  const refusal = reader.refusal()
  if (refusal !== null) return refusal
  if (query === null) throw new Error('a query without a reason to refuse it')
  return { ok: true, query }
}

const readerOf = (given: ReadonlyMap<string, string>): Reader => {
  let refusal: ReturnType<Reader['refusal']> = null
  const refuse = (detail: string): null => {
    refusal ??= invalidQuery(detail)
    return null
  }
  const optional: Reader['optional'] = (name, expected, parse) => {
    const text = given.get(name)
    if (text === undefined) return null
    return parse(text) ?? refuse(`The parameter ${name} must be ${expected}`)
  }
  const filename: Reader['filename'] = () =>
    optional('filename', '1 to 1024 bytes of UTF-8 without control characters', parseFileName)
  return {
    optional,
    filename,
    requiredFilename: () => filename() ?? refuse('The parameter filename is required'),
    limit: () =>
      optional('limit', `an integer from 1 to ${MAX_LIMIT}`, (text) =>
        /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= MAX_LIMIT ? Number(text) : undefined,
      ),
    page: (route, client) => pageScope(route, client, given),
    cursor: (page, parse) => {
      const text = given.get('cursor')
      if (text === undefined) return null
      const position = decodeCursor(page, text)
      const value = position === null ? undefined : parse(position)
      if (value !== undefined) return value
      refusal ??= { ok: false, code: 'INVALID_CURSOR', detail: REFUSALS.INVALID_CURSOR }
      return null
    },
    refusal: () => refusal,
  }
}
