import type { MessageOrigin } from '@pebbles/wire'

/** A message as a broker hands it over, nothing of it changed. */
export interface QueueMessage {
  readonly origin: MessageOrigin
  /** Names the delivery in the dead letters: the queue or topic, and the place in it. */
  readonly place: string
  readonly body: string | Uint8Array | null
  /** Of a Kafka record, or the group of a message in a FIFO queue. */
  readonly key: Uint8Array | null
  /** SQS attributes or Kafka headers, byte by byte. */
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[]
  /** By the broker, ms since 1970. */
  readonly sentAt: number
}

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
