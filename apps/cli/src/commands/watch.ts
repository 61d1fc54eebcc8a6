import { setTimeout as delay } from 'node:timers/promises'
import type { ProgressRecord } from '@pebbles/wire'
import type { Context, StopSignal } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type Connection, connectionOf } from '../service/connection.ts'
import { createPoll, type PollFiles } from '../service/poll-files.ts'
import { clientsOf } from '../service/read-files.ts'
import { ServiceError } from '../service/service-error.ts'
import { escapeText } from '../terminal/escape-text.ts'
import type { BarState } from '../terminal/format-bar.ts'
import { formatDuration } from '../terminal/format-figures.ts'
import { createProgressBars, type ProgressBars } from '../terminal/progress-bars.ts'

export interface WatchOptions {
  readonly url?: string
  readonly client?: string
  /** ms */
  readonly every: number
  readonly json?: true
}

/** A file that ended longer ago than this at the start is not of interest. */
const ENDED_SHOWN_MS = 60_000
/** How often an administrator's watch looks for new clients. */
const CLIENTS_EVERY_MS = 10_000

/** Live bars of what runs. With filenames it ends when all of them have ended: 0 when all went well. */
export const run = async (filenames: readonly string[], options: WatchOptions, context: Context): Promise<ExitCode> => {
  const connection = await connectionOf(context, options.url)
  const stop = new AbortController()
  const off = context.onSignal((signal: StopSignal) => stop.abort(signal))
  const bars = options.json
    ? null
    : createProgressBars({ stream: context.stdout, color: context.color.stdout, now: context.now })
  const since = context.now() - ENDED_SHOWN_MS
  const seen = new Map<string, ProgressRecord>()
  const isWanted = (record: ProgressRecord): boolean =>
    filenames.length > 0
      ? filenames.includes(record.filename)
      : seen.has(keyOf(record)) || record.completedAt === null || Date.parse(record.completedAt) >= since
  const show = (record: ProgressRecord): void => {
    const before = seen.get(keyOf(record))
    if (before?.version === record.version && before.status === record.status) return
    seen.set(keyOf(record), record)
    if (bars === null) context.stdout.write(`${JSON.stringify(record)}\n`)
    else bars.set(keyOf(record), barOf(record, options.client === undefined, context.now()))
  }
  const polls = createPolls(connection, options.client, filenames, context)
  let away = false
  let waiting = false
  try {
    while (!stop.signal.aborted) {
      try {
        for (const poll of await polls())
          for (const record of (await poll(stop.signal)) ?? []) if (isWanted(record)) show(record)
        away = false
      } catch (error) {
        if (stop.signal.aborted) break
        // At the start it is an error; later a service may be restarted.
        if (!(error instanceof ServiceError) || error.retryAfterMs === null || (seen.size === 0 && !away && !waiting))
          throw error
        if (!away) say(bars, context, `${error.message} Waiting for it to come back.`)
        away = true
      }
      const ended = filenames.length > 0 && endOf(filenames, [...seen.values()])
      if (ended !== false) return ended
      if (seen.size === 0 && !waiting && !away) say(bars, context, waitingFor(filenames))
      waiting = true
      await delay(options.every, undefined, { signal: stop.signal }).catch(() => undefined)
    }
    return EXIT.ok
  } finally {
    off()
    bars?.close()
  }
}

const keyOf = ({ clientKrn, filename }: ProgressRecord): string => `${clientKrn} ${filename}`

const say = (bars: ProgressBars | null, { stderr }: Context, text: string): void => {
  if (bars !== null && stderr.isTTY === true) bars.log(text)
  else stderr.write(`${text}\n`)
}

const waitingFor = (filenames: readonly string[]): string =>
  filenames.length === 0
    ? 'Nothing runs now; waiting for reports.'
    : `Waiting for ${filenames.map(escapeText).join(', ')}.`

/** False while a file is missing or running. */
const endOf = (filenames: readonly string[], records: readonly ProgressRecord[]): ExitCode | false => {
  const all = filenames.every((name) => records.some(({ filename }) => filename === name))
  if (!all || records.some(({ isCompleted }) => !isCompleted)) return false
  return records.every(({ status }) => status === 'completed') ? EXIT.ok : EXIT.failed
}

const createPolls = (
  connection: Connection,
  client: string | undefined,
  filenames: readonly string[],
  { now }: Context,
): (() => Promise<readonly PollFiles[]>) => {
  const polls = new Map<string, PollFiles>()
  let asked = Number.NEGATIVE_INFINITY
  return async () => {
    if (now() - asked >= CLIENTS_EVERY_MS) {
      for (const { clientKrn } of await clientsOf(connection, client))
        for (const search of filenames.length > 0 ? filenames : [undefined]) {
          const key = `${clientKrn} ${search ?? ''}`
          if (!polls.has(key)) polls.set(key, createPoll(connection, clientKrn, search))
        }
      asked = now()
    }
    return [...polls.values()]
  }
}

const barOf = (record: ProgressRecord, withClient: boolean, now: number): BarState => ({
  label: escapeText(withClient ? `${shortClient(record.clientKrn)} ${record.filename}` : record.filename),
  counts: record.counts,
  total: record.total,
  rate: record.rate,
  etaMs: record.eta === null ? null : Math.max(0, Date.parse(record.eta) - now),
  status: record.status,
  ...(record.reason === null
    ? record.completedAt === null
      ? {}
      : { note: `in ${formatDuration(Date.parse(record.completedAt) - Date.parse(record.createdAt))}` }
    : { note: escapeText(record.reason) }),
})

/** The last segment of a KRN tells clients of one company apart. */
const shortClient = (krn: string): string => krn.slice(krn.lastIndexOf(':') + 1)
