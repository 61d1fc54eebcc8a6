import { hash } from 'node:crypto'
import {
  type DeadLetter,
  type DeadLetterDestination,
  headerBytes,
  letterAttributes,
  placeOf,
  senderHeaders,
} from '@pebbles/intake'
import type { QueueClient } from './queue-client.ts'
import { toAttribute } from './sqs-message.ts'

/** What SQS takes: in one request and in one message, bytes of bodies and attributes together. */
const MAX_BYTES = 1024 * 1024
const MAX_ENTRIES = 10
const MAX_ATTRIBUTES = 10

type Entry = Parameters<QueueClient['send']>[1][number]

interface Sized {
  readonly index: number
  readonly entry: Entry
  readonly bytes: number
}

/** Sends refused messages on, each with the sender's own attributes. What SQS cannot carry is left for the store. */
export const createDeadLetterQueue = (client: Pick<QueueClient, 'send'>, url: string): DeadLetterDestination => ({
  send: async (letters) => {
    const sent = letters.map(() => false)
    const fitting = letters
      .map((letter, index) => ({ index, ...toEntry(letter, url.endsWith('.fifo')) }))
      .filter(
        ({ bytes, entry }) => bytes <= MAX_BYTES && Object.keys(entry.MessageAttributes ?? {}).length <= MAX_ATTRIBUTES,
      )
    for (const batch of inBatches(fitting)) {
      try {
        const undone = await client.send(
          url,
          batch.map(({ entry }) => entry),
        )
        for (const [at, { index }] of batch.entries()) sent[index] = !undone.has(at)
      } catch (error) {
        // What went before is there; the rest goes to the store.
        if (sent.includes(true)) break
        throw error
      }
    }
    return sent
  },
})

const toEntry = (letter: DeadLetter, fifo: boolean): Omit<Sized, 'index'> => {
  const { message, attempts } = letter
  const own = letterAttributes(letter).map(([name, value]) => [name, toAttribute(headerBytes(value))] as const)
  const senders = senderHeaders(message.headers).map(([name, value]) => [name, toAttribute(value)] as const)
  const body = typeof message.body === 'string' ? message.body : ''
  const attributes = [...senders, ...own]
  const bytes = attributes.reduce((sum, [name, value]) => sum + name.length + sizeOf(value), Buffer.byteLength(body))
  const group = message.key === null ? 'pebbles' : Buffer.from(message.key).toString()
  return {
    entry: {
      MessageBody: body,
      MessageAttributes: Object.fromEntries(attributes),
      ...(fifo
        ? { MessageGroupId: group, MessageDeduplicationId: hash('sha256', `${placeOf(message)}#${attempts}`, 'hex') }
        : {}),
    },
    bytes,
  }
}

const sizeOf = (value: { readonly StringValue?: string; readonly BinaryValue?: Uint8Array }): number =>
  (value.StringValue === undefined ? 0 : Buffer.byteLength(value.StringValue)) +
  (value.BinaryValue?.byteLength ?? 0) +
  6

const inBatches = (entries: readonly Sized[]): readonly (readonly Sized[])[] => {
  const batches: Sized[][] = []
  let bytes = 0
  for (const entry of entries) {
    const last = batches.at(-1)
    if (last === undefined || last.length === MAX_ENTRIES || bytes + entry.bytes > MAX_BYTES) {
      batches.push([entry])
      bytes = entry.bytes
    } else {
      last.push(entry)
      bytes += entry.bytes
    }
  }
  return batches
}
