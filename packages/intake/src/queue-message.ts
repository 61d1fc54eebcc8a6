import type { MessageOrigin } from '@pebbles/wire'

/** A message as a broker hands it over, nothing of it changed. */
export interface QueueMessage {
  readonly origin: MessageOrigin
  readonly body: string | Uint8Array | null
  /** Of a Kafka record, or the group of a message in a FIFO queue. */
  readonly key: Uint8Array | null
  /** SQS attributes or Kafka headers, byte by byte. */
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[]
  /** By the broker, ms since 1970. */
  readonly sentAt: number
}

/** Names a delivery in the dead letters: the queue or topic, and the place in it. Made for the few that go there. */
export const placeOf = ({ origin }: QueueMessage): string =>
  origin.channel === 'sqs'
    ? `sqs:${origin.queue}/${origin.messageId}`
    : `kafka:${origin.topic}/${origin.partition}/${origin.offset}/${origin.timestamp}`

/** The first value of each header, as text, names folded. */
export const headerTexts = (headers: QueueMessage['headers']): ReadonlyMap<string, string> => {
  if (headers.length === 0) return NO_HEADERS
  const texts = new Map<string, string>()
  for (const [name, value] of headers) {
    const folded = name.toLowerCase()
    if (!texts.has(folded)) texts.set(folded, DECODER.decode(value))
  }
  return texts
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map()
const DECODER = new TextDecoder()

/** A header as it is sent. */
export const headerBytes = (text: string): Uint8Array => ENCODER.encode(text)

const ENCODER = new TextEncoder()
