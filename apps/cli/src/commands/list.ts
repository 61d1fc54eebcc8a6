import type { ProgressRecord } from '@pebbles/wire'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { connectionOf } from '../service/connection.ts'
import { clientsOf, listFiles } from '../service/read-files.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { cutText } from '../terminal/fit-text.ts'
import { formatAge, formatCount, formatPercent, formatRate } from '../terminal/format-figures.ts'
import { formatTable } from '../terminal/format-table.ts'
import { printJson, printLine } from '../terminal/print.ts'

export interface ListOptions {
  readonly url?: string
  readonly client?: string
  readonly status?: string
  readonly search?: string
  readonly email?: string
  readonly limit: number
  readonly json?: true
}

const MIN_NAME_CELLS = 24
const MAX_NAME_CELLS = 4_096
/** What the other columns take on a terminal. */
const OTHER_CELLS = 110

/** Files, most recently updated first; of all clients where the token may see them. */
export const run = async (options: ListOptions, context: Context): Promise<ExitCode> => {
  const connection = await connectionOf(context, options.url)
  const { status, search, email, limit } = options
  const filter = {
    ...(status === undefined ? {} : { status }),
    ...(search === undefined ? {} : { q: search }),
    ...(email === undefined ? {} : { email }),
    limit,
  }
  const records: ProgressRecord[] = []
  for (const { clientKrn, lastUpdate } of await clientsOf(connection, options.client)) {
    // Clients come by their newest update: none that follow can have a file that would still be shown.
    if (records.filter(({ updatedAt }) => updatedAt > lastUpdate).length >= limit) break
    records.push(...(await listFiles(connection, clientKrn, filter)))
  }
  records.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0))
  const shown = records.slice(0, limit)
  if (options.json) await printJson(context.stdout, shown)
  else if (shown.length === 0) await printLine(context.stderr, 'No files.')
  else await printLine(context.stdout, renderList(shown, options.client === undefined, context))
  return EXIT.ok
}

const renderList = (records: readonly ProgressRecord[], withClient: boolean, { now, stdout }: Context): string => {
  const nameCells =
    stdout.isTTY === true ? Math.max(MIN_NAME_CELLS, (stdout.columns ?? 80) - OTHER_CELLS) : MAX_NAME_CELLS
  return formatTable(
    [
      ...(withClient ? [{ title: 'CLIENT' }] : []),
      { title: 'FILE' },
      { title: 'STATUS' },
      { title: '%', align: 'right' },
      { title: 'DONE', align: 'right' },
      { title: 'WARN', align: 'right' },
      { title: 'FAILED', align: 'right' },
      { title: 'TOTAL', align: 'right' },
      { title: 'RATE', align: 'right' },
      { title: 'UPDATED' },
    ],
    records.map(({ clientKrn, filename, status, counts, total, rate, updatedAt }) => [
      ...(withClient ? [escapeText(clientKrn)] : []),
      cutText(escapeText(filename), nameCells),
      status,
      total === null ? '–' : formatPercent(counts.done + counts.warn + counts.failed, total),
      formatCount(counts.done),
      formatCount(counts.warn),
      formatCount(counts.failed),
      total === null ? '–' : formatCount(total),
      rate === null || status !== 'running' ? '–' : formatRate(rate),
      formatAge(updatedAt, now()),
    ]),
  )
}
