import { headerBytes, headerTexts, type QueueMessage } from '@pebbles/intake'
import type { Message } from './queue-client.ts'

/** A received message, with what SQS needs to hear of it again. */
export interface Received {
  readonly message: QueueMessage
  readonly receipt: string
}

export const toReceived = (raw: Message, queue: string, now: number): Received => {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} } = raw
  const headers = Object.entries(MessageAttributes).map(
    ([name, { StringValue, BinaryValue }]) => [name, BinaryValue ?? headerBytes(StringValue ?? '')] as const,
  )
  const sentAt = Number(Attributes.SentTimestamp)
  return {
    message: {
      origin: { channel: 'sqs', queue, messageId: MessageId, attributes: headerTexts(headers) },
      body: Body,
      key: Attributes.MessageGroupId === undefined ? null : headerBytes(Attributes.MessageGroupId),
      headers,
      sentAt: Number.isFinite(sentAt) ? sentAt : now,
    },
    receipt: ReceiptHandle,
  }
}

/** The last part of a queue's address: its name. */
export const queueName = (url: string): string => new URL(url).pathname.split('/').filter(Boolean).at(-1) ?? url

const FATAL = new TextDecoder('utf-8', { fatal: true })

/** Text where SQS takes it as text, else bytes. */
export const toAttribute = (
  value: Uint8Array,
): { DataType: string; StringValue?: string; BinaryValue?: Uint8Array } => {
  try {
    const decoded = FATAL.decode(value)
    // SQS refuses an empty value and most control characters in text.
    if (
      decoded !== '' &&
      !/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/.test(decoded.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
    )
      return { DataType: 'String', StringValue: decoded }
  } catch {
    // Bytes stay bytes.
  }
  return { DataType: 'Binary', BinaryValue: value }
}
