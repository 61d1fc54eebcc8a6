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
import { type Entry, sendEntries } from './send-entries.ts'
import { toAttribute } from './sqs-message.ts'

/** Sends refused messages on, each with the sender's own attributes. What SQS cannot carry is left for the store. */
export const createDeadLetterQueue = (client: Pick<QueueClient, 'send'>, url: string): DeadLetterDestination => ({
  send: (letters) =>
    sendEntries(
      client,
      url,
      letters.map((letter) => toEntry(letter, url.endsWith('.fifo'))),
    ),
})

const toEntry = (letter: DeadLetter, fifo: boolean): Entry => {
  const { message, attempts } = letter
  const own = letterAttributes(letter).map(([name, value]) => [name, toAttribute(headerBytes(value))] as const)
  const senders = senderHeaders(message.headers).map(([name, value]) => [name, toAttribute(value)] as const)
  const group = message.key === null ? 'pebbles' : Buffer.from(message.key).toString()
  return {
    MessageBody: typeof message.body === 'string' ? message.body : '',
    MessageAttributes: Object.fromEntries([...senders, ...own]),
    ...(fifo
      ? { MessageGroupId: group, MessageDeduplicationId: hash('sha256', `${placeOf(message)}#${attempts}`, 'hex') }
      : {}),
  }
}
