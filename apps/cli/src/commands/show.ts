import type { FullRecord, IssueRow, PatternAnswer } from '@pebbles/wire'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Connection, connectionOf } from '../service/connection.ts'
import { listIssues, readFile } from '../service/read-files.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatAge, formatCount, formatDuration, formatPercent, formatRate } from '../terminal/format-figures.ts'
import { formatTable } from '../terminal/format-table.ts'
import { printJson, printLine } from '../terminal/print.ts'

export interface ShowOptions {
  readonly url?: string
  readonly client?: string
  readonly pattern?: string
  readonly limit: number
  readonly json?: true
}

/** One file: where it stands, then what went wrong by pattern; or the lines of one pattern. */
export const run = async (filename: string, options: ShowOptions, context: Context): Promise<ExitCode> => {
  const connection = await connectionOf(context, options.url)
  const record = await readFile(connection, filename, options.client)
  const { stdout } = context
  if (options.pattern !== undefined) {
    const { kind, pattern } = patternOf(record, options.pattern)
    const issues = await readLines(connection, record, kind, pattern, options.limit)
    if (options.json) await printJson(stdout, issues)
    else await printLine(stdout, renderLines(pattern, issues))
    return EXIT.ok
  }
  if (options.json) await printJson(stdout, record)
  else await printLine(stdout, renderRecord(record, context.now()))
  return EXIT.ok
}

const patternOf = (record: FullRecord, wanted: string): { kind: 'error' | 'warning'; pattern: PatternAnswer } => {
  const isWanted = ({ id, pattern }: PatternAnswer): boolean => id === wanted || pattern === wanted
  const error = record.errors.find(isWanted)
  if (error !== undefined) return { kind: 'error', pattern: error }
  const warning = record.warnings.find(isWanted)
  if (warning !== undefined) return { kind: 'warning', pattern: warning }
  throw new CliError({
    exit: EXIT.failed,
    message: `The file has no pattern "${escapeText(wanted)}".`,
    next: `"pebbles show FILE" shows the patterns with their ids.`,
  })
}

const readLines = (
  connection: Connection,
  { clientKrn, filename }: FullRecord,
  kind: 'error' | 'warning',
  { id }: PatternAnswer,
  limit: number,
): Promise<readonly IssueRow[]> => listIssues(connection, clientKrn, { filename, kind, pattern: id }, limit)

const renderRecord = (record: FullRecord, now: number): string => {
  const { counts, total, status } = record
  const processed = counts.done + counts.warn + counts.failed
  const facts: readonly (readonly [string, string])[] = [
    ['File', escapeText(record.filename)],
    ['Client', escapeText(record.clientKrn)],
    ['Owner', escapeText(record.email)],
    ['Status', record.reason === null ? status : `${status}: ${escapeText(record.reason)}`],
    [
      'Lines',
      `${formatCount(processed)}${total === null ? '' : ` of ${formatCount(total)} (${formatPercent(processed, total)})`}: ${formatCount(counts.done)} done, ${formatCount(counts.warn)} warned, ${formatCount(counts.failed)} failed`,
    ],
    ...(status === 'running' && record.rate !== null ? [['Rate', formatRate(record.rate)] as const] : []),
    ...(status === 'running' && record.eta !== null
      ? [['Ready in', formatDuration(Date.parse(record.eta) - now)] as const]
      : []),
    ['Began', `${record.createdAt} (${formatAge(record.createdAt, now)})`],
    record.completedAt === null
      ? ['Last sign', `${record.updatedAt} (${formatAge(record.updatedAt, now)})`]
      : [
          'Ended',
          `${record.completedAt}, after ${formatDuration(Date.parse(record.completedAt) - Date.parse(record.createdAt))}`,
        ],
  ]
  const width = Math.max(...facts.map(([name]) => name.length))
  return [
    ...facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...renderPatterns('Errors', record.errors, record.issueCounts.errors, processed),
    ...renderPatterns('Warnings', record.warnings, record.issueCounts.warnings, processed),
  ].join('\n')
}

const renderPatterns = (
  title: string,
  patterns: readonly PatternAnswer[],
  issues: number,
  processed: number,
): readonly string[] =>
  patterns.length === 0
    ? []
    : [
        '',
        `${title}: ${formatCount(issues)} in ${patterns.length === 1 ? 'one pattern' : `${formatCount(patterns.length)} patterns`}`,
        formatTable(
          [
            { title: 'ID' },
            { title: 'COUNT', align: 'right' },
            { title: 'OF LINES', align: 'right' },
            { title: 'PATTERN' },
          ],
          [...patterns]
            .sort((a, b) => b.count - a.count)
            .map(({ id, pattern, count }) => [
              id,
              formatCount(count),
              formatPercent(count, processed),
              escapeText(pattern),
            ]),
        ),
      ]

/** The values of each line in columns of their own, headed by the places that they fill. */
const renderLines = ({ pattern, count }: PatternAnswer, issues: readonly IssueRow[]): string => {
  const places = issues.reduce((most, { values }) => Math.max(most, values.length), 0)
  const names = pattern.match(/\{[A-Z_]+\}/g) ?? []
  const columns = Array.from({ length: places }, (_, at) => ({ title: names[at] ?? `VALUE ${at + 1}` }))
  const table = formatTable(
    [{ title: 'LINE', align: 'right' as const }, ...(places === 0 ? [{ title: 'MESSAGE' }] : columns)],
    issues.map(({ line, values, message }) => [
      line === null ? '–' : String(line),
      ...(places === 0 ? [escapeText(message)] : values.map(escapeText)),
    ]),
  )
  const more = count > issues.length ? `\n… ${formatCount(count - issues.length)} more (--limit)` : ''
  return `${escapeText(pattern)}: ${formatCount(count)}\n${table}${more}`
}
