import type { PatternRow } from '../patterns/pattern-table.ts'
import { patternText } from '../patterns/template.ts'
import type { Clock } from '../ports/clock.ts'
import type { HistoryRow, ListFilter, ListPosition, ProgressReader, StoredIssue } from '../ports/progress-reader.ts'
import type { FileId, FileState } from '../progress/file-state.ts'
import type { ByKind, IssueKind } from '../progress/issue.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { FileName } from '../tenancy/file-name.ts'
import { parsePatternId } from './pattern-id.ts'

/** One file whole: every pattern, and of its issues as many as a record shows. */
export interface FileRecord {
  readonly state: FileState
  readonly tables: ByKind<readonly PatternRow[]>
  readonly issues: ByKind<readonly StoredIssue[]>
  /** More issues exist than are shown. */
  readonly truncated: boolean
}

export interface IssuePage {
  readonly issues: readonly StoredIssue[]
  readonly table: readonly PatternRow[]
  readonly more: boolean
}

export interface ReadProgress {
  readonly get: (client: ClientKrn, filename: FileName) => Promise<FileRecord | null>
  readonly list: (
    filter: Omit<ListFilter, 'stalledBefore'>,
    limit: number,
    after: ListPosition | null,
  ) => Promise<{ readonly files: readonly FileState[]; readonly more: boolean }>
  /** Every matching file once, in pages, in an order that updates do not disturb. */
  readonly scan: (filter: Omit<ListFilter, 'stalledBefore'>) => AsyncIterable<readonly FileState[]>
  /** Null when there is no such file. `pattern` is a pattern's id or its text. */
  readonly issues: (client: ClientKrn, filename: FileName, query: IssueQuery) => Promise<IssuePage | null>
  readonly history: (
    client: ClientKrn,
    filename: FileName,
    limit: number,
    after: number,
  ) => Promise<{ readonly rows: readonly HistoryRow[]; readonly more: boolean } | null>
  readonly sums: (client: ClientKrn) => ReturnType<ProgressReader['sums']>
  readonly clients: ProgressReader['clients']
}

export interface IssueQuery {
  readonly kind: IssueKind
  readonly pattern: string | null
  readonly limit: number
  readonly after: Pick<StoredIssue, 'version' | 'index'> | null
}

const LINES_IN_A_RECORD = 1_000
const SCAN_PAGE = 500

/** The reads, each one look-up that carries its client. */
export const createReadProgress = (deps: {
  readonly reader: ProgressReader
  readonly clock: Clock
  readonly stalledAfterMs: number
}): ReadProgress => {
  const { reader, clock, stalledAfterMs } = deps
  const timed = (filter: Omit<ListFilter, 'stalledBefore'>): ListFilter => ({
    ...filter,
    stalledBefore: clock.now() - stalledAfterMs,
  })
  return {
    get: async (client, filename) => {
      const found = await reader.get(client, filename)
      if (found === null) return null
      const { error, warning } = await shownIssues(reader, found.state)
      const { issues } = found.state
      return {
        ...found,
        issues: { error, warning },
        truncated: error.length + warning.length < issues.error.count + issues.warning.count,
      }
    },
    list: async (filter, limit, after) => {
      const files = await reader.list(timed(filter), limit + 1, after)
      return { files: files.slice(0, limit), more: files.length > limit }
    },
    scan: async function* (filter) {
      const fixed = timed(filter)
      let after: FileId | null = null
      for (;;) {
        const page: readonly FileState[] = await reader.scan(fixed, SCAN_PAGE, after)
        if (page.length > 0) yield page
        if (page.length < SCAN_PAGE) return
        after = page.at(-1)?.fileId ?? null
      }
    },
    issues: async (client, filename, { kind, pattern, limit, after }) => {
      const found = await reader.get(client, filename)
      if (found === null) return null
      const table = found.tables[kind]
      const numbers = pattern === null ? null : numbersOf(table, kind, pattern)
      if (numbers !== null && numbers.length === 0) return { issues: [], table, more: false }
      const issues = await reader.issues(found.state, kind, numbers, limit + 1, after)
      return { issues: issues.slice(0, limit), table, more: issues.length > limit }
    },
    history: async (client, filename, limit, after) => {
      const found = await reader.get(client, filename)
      if (found === null) return null
      const rows = await reader.history(found.state, limit + 1, after)
      return { rows: rows.slice(0, limit), more: rows.length > limit }
    },
    sums: (client) => reader.sums(client, clock.now() - stalledAfterMs),
    clients: () => reader.clients(),
  }
}

/** As many of each kind as there are, up to 1,000 in all; when both are many, half of them each. */
const shownIssues = async (reader: ProgressReader, state: FileState): Promise<ByKind<readonly StoredIssue[]>> => {
  const { error, warning } = state.issues
  const half = LINES_IN_A_RECORD / 2
  const errors = Math.min(error.count, Math.max(half, LINES_IN_A_RECORD - warning.count))
  const warnings = Math.min(warning.count, LINES_IN_A_RECORD - errors)
  return {
    error: errors === 0 ? [] : await reader.issues(state, 'error', null, errors, null),
    warning: warnings === 0 ? [] : await reader.issues(state, 'warning', null, warnings, null),
  }
}

/** The pattern and all that it took over: issues keep the number they were counted under first. */
const numbersOf = (table: readonly PatternRow[], kind: IssueKind, pattern: string): readonly number[] => {
  const into = new Map(table.map((row) => [row.no, row.into]))
  const root = (no: number): number => {
    let at = no
    for (let next = into.get(at); next !== undefined; next = into.get(at)) at = next
    return at
  }
  const byId = parsePatternId(kind, pattern)
  const wanted =
    byId !== null && into.has(byId)
      ? byId
      : table.find((row) => row.into === undefined && patternText(row.template) === pattern)?.no
  return wanted === undefined ? [] : table.filter((row) => root(row.no) === root(wanted)).map((row) => row.no)
}
