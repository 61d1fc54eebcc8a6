import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { Context, StopSignal } from '../context.ts'
import { EXIT, type ExitCode, exitOfSignal } from '../exit-codes.ts'
import { type ColumnRules, parseRules, renderRules } from '../rows/column-rules.ts'
import { importRows, type RowCounts, type RowImport, type RowImportResult } from '../rows/import-rows.ts'
import { inferRules } from '../rows/infer-rules.ts'
import { type OpenedRows, openRowFile, openRowStream } from '../rows/open-rows.ts'
import { SAMPLE_ROWS, type SourceRow } from '../rows/source-row.ts'
import { type Connection, connectionOf } from '../service/connection.ts'
import { type SentUpdate, sendUpdate } from '../service/send-update.ts'
import { ServiceError } from '../service/service-error.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatCount, formatDuration } from '../terminal/format-figures.ts'
import { createRateMeter } from '../terminal/measure-rate.ts'
import { printJson, printLine } from '../terminal/print.ts'
import { createProgressBars, type ProgressBars } from '../terminal/progress-bars.ts'

export interface ImportOptions {
  readonly url?: string
  readonly client?: string
  readonly filename?: string
  readonly rules?: string
  readonly printRules?: true
  readonly every?: number
  readonly failAbove?: number
  readonly delimiter?: string
  /** False with --no-header. */
  readonly header: boolean
  readonly dryRun?: true
  /** ms */
  readonly wait: number
  readonly json?: true
}

/** Checks a CSV or JSON file row by row and reports it, in updates that count once however often this is run. */
export const run = async (file: string, options: ImportOptions, context: Context): Promise<ExitCode> => {
  const filename = filenameOf(file, options)
  const rules = options.rules === undefined ? null : await readRules(resolve(context.cwd, options.rules), options.rules)
  if (options.printRules !== true && options.dryRun !== true && options.client === undefined)
    throw new CliError({
      exit: EXIT.usage,
      message: 'Which client is the file of?',
      next: 'Name it: --client krn:acme:client:prod-001 (or --dry-run to check only).',
    })
  const source = await openSource(file, options, context)
  assertColumns(source, rules, options.rules)
  if (options.printRules) {
    await printLine(context.stdout, renderRules(await sampleRules(source)).trimEnd())
    return EXIT.ok
  }
  const bars = createProgressBars({ stream: context.stderr, color: context.color.stderr, now: context.now })
  const show = createShow(bars, filename, source.total, context)
  const stop = new AbortController()
  const off = context.onSignal((signal) => stop.abort(signal))
  try {
    const result = await importRows({
      source,
      filename,
      rules,
      every: options.every ?? null,
      failAbove: options.failAbove ?? null,
      keyPrefix: `import:${source.digest?.slice(0, 32) ?? randomUUID()}`,
      send:
        options.dryRun === true
          ? keepNothing
          : createSend(await connectionOf(context, options.url), options, stop.signal, bars),
      onRows: (counts) => show(counts, 'running'),
      beforeRow: () => {
        stop.signal.throwIfAborted()
        return undefined
      },
    })
    show(result.counts, result.outcome === 'succeeded' ? 'completed' : result.outcome)
    bars.close()
    if (options.json) await printJson(context.stdout, result)
    else await printLine(context.stdout, renderResult(result, options.dryRun === true))
    return result.outcome === 'failed' ? EXIT.failed : EXIT.ok
  } catch (error) {
    bars.close()
    throw stop.signal.aborted ? interrupted(stop.signal.reason as StopSignal, file) : explained(error)
  } finally {
    off()
  }
}

const filenameOf = (file: string, { filename }: ImportOptions): string => {
  if (filename !== undefined) return filename
  if (file !== '-') return basename(file)
  throw new CliError({
    exit: EXIT.usage,
    message: 'Standard input has no name.',
    next: 'Give one: --filename orders.csv',
  })
}

const readRules = async (path: string, shown: string): Promise<ColumnRules> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CliError({
      exit: EXIT.noInput,
      message: `${escapeText(shown)} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}.`,
      next: 'A file to start from: pebbles import FILE --print-rules > rules.json',
    })
  }
  return parseRules(text, shown)
}

