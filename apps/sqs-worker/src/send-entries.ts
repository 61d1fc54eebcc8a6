import type { QueueClient } from './queue-client.ts'

export type Entry = Parameters<QueueClient['send']>[1][number]

/** The most that a queue takes: in one request and in one message, bytes of bodies and attributes together. */
const MAX_BYTES = 1024 * 1024
const MAX_ENTRIES = 10
const MAX_ATTRIBUTES = 10

interface Sized {
  readonly index: number
  readonly entry: Entry
  readonly bytes: number
}

/**
 * Sends messages, as many at once as the queue takes. One answer for each, in order: true when the queue has it. What
 * SQS cannot carry is not asked for, as it would refuse the others of its request, too. Rejects when the queue is away,
 * and then has none of them for sure.
 */
export const sendEntries = async (
  client: Pick<QueueClient, 'send'>,
  url: string,
  entries: readonly Entry[],
): Promise<readonly boolean[]> => {
  const sent = entries.map(() => false)
  const fitting = entries.map((entry, index) => ({ index, entry, bytes: bytesOf(entry) })).filter(isCarried)
  const waiting = [...inBatches(fitting)]
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    try {
      const undone = await client.send(
        url,
        batch.map(({ entry }) => entry),
      )
      for (const [at, { index }] of batch.entries()) sent[index] = !undone.has(at)
    } catch (error) {
      if (isTooLong(error)) {
        if (batch.length > 1) waiting.unshift(...halvesOf(batch))
        continue
      }
      // What went before is there.
      if (sent.includes(true)) break
      throw error
    }
  }
  return sent
}

/** A queue may take less, by its MaximumMessageSize, which holds for a request, too: so it is not away. */
const isTooLong = (error: unknown): boolean =>
  error instanceof Error && /TooLong|must be shorter than/.test(`${error.name} ${error.message}`)

const halvesOf = (batch: readonly Sized[]): readonly (readonly Sized[])[] => {
  const half = Math.ceil(batch.length / 2)
  return [batch.slice(0, half), batch.slice(half)]
}

const isCarried = ({ entry, bytes }: Sized): boolean =>
  entry.MessageBody !== '' && bytes <= MAX_BYTES && Object.keys(entry.MessageAttributes ?? {}).length <= MAX_ATTRIBUTES

const bytesOf = ({ MessageBody = '', MessageAttributes = {} }: Entry): number =>
  Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.byteLength ?? 0),
    Buffer.byteLength(MessageBody),
  )

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
