import { type DeadLetter, type DeadLetterDestination, letterAttributes, senderHeaders } from '@pebbles/intake'
import kafkajs, { type IHeaders, type Message } from 'kafkajs'
import { sendRecords } from './send-records.ts'

export interface DeadLetterTopic extends DeadLetterDestination {
  readonly stop: () => Promise<void>
}

/** Sends refused messages on: key, value and headers as they were, and ours beside them. */
export const createDeadLetterTopic = (kafka: kafkajs.Kafka, topic: string): DeadLetterTopic => {
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    // It must be told soon: the group waits meanwhile, and the store takes what this does not.
    retry: { retries: 2, maxRetryTime: 3_000 },
  })
  let connecting: Promise<void> | null = null
  const connect = (): Promise<void> => {
    connecting ??= producer.connect().catch((error: unknown) => {
      connecting = null
      throw error
    })
    return connecting
  }
  producer.on('producer.disconnect', () => {
    connecting = null
  })
  return {
    send: async (letters) => {
      await connect()
      return sendRecords(producer, topic, letters.map(toMessage))
    },
    stop: async () => {
      if (connecting !== null) await producer.disconnect()
    },
  }
}

const CONNECT = '__connect.errors.'

const toMessage = (letter: DeadLetter): Message => {
  const { message, reason } = letter
  const headers = Object.create(null) as IHeaders
  const add = (name: string, value: string | Buffer): void => {
    const before = headers[name]
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  for (const [name, value] of senderHeaders(message.headers))
    if (!name.startsWith(CONNECT)) add(name, Buffer.from(value))
  for (const [name, value] of letterAttributes(letter)) add(name, value)
  if (message.origin.channel === 'kafka') {
    // Tools for Kafka Connect read these.
    add(`${CONNECT}topic`, message.origin.topic)
    add(`${CONNECT}partition`, String(message.origin.partition))
    add(`${CONNECT}offset`, message.origin.offset)
    add(`${CONNECT}exception.message`, reason)
  }
  return {
    key: message.key === null ? null : Buffer.from(message.key),
    value: message.body === null ? null : Buffer.from(message.body as Uint8Array),
    headers,
    // No timestamp, which a header has: brokers delete by it, and an old letter would go at once.
  }
}
