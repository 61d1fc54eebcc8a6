import { randomUUID } from 'node:crypto'
import type { UpdateAnswer } from '@pebbles/wire'
import { CliError } from '../cli-error.ts'
import type { Context, Input } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { connectionOf } from '../service/connection.ts'
import { type OutgoingIssue, sendUpdate } from '../service/send-update.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatCount, formatDuration } from '../terminal/format-figures.ts'
import { printJson, printLine } from '../terminal/print.ts'

export interface SendOptions {
  readonly url?: string
  readonly client: string
  readonly filename?: string
  readonly done?: number
  readonly warn?: number
  readonly failed?: number
  readonly total?: number
  readonly last?: true
  readonly outcome?: 'succeeded' | 'failed' | 'cancelled'
  readonly reason?: string
  readonly error?: readonly string[]
  readonly warning?: readonly string[]
  readonly key?: string
  readonly wait: number
  readonly json?: true
}

const STDIN_BYTES_MAX = 64 * 1024 * 1024

/** One update, from flags or as JSON on standard input. */
export const run = async (options: SendOptions, context: Context): Promise<ExitCode> => {
  const update = options.filename === undefined ? await readUpdate(context.stdin) : updateOf(options.filename, options)
  const connection = await connectionOf(context, options.url)
  const own = updateIdOf(update)
  const key = options.key ?? own ?? randomUUID()
  const { answer, replayed } = await sendUpdate(connection, options.client, update, {
    key,
    patienceMs: options.wait,
    failFast: true,
    onTrouble: (error) =>
      void context.stderr.write(`${error.message} Trying again for up to ${formatDuration(options.wait)}.\n`),
  })
  if (options.json) await printJson(context.stdout, answer)
  else await printLine(context.stdout, renderAnswer(answer, replayed))
  return EXIT.ok
}

const updateOf = (filename: string, options: SendOptions): object => {
  const { done = 0, warn = 0, failed = 0, total, last, outcome, reason } = options
  if (last === undefined && (outcome !== undefined || reason !== undefined))
    throw new CliError({ exit: EXIT.usage, message: '--outcome and --reason go with --last.', next: 'Add --last.' })
  return {
    filename,
    counts: { done, warn, failed },
    ...(total === undefined ? {} : { total }),
    ...(last === undefined ? {} : { isLast: true }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(reason === undefined ? {} : { reason }),
    errors: (options.error ?? []).map(issueOf),
    warnings: (options.warning ?? []).map(issueOf),
  }
}

/** `12:text` is an issue of line 12, everything else one without a line. */
const issueOf = (text: string): OutgoingIssue => {
  const [, line, message] = /^(\d{1,15}):(.+)$/s.exec(text) ?? []
  return line === undefined || message === undefined || Number(line) === 0
    ? { message: text }
    : { line: Number(line), message }
}

const readUpdate = async (stdin: Input): Promise<unknown> => {
  if (stdin.isTTY === true)
    throw new CliError({
      exit: EXIT.usage,
      message: 'Which file?',
      next: 'Give --filename and counts (--done 10), or the update as JSON on standard input.',
    })
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    chunks.push(chunk as Buffer)
    length += (chunk as Buffer).length
    if (length > STDIN_BYTES_MAX) throw new CliError({ exit: EXIT.data, message: 'The update is longer than 64 MiB.' })
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '')
    throw new CliError({
      exit: EXIT.data,
      message: 'There is no --filename, and nothing came on standard input.',
      next: 'For example {"filename":"orders.csv","counts":{"done":10,"warn":0,"failed":0}}',
    })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError({
      exit: EXIT.data,
      message: `Standard input is not valid JSON (${escapeText((error as Error).message)}).`,
      next: 'For example {"filename":"orders.csv","counts":{"done":10,"warn":0,"failed":0}}',
    })
  }
}

/** An id that the update brings along is its key, so that it is not hidden by another. */
const updateIdOf = (update: unknown): string | undefined => {
  const id = typeof update === 'object' && update !== null && 'updateId' in update ? update.updateId : undefined
  return typeof id === 'string' && /^[\u0020-\u007e]{1,255}$/.test(id) ? id : undefined
}

const renderAnswer = (answer: UpdateAnswer, replayed: boolean): string => {
  const name = escapeText(answer.filename)
  if (!('counts' in answer)) return `${name}: counted before, in a file that was deleted or moved since`
  const { done, warn, failed } = answer.counts
  const sums = `${formatCount(done)} done, ${formatCount(warn)} warned, ${formatCount(failed)} failed`
  const total = answer.total === null ? '' : ` of ${formatCount(answer.total)}`
  const end = answer.isCompleted ? ', completed' : ''
  return `${name}: ${replayed ? 'counted before' : answer.result}; now ${sums}${total}${end}`
}
