import type { Message, Producer } from 'kafkajs'
import { cutRuns } from './cut-runs.ts'
import { hasErrorType } from './error-type.ts'

/** A broker takes 1 MiB at once, unless it was told otherwise. */
const CHUNK_BYTES = 256 * 1024

/**
 * Sends records to one topic, all that fit together. One answer for each, in order: false when it alone is too large
 * for the topic. Rejects when the topic is away; then it is not sure which of them it has.
 */
export const sendRecords = async (
  producer: Pick<Producer, 'send'>,
  topic: string,
  messages: readonly Message[],
): Promise<readonly boolean[]> => {
  const send = async (chunk: readonly Message[]): Promise<readonly boolean[]> => {
    try {
      await producer.send({ topic, messages: [...chunk], acks: -1, timeout: 5_000 })
      return chunk.map(() => true)
    } catch (error) {
      if (!hasErrorType(error, TOO_LARGE)) throw error
      if (chunk.length === 1) return [false]
      // One that is too large must not take the others along.
      const half = chunk.length >> 1
      return [...(await send(chunk.slice(0, half))), ...(await send(chunk.slice(half)))]
    }
  }
  const sent: boolean[] = []
  for (const chunk of cutRuns(messages, sizeOf, { bytes: CHUNK_BYTES }))
    for (const one of await send(chunk)) sent.push(one)
  return sent
}

/** A record as a producer takes it. A header may stand there a hundred thousand times, and have any name. */
export const toMessage = (
  key: Uint8Array | null,
  value: Uint8Array | string | null,
  headers: Iterable<readonly [name: string, value: Uint8Array | string]>,
): Message => {
  const all = Object.create(null) as Record<string, Buffer[]>
  for (const [name, one] of headers) {
    all[name] ??= []
    all[name].push(Buffer.from(one))
  }
  return {
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: all,
  }
}

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])

const sizeOf = ({ key, value, headers = {} }: Message): number =>
  Object.entries(headers)
    .flatMap(([name, values]) => [name, ...(Array.isArray(values) ? values : [values])])
    .reduce((sum, part) => sum + (part?.length ?? 0), (key?.length ?? 0) + (value?.length ?? 0))
