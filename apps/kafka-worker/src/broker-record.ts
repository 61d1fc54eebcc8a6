import type { KafkaMessage } from 'kafkajs'

/** A record as everything behind the client knows it, nothing of it changed. */
export interface BrokerRecord {
  readonly offset: string
  readonly timestamp: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[]
}

/** What the patched client makes of a batch that cannot be decoded, in the place of its last record. */
export type Undecodable = KafkaMessage & { readonly undecodable: unknown }

export const isUndecodable = (message: KafkaMessage | undefined): message is Undecodable =>
  message !== undefined && 'undecodable' in message

export const toRecord = ({ offset, timestamp, key, value, headers = {} }: KafkaMessage): BrokerRecord => ({
  offset,
  timestamp,
  key,
  value,
  headers: toHeaders(headers),
})

const toHeaders = (headers: NonNullable<KafkaMessage['headers']>): BrokerRecord['headers'] => {
  const names = Object.keys(headers)
  if (names.length === 0) return NO_HEADERS
  return names.flatMap((name) =>
    [headers[name]]
      .flat()
      .map((one) => [name, typeof one === 'string' ? Buffer.from(one) : (one ?? Buffer.alloc(0))] as const),
  )
}

const NO_HEADERS: BrokerRecord['headers'] = []
