import { hash } from 'node:crypto'
import type { RejectedMessages } from '@pebbles/core'
import {
  type DeadLetterRow,
  listRejected,
  type Replayed,
  replayHeaders,
  replayRejected,
  resentHeaders,
  rowOfLetter,
} from '@pebbles/intake'
import { faultOf, type Message, type QueueClient } from './queue-client.ts'
import { type Entry, sendEntries } from './send-entries.ts'
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

/** How many there are, and some of them. Those that were received for it are given back at once. */
export const listDeadLetters = async (
  { client, deadLetterUrl, rejected, now }: HandleDeadLettersDeps,
  limit: number,
): Promise<{ readonly total: number; readonly rows: readonly DeadLetterRow[] }> => {
  const kept = await listRejected(rejected, 'sqs', limit)
  if (deadLetterUrl === null) return kept
  const total = kept.total + (await client.depth(deadLetterUrl))
  // Rows, not messages: of each there may be a mebibyte.
  const rows = [...kept.rows]
  const receipts: string[] = []
  try {
    while (rows.length < limit) {
      const found = await client.receive(deadLetterUrl, 1, HIDDEN_SECONDS)
      if (found.length === 0) break
      for (const raw of found) {
        rows.push(rowOfLetter('sqs', toReceived(raw, '', now()).message.headers))
        receipts.push(raw.ReceiptHandle ?? '')
      }
    }
  } finally {
    await giveBack(client, deadLetterUrl, receipts)
  }
  return { total, rows: rows.slice(0, limit) }
}

/** Sends all dead letters that are older than this run to their queue again, each under the id it had. */
export const replayDeadLetters = async (deps: HandleDeadLettersDeps): Promise<Replayed> => {
  const { client, queueUrl, deadLetterUrl, rejected, now } = deps
  const before = now()
  const fifo = queueUrl.endsWith('.fifo')
  /**
   * What this run sends, and how often it was refused before: refused again it comes back, whatever the clocks say. By
   * the body, too: two files may use the same ids.
   */
  const sentOn = new Map<number, number>()
  const noteSent = (body: string, { updateId, attempts }: Sent): void => {
    const key = sentKey(updateId, body)
    sentOn.set(key, Math.max(attempts, sentOn.get(key) ?? 0))
  }
  const kept = await replayRejected({
    rejected,
    channel: 'sqs',
    send: (messages) => {
      const entries = messages.map((one) => {
        const body = Buffer.from(one.body ?? []).toString()
        noteSent(body, one)
        return toEntry(body, replayHeaders(one), one.key, fifo, `${one.origin}#${one.at}`)
      })
      return sendEntries(client, queueUrl, entries)
    },
  })
  if (deadLetterUrl === null) return kept
  const cameBack = (body: string, { updateId, attempts }: Sent): boolean =>
    attempts > (sentOn.get(sentKey(updateId, body)) ?? Number.POSITIVE_INFINITY)
  const { cause, ...letters } = await replayQueue(client, deadLetterUrl, { before, cameBack }, (messages) =>
    sendEntries(
      client,
      queueUrl,
      messages.map((raw) => {
        const { message } = toReceived(raw, '', before)
        noteSent(String(message.body), rowOfLetter('sqs', message.headers))
        const headers = resentHeaders(message.headers)
        return toEntry(String(message.body), headers, message.key, fifo, `${raw.MessageId}`)
      }),
    ),
  )
  const replayed = kept.replayed + letters.replayed
  if (cause !== null && replayed === 0) throw cause
  const stopped = cause === null ? {} : { stopped: faultOf(cause) }
  return { ...letters, replayed, left: kept.left + letters.left, ...stopped }
}

type Sent = Pick<DeadLetterRow, 'updateId' | 'attempts'>

/** A number, as there may be millions of them. Two that fall together are one letter that waits for the next run. */
const sentKey = (updateId: string | null, body: string): number =>
  Number(hash('sha256', `${updateId} ${body}`, 'buffer').readBigUInt64BE() >> 11n)

/** Of a dead-letter queue: those that cannot be sent stay in it, and hold up no other. With what it failed of, if it did. */
const replayQueue = async (
  client: QueueClient,
  url: string,
  { before, cameBack }: { readonly before: number; readonly cameBack: (body: string, letter: Sent) => boolean },
  send: (messages: readonly Message[]) => Promise<readonly boolean[]>,
): Promise<Replayed & { readonly cause: unknown }> => {
  let replayed = 0
  let cause: unknown = null
  /** By their ids, as each may be received again meanwhile: the receipts of those that were not sent, and of newer ones. */
  const left = new Map<string, string>()
  const newer = new Map<string, string>()
  const again = new Map<string, string>()
  try {
    let sentSome = false
    // A queue has no order: what came back meanwhile may be in front of what is due.
    for (let idle = 0; idle < IDLE_BATCHES; ) {
      const found = await client.receive(url, 1, HIDDEN_SECONDS)
      if (found.length === 0) {
        // One that is in hand keeps the rest of its group from us: given back, it comes along with some of them.
        if (!sentSome || left.size === 0 || !url.endsWith('.fifo')) break
        sentSome = false
        await giveBack(client, url, [...left.values()])
        continue
      }
      const due: Message[] = []
      for (const raw of found) {
        const { MessageId = '', ReceiptHandle = '' } = raw
        if (left.has(MessageId)) left.set(MessageId, ReceiptHandle)
        else if (cameBack(raw.Body ?? '', rowOfLetter('sqs', toReceived(raw, '', before).message.headers)))
          again.set(MessageId, ReceiptHandle)
        else if (Number(raw.Attributes?.SentTimestamp ?? 0) < before) due.push(raw)
        else newer.set(MessageId, ReceiptHandle)
      }
      idle = due.length === 0 ? idle + 1 : 0
      if (due.length === 0) continue
      for (const { MessageId = '', ReceiptHandle = '' } of due) left.set(MessageId, ReceiptHandle)
      const sent = await send(due)
      const done = due.filter((_, index) => sent[index] === true)
      // Killed between the two, it is sent twice, and counts once: by its update id.
      if (done.length > 0)
        await client.delete(
          url,
          done.map(({ ReceiptHandle = '' }) => ReceiptHandle),
        )
      for (const { MessageId = '' } of done) left.delete(MessageId)
      sentSome ||= done.length > 0
      replayed += done.length
    }
  } catch (error) {
    cause = error
  }
  // When that is away, too, they come back by themselves.
  const givenBack = giveBack(client, url, [...left.values(), ...newer.values(), ...again.values()])
  await (cause === null ? givenBack : givenBack.catch(() => undefined))
  return { replayed, left: left.size, newer: newer.size, cause }
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

const giveBack = async (client: QueueClient, url: string, receipts: readonly string[]): Promise<void> => {
  for (let from = 0; from < receipts.length; from += BATCH)
    await client.setVisibility(url, receipts.slice(from, from + BATCH), 0)
}
