import { hash } from 'node:crypto'
import type { RejectedMessages } from '@pebbles/core'
import {
  type DeadLetterRow,
  replayHeaders,
  replayRejected,
  resentHeaders,
  rowOfKept,
  rowOfLetter,
} from '@pebbles/intake'
import type { Message, QueueClient } from './queue-client.ts'
import { toAttribute, toReceived } from './sqs-message.ts'

export interface HandleDeadLettersDeps {
  readonly client: QueueClient
  readonly queueUrl: string
  readonly deadLetterUrl: string | null
  readonly rejected: RejectedMessages | null
  readonly now: () => number
}

const BATCH = 10
const HIDDEN_SECONDS = 60
/** So many batches without one that is due are taken for the end: a queue may fill faster than it is read. */
const IDLE_BATCHES = 100

type Entry = Parameters<QueueClient['send']>[1][number]

/** How many there are, and some of them. Those that were received for it are given back at once. */
export const listDeadLetters = async (
  { client, deadLetterUrl, rejected, now }: HandleDeadLettersDeps,
  limit: number,
): Promise<{ readonly total: number; readonly rows: readonly DeadLetterRow[] }> => {
  const rows = ((await rejected?.list(limit, 0, 'sqs')) ?? []).map(rowOfKept)
  const kept = (await rejected?.size('sqs'))?.messages ?? 0
  if (deadLetterUrl === null) return { total: kept, rows }
  const total = kept + (await client.depth(deadLetterUrl))
  const sample: Message[] = []
  try {
    while (rows.length + sample.length < limit) {
      const found = await client.receive(deadLetterUrl, 1, HIDDEN_SECONDS)
      if (found.length === 0) break
      sample.push(...found)
    }
  } finally {
    await giveBack(client, deadLetterUrl, sample)
  }
  const letters = sample.map((raw) => rowOfLetter('sqs', toReceived(raw, '', now()).message.headers))
  return { total, rows: [...rows, ...letters].slice(0, limit) }
}

/** Sends all dead letters that are older than this run to their queue again, each under the id it had. */
export const replayDeadLetters = async (deps: HandleDeadLettersDeps): Promise<number> => {
  const { client, queueUrl, deadLetterUrl, rejected, now } = deps
  const before = now()
  const send = async (entries: readonly Entry[]): Promise<readonly boolean[]> => {
    const sent: boolean[] = []
    for (let from = 0; from < entries.length; from += BATCH) {
      const batch = entries.slice(from, from + BATCH)
      const undone = await client.send(queueUrl, batch)
      sent.push(...batch.map((_, index) => !undone.has(index)))
    }
    return sent
  }
  const fifo = queueUrl.endsWith('.fifo')
  let replayed = 0
  if (rejected !== null)
    replayed += await replayRejected({
      rejected,
      channel: 'sqs',
      before,
      send: (messages) =>
        send(
          messages.map((kept) =>
            toEntry(
              Buffer.from(kept.body ?? []).toString(),
              replayHeaders(kept),
              kept.key,
              fifo,
              `${kept.origin}#${kept.at}`,
            ),
          ),
        ),
    })
  if (deadLetterUrl === null) return replayed
  const newer: Message[] = []
  try {
    // A queue has no order: what came back meanwhile may be in front of what is due.
    for (let idle = 0; idle < IDLE_BATCHES; ) {
      const found = await client.receive(deadLetterUrl, 1, HIDDEN_SECONDS)
      if (found.length === 0) break
      const due = found.filter((raw) => Number(raw.Attributes?.SentTimestamp ?? 0) < before)
      newer.push(...found.filter((raw) => !due.includes(raw)))
      idle = due.length === 0 ? idle + 1 : 0
      if (due.length === 0) continue
      const entries = due.map((raw) => {
        const { message } = toReceived(raw, '', before)
        return toEntry(String(message.body), resentHeaders(message.headers), message.key, fifo, `${raw.MessageId}`)
      })
      const sent = await send(entries)
      const done = due.filter((_, index) => sent[index] === true)
      const receipts = done.map(({ ReceiptHandle = '' }) => ReceiptHandle)
      // Killed between the two, it is sent twice, and counts once: by its update id.
      if (receipts.length > 0) await client.delete(deadLetterUrl, receipts)
      replayed += done.length
      if (done.length < due.length) break
    }
  } finally {
    await giveBack(client, deadLetterUrl, newer)
  }
  return replayed
}

const toEntry = (
  MessageBody: string,
  headers: readonly (readonly [string, Uint8Array])[],
  key: Uint8Array | null,
  fifo: boolean,
  once: string,
): Entry => ({
  MessageBody,
  MessageAttributes: Object.fromEntries(headers.map(([name, value]) => [name, toAttribute(value)])),
  ...(fifo
    ? {
        MessageGroupId: key === null ? 'pebbles' : Buffer.from(key).toString(),
        MessageDeduplicationId: hash('sha256', once, 'hex'),
      }
    : {}),
})

const giveBack = async (client: QueueClient, url: string, messages: readonly Message[]): Promise<void> => {
  for (let from = 0; from < messages.length; from += BATCH) {
    const batch = messages.slice(from, from + BATCH)
    await client.setVisibility(
      url,
      batch.map(({ ReceiptHandle = '' }) => ReceiptHandle),
      0,
    )
  }
}
