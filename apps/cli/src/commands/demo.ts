import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { Context, StopSignal } from '../context.ts'
import { DATA_SETS } from '../demo/data-sets.ts'
import { type DemoService, startDemoService } from '../demo/demo-service.ts'
import { type DemoResult, importDataSet } from '../demo/import-data-set.ts'
import { EXIT, type ExitCode, exitOfSignal } from '../exit-codes.ts'
import { formatCount } from '../terminal/format-figures.ts'
import { formatTable } from '../terminal/format-table.ts'
import { createRateMeter } from '../terminal/measure-rate.ts'
import { printJson, printLine } from '../terminal/print.ts'
import { createProgressBars, type ProgressBars } from '../terminal/progress-bars.ts'

export interface DemoOptions {
  readonly fast?: true
  readonly port: number
  readonly data?: string
  readonly exit?: true
  readonly json?: true
}

/** A service with real files that come in side by side, and a count that proves it right. */
export const run = async (options: DemoOptions, context: Context): Promise<ExitCode> => {
  const work = await mkdtemp(join(tmpdir(), 'pebbles-demo-'))
  const dataDir = options.data === undefined ? join(work, 'data') : resolve(context.cwd, options.data)
  const stop = new AbortController()
  const off = context.onSignal((signal) => stop.abort(signal))
  try {
    await mkdir(dataDir, { recursive: true })
    const service = await startDemoService(await context.environment(), dataDir, options.port)
    try {
      return await show(service, work, options, context, stop.signal)
    } finally {
      await service.stop()
    }
  } catch (error) {
    if (stop.signal.aborted) return exitOfSignal(stop.signal.reason as StopSignal)
    throw error
  } finally {
    off()
    await rm(work, { recursive: true, force: true })
  }
}

const show = async (
  service: DemoService,
  folder: string,
  options: DemoOptions,
  context: Context,
  signal: AbortSignal,
): Promise<ExitCode> => {
  const { stdout, stderr } = context
  await printLine(stderr, `Watch it in a browser:\n\n  ${service.welcome.page}\n`)
  const bars = createProgressBars({ stream: stderr, color: context.color.stderr, now: context.now })
  const results = await Promise.race([importAll(service, folder, options, context, signal, bars), diedEarly(service)])
  bars.close()
  const exact = results.every((result) => result.exact)
  if (options.json) await printJson(stdout, { url: service.welcome.url, exact, files: results })
  else await printLine(stdout, renderResults(results))
  const stays = stderr.isTTY === true && !options.fast && !options.exit && !options.json
  if (stays && !signal.aborted) {
    await printLine(stderr, `\nThe page stays at ${service.welcome.url} until Ctrl-C.`)
    await Promise.race([stopped(signal), service.ended])
  }
  return exact ? EXIT.ok : EXIT.failed
}

const importAll = (
  { connection }: DemoService,
  folder: string,
  { fast }: DemoOptions,
  { now }: Context,
  signal: AbortSignal,
  bars: ProgressBars,
): Promise<readonly DemoResult[]> =>
  Promise.all(
    DATA_SETS.map(async (set) => {
      const meter = createRateMeter(now)
      const bar = (
        counts: DemoResult['counts'],
        total: number,
        status: 'running' | 'completed' | 'failed' | 'cancelled',
      ) => {
        const processed = counts.done + counts.warn + counts.failed
        if (status === 'running' && processed % 20 !== 0) return
        meter.observe(processed)
        const etaMs = meter.etaMs(total - processed)
        bars.set(set.file, { label: set.file, counts: { ...counts }, total, rate: meter.rate(), etaMs, status })
      }
      const result = await importDataSet({
        set,
        folder,
        connection,
        fast: fast === true,
        signal,
        onRows: (counts, total) => bar(counts, total, 'running'),
      })
      bar(result.counts, result.rowsInFile, result.outcome === 'succeeded' ? 'completed' : result.outcome)
      return result
    }),
  )

const diedEarly = async ({ ended }: DemoService): Promise<never> => {
  const code = await ended
  throw new CliError({ exit: EXIT.unavailable, message: `The service ended in the middle (exit code ${code}).` })
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

const renderResults = (results: readonly DemoResult[]): string => {
  const table = formatTable(
    [
      { title: 'FILE' },
      { title: 'ENDED' },
      { title: 'DONE', align: 'right' },
      { title: 'WARN', align: 'right' },
      { title: 'FAILED', align: 'right' },
      { title: 'BROKEN ON PURPOSE', align: 'right' },
      { title: 'ROWS IN FILE', align: 'right' },
      { title: 'EXACT' },
    ],
    results.map(({ filename, outcome, counts, brokenOnPurpose, rowsInFile, exact }) => [
      filename,
      outcome,
      formatCount(counts.done),
      formatCount(counts.warn),
      formatCount(counts.failed),
      formatCount(brokenOnPurpose),
      formatCount(rowsInFile),
      exact ? 'yes' : 'NO',
    ]),
  )
  return results.every(({ exact }) => exact)
    ? `${table}\n\nThe service counted exactly the rows that are in the files.`
    : `${table}\n\nThe service did not count the rows that are in the files.`
}
