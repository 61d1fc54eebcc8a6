import { randomUUID } from 'node:crypto'
import { CliError } from '../cli-error.ts'
import type { Context, StopSignal } from '../context.ts'
import { EXIT, type ExitCode, exitOfSignal } from '../exit-codes.ts'
import { connectionOf } from '../service/connection.ts'
import { copyLines } from '../service/copy-lines.ts'
import { createLineReporter, type LineReporter } from '../service/line-reporter.ts'
import { sendUpdate } from '../service/send-update.ts'
import type { ServiceError } from '../service/service-error.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatCount } from '../terminal/format-figures.ts'
import { createRateMeter } from '../terminal/measure-rate.ts'
import { printJson } from '../terminal/print.ts'
import { createProgressBars } from '../terminal/progress-bars.ts'

export interface PipeOptions {
  readonly url?: string
  readonly client: string
  readonly filename: string
  readonly total?: number
  /** ms */
  readonly every: number
  /** ms */
  readonly wait: number
  readonly json?: true
}

type End = {
  readonly outcome: 'succeeded' | 'failed' | 'cancelled'
  readonly reason: string | null
  readonly exit: ExitCode
}

/** Copies standard input to standard output, byte for byte, and reports how many lines went through. */
export const run = async (options: PipeOptions, context: Context): Promise<ExitCode> => {
  const { filename, total = null } = options
  const connection = await connectionOf(context, options.url)
  const bars = createProgressBars({
    stream: context.stderr,
    color: context.color.stderr,
    now: context.now,
    plainEveryMs: 30_000,
  })
  const meter = createRateMeter(context.now)
  let lines = 0
  let trouble: ServiceError | null = null
  const onTrouble = (error: ServiceError): void => {
    if (trouble?.code !== error.code) bars.log(`${error.message} The copying goes on.`)
    trouble = error
  }
  const show = (status: 'running' | 'completed' | 'failed' | 'cancelled'): void => {
    meter.observe(lines)
    bars.set(filename, {
      label: escapeText(filename),
      counts: { done: lines, warn: 0, failed: 0 },
      total,
      rate: meter.rate(),
      etaMs: total === null ? null : meter.etaMs(total - lines),
      status,
    })
  }
  const reporter = createLineReporter({
    filename,
    total,
    keyPrefix: `pipe:${randomUUID()}`,
    intervalMs: options.every,
    endPatienceMs: options.wait,
    send: async (update, key, { patienceMs, signal }) => {
      const sent = await sendUpdate(connection, options.client, update, { key, patienceMs, signal, onTrouble })
      trouble = null
      return sent
    },
    onTrouble,
  })
  await reporter.begin()
  const signalled = new AbortController()
  const off = context.onSignal((signal) => signalled.abort(signal))
  const end = await copy(context, signalled.signal, (count) => {
    lines += count
    reporter.add(count)
    show('running')
  })
  show(end.outcome === 'succeeded' ? 'completed' : end.outcome)
  bars.close()
  const reported = await report(reporter, end, lines, () => trouble).finally(off)
  if (options.json) await printJson(context.stderr, { filename, lines, outcome: end.outcome, reason: end.reason })
  else if (end.reason !== null) context.stderr.write(`${end.reason}.\n`)
  return reported ?? end.exit
}

const copy = async (context: Context, stop: AbortSignal, onLines: (count: number) => void): Promise<End> => {
  const { stdin, stdout } = context
  const copied = await copyLines(stdin, stdout, stop, onLines)
  switch (copied.kind) {
    case 'ended':
      return { outcome: 'succeeded', reason: null, exit: EXIT.ok }
    case 'stopped': {
      const signal = stop.reason as StopSignal
      return { outcome: 'cancelled', reason: `Stopped by ${signal}`, exit: exitOfSignal(signal) }
    }
    case 'reader gone':
      return { outcome: 'failed', reason: 'The reader of the output has gone', exit: EXIT.failed }
    case 'broken':
      return { outcome: 'failed', reason: `The copying failed: ${escapeText(copied.error.message)}`, exit: EXIT.io }
  }
}

/** The data has gone through in any case; what could not be reported is an error of its own. */
const report = async (
  reporter: LineReporter,
  { outcome, reason }: End,
  lines: number,
  trouble: () => ServiceError | null,
): Promise<null> => {
  try {
    await reporter.end(outcome, reason)
    return null
  } catch (error) {
    const cause = trouble() ?? (error instanceof CliError ? error : null)
    if (cause === null) throw error
    throw new CliError({
      exit: cause.exit,
      message: `All ${formatCount(lines)} lines were copied, but not all were reported: ${cause.message}`,
      ...(cause.next === null ? {} : { next: cause.next }),
      cause: error,
    })
  }
}
