import type { Config } from '@pebbles/runtime'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { AppName } from '../processes/app-process.ts'
import { askWorker } from '../processes/ask-worker.ts'
import { loadConfig } from '../service/local-config.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatTable } from '../terminal/format-table.ts'
import { printJson, printLine } from '../terminal/print.ts'

export interface DlqOptions {
  readonly limit?: number
  readonly json?: true
}

interface Row {
  readonly place: string
  readonly code: string | null
  readonly reason: string | null
  readonly origin: string | null
  readonly updateId: string | null
  readonly time: string | null
  readonly attempts: number
}

interface Replayed {
  readonly replayed: number
  readonly left: number
  readonly newer?: number
  readonly stopped?: string
}

const SAMPLE = 100

/** What was refused and waits to be looked at, in the destinations that are configured here and in the store. */
export const list = async ({ limit = SAMPLE, json }: DlqOptions, context: Context): Promise<ExitCode> => {
  const { answers, failure } = await askWorkers<{ total: number; rows: readonly Row[] }>(context, [
    'list',
    String(limit),
  ])
  const total = answers.reduce((sum, answer) => sum + answer.total, 0)
  // Each has its share: a queue that is full of them must not hide the other.
  const share = Math.ceil(limit / Math.max(1, answers.length))
  const [first, rest] = [(row: Row[]) => row.slice(0, share), (row: Row[]) => row.slice(share)]
  const found = answers.map((answer) => [...answer.rows])
  const rows = [...found.flatMap(first), ...found.flatMap(rest)].slice(0, limit)
  if (json) await printJson(context.stdout, { total, rows })
  else if (rows.length === 0 && failure !== null) throw failure
  else if (rows.length === 0) await printLine(context.stderr, 'No dead letters.')
  else {
    const columns = [
      { title: 'IN' },
      { title: 'CODE' },
      { title: 'REFUSED' },
      { title: 'TRIES' },
      { title: 'FROM' },
      { title: 'REASON' },
    ]
    const cells = rows.map(({ place, code, time, attempts, origin, reason }) =>
      [place, code ?? '-', time ?? '-', String(attempts), origin ?? '-', reason ?? '-'].map(escapeText),
    )
    await printLine(context.stdout, formatTable(columns, cells))
    if (total > rows.length) await printLine(context.stderr, `${rows.length} of about ${total}.`)
  }
  if (failure !== null) throw failure
  return EXIT.ok
}

/** Sends them to the queue or topic that is configured, each under the id it had. */
export const replay = async ({ json }: DlqOptions, context: Context): Promise<ExitCode> => {
  const { answers, failure } = await askWorkers<Replayed>(context, ['replay'])
  const replayed = answers.reduce((sum, answer) => sum + answer.replayed, 0)
  const left = answers.reduce((sum, answer) => sum + answer.left, 0)
  const newer = answers.reduce((sum, answer) => sum + (answer.newer ?? 0), 0)
  const stopped = answers.flatMap((answer) => answer.stopped ?? []).at(0)
  if (json) await printJson(context.stdout, { replayed, left, newer, ...(stopped === undefined ? {} : { stopped }) })
  else {
    await printLine(context.stdout, `${replayed} sent again.`)
    if (left > 0) await printLine(context.stderr, `${left} left among the dead letters: their queue did not take them.`)
    if (newer > 0)
      await printLine(context.stderr, `${newer} came after this run began, by the clock of their queue: run it again.`)
  }
  if (stopped !== undefined)
    throw new CliError({
      exit: EXIT.unavailable,
      message: `It ended before all were looked at: ${escapeText(stopped)}`,
      next: 'Run it again: what was sent counts once.',
    })
  if (failure !== null) throw failure
  return left === 0 ? EXIT.ok : EXIT.failed
}

/** All are asked, though one does not answer: the failure is of the first that did not. */
const askWorkers = async <T>(
  context: Context,
  args: readonly string[],
): Promise<{ readonly answers: readonly T[]; readonly failure: CliError | null }> => {
  const config = await loadConfig(context)
  const names = configured(config)
  if (names.length === 0)
    throw new CliError({
      exit: EXIT.config,
      message: 'No queue is configured here.',
      next: 'Set SQS_QUEUE_URL or KAFKA_BOOTSTRAP_SERVERS, as the workers have them.',
    })
  const environment = await context.environment()
  const answers: T[] = []
  let failure: CliError | null = null
  for (const name of names) {
    const answer = await askWorker<T>(name, ['dlq', ...args], environment).catch((cause: Error) => {
      failure ??= new CliError({ exit: exitOf(cause), message: cause.message, cause })
      return null
    })
    if (answer !== null) answers.push(answer)
  }
  if (failure !== null && answers.length === 0) throw failure
  return { answers, failure }
}

/** What stands in the way of the worker itself, its configuration or its store's file, keeps its code. */
const exitOf = ({ cause }: Error): ExitCode => {
  const code = (cause as { readonly code?: unknown }).code
  return code === EXIT.io || code === EXIT.config ? code : EXIT.unavailable
}

const configured = ({ sqsQueueUrl, kafkaBootstrapServers }: Config): readonly AppName[] => [
  ...(sqsQueueUrl === null ? [] : (['sqs-worker'] as const)),
  ...(kafkaBootstrapServers === null ? [] : (['kafka-worker'] as const)),
]
