import { type DeadLetter, type DeadLetterDestination, letterAttributes, senderHeaders } from '@pebbles/intake'
import kafkajs, { type Message } from 'kafkajs'
import { sendRecords, toMessage } from './send-records.ts'

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
      return sendRecords(producer, topic, letters.map(letterOf))
    },
    stop: async () => {
      if (connecting !== null) await producer.disconnect()
    },
  }
}

const CONNECT = '__connect.errors.'

const letterOf = (letter: DeadLetter): Message => {
  const { message, reason } = letter
  const headers: [name: string, value: string | Uint8Array][] = []
  for (const [name, value] of senderHeaders(message.headers)) if (!name.startsWith(CONNECT)) headers.push([name, value])
  for (const [name, value] of letterAttributes(letter)) headers.push([name, value])
  if (message.origin.channel === 'kafka') {
    // Tools for Kafka Connect read these.
    headers.push([`${CONNECT}topic`, message.origin.topic])
    headers.push([`${CONNECT}partition`, String(message.origin.partition)])
    headers.push([`${CONNECT}offset`, message.origin.offset])
    headers.push([`${CONNECT}exception.message`, reason])
  }
  // No timestamp, which a header has: brokers delete by it, and an old letter would go at once.
  return toMessage(message.key, message.body, headers)
}