const openSource = (file: string, options: ImportOptions, context: Context): Promise<OpenedRows> => {
  const { delimiter, header } = options
  const rowOptions = { header, ...(delimiter === undefined ? {} : { delimiter }) }
  return file === '-'
    ? openRowStream(context.stdin as AsyncIterable<Uint8Array>, rowOptions)
    : openRowFile(resolve(context.cwd, file), rowOptions, file)
}

/** A rule for a column that is not there would never be broken, whatever the rows hold. */
const assertColumns = ({ columns }: OpenedRows, rules: ColumnRules | null, file = ''): void => {
  const missing = [...(rules?.keys() ?? [])].filter((column) => !columns.includes(column))
  if (missing.length === 0) return
  throw new CliError({
    exit: EXIT.data,
    message: `${escapeText(file)} has rules for ${missing.map((name) => `"${escapeText(name)}"`).join(', ')}, which the file does not have.`,
    next: `Its columns are ${columns.map((name) => `"${escapeText(name)}"`).join(', ')}.`,
  })
}

const sampleRules = async ({ columns, rows }: OpenedRows): Promise<ColumnRules> => {
  const sample: SourceRow[] = []
  for await (const row of rows) if (sample.push(row) >= SAMPLE_ROWS) break
  return inferRules(columns, sample)
}

const createSend = (
  connection: Connection,
  { client = '', wait }: ImportOptions,
  signal: AbortSignal,
  bars: ProgressBars,
): RowImport['send'] => {
  let met = false
  return async (update, key) => {
    const sent = await sendUpdate(connection, client, update, {
      key,
      patienceMs: wait,
      signal,
      failFast: !met,
      onTrouble: (error) => bars.log(`${error.message} Trying again for up to ${formatDuration(wait)}.`),
    })
    met = true
    return sent
  }
}

const keepNothing = async (): Promise<SentUpdate> => ({
  answer: { result: 'updated', clientKrn: '', filename: '' },
  replayed: false,
})

const createShow = (bars: ProgressBars, filename: string, total: number | null, { now }: Context) => {
  const meter = createRateMeter(now)
  let observed = 0
  return (counts: RowCounts, status: 'running' | 'completed' | 'failed' | 'cancelled'): void => {
    const processed = counts.done + counts.warn + counts.failed
    // A look at the clock for each of a million rows would cost more than their check.
    if (status === 'running' && processed - observed < 100) return
    observed = processed
    meter.observe(processed)
    bars.set(filename, {
      label: escapeText(filename),
      counts: { ...counts },
      total,
      rate: meter.rate(),
      etaMs: total === null ? null : meter.etaMs(total - processed),
      status,
    })
  }
}

const interrupted = (signal: StopSignal, file: string): CliError =>
  new CliError({
    exit: exitOfSignal(signal),
    message: `Interrupted by ${signal}; the file is not completed.`,
    next:
      file === '-'
        ? 'What was reported stays.'
        : 'Run the same command again: it goes on where it stopped, and counts nothing twice.',
  })

const explained = (error: unknown): unknown => {
  if (!(error instanceof ServiceError)) return error
  if (error.code === 'IDEMPOTENCY_KEY_REUSED')
    return new CliError({
      exit: EXIT.failed,
      code: error.code,
      message: 'This file was imported before, in part or whole, with other rules or another --every.',
      next: 'Repeat it with the same options, or import it under another --filename.',
      cause: error,
    })
  if (error.code === 'PROGRESS_COMPLETED')
    return new CliError({
      exit: EXIT.failed,
      code: error.code,
      message: 'A file of this name was completed before, with other content.',
      next: 'Import under another --filename, or delete the old file first.',
      cause: error,
    })
  return error
}

const renderResult = (
  { filename, rows, counts, outcome, reason, updates, replayed }: RowImportResult,
  dry: boolean,
): string => {
  const sums = `${formatCount(counts.done)} done, ${formatCount(counts.warn)} warned, ${formatCount(counts.failed)} failed`
  const end = reason === null ? outcome : `${outcome}: ${reason}`
  const how = dry
    ? ' Nothing was reported (--dry-run).'
    : replayed === updates
      ? ' All of it had been reported before: nothing was counted again.'
      : replayed > 0
        ? ` ${formatCount(replayed)} of ${formatCount(updates)} updates had been reported before and were not counted again.`
        : ''
  return `${escapeText(filename)}: ${formatCount(rows)} rows, ${sums}; ${end}.${how}`
}
