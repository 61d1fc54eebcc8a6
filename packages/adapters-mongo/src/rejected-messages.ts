import { type KeptMessage, type RejectedMessage, type RejectedMessages, rejectedBytes } from '@pebbles/core'
import { Binary, ObjectId } from 'mongodb'
import type { Access } from './access.ts'
import { BOUNDED, UNORDERED } from './collections.ts'
import type { RejectedDocument } from './documents.ts'
import { insist } from './insist.ts'
import type { StoreDeps } from './store-deps.ts'
import { duplicatesOf, isDuplicate } from './store-errors.ts'

/**
 * The list of last resort, in a collection of its own that is never sharded. Its numbers come from one counter, taken
 * by whoever finds it as it was read; of two processes that look for room at once both may find it, and the list may
 * pass its bound by what is in flight.
 */
export const createRejectedMessages = (deps: StoreDeps & { readonly access: Access }): RejectedMessages => {
  const { access, collections } = deps
  const { rejected } = collections
  return {
    keep: (messages, maxBytes) =>
      access.call(async () => {
        // A delivery that stands twice in one call takes its own place.
        const newest = new Map(messages.map((message) => [message.origin, message]))
        const kept = [...newest.values()]
        if (kept.length === 0) return 'kept'
        if (!(await hasRoom(deps, kept, maxBytes))) return 'full'
        const last = await takeNumbers(deps, kept.length)
        await write(
          deps,
          kept.map((message, index) => toDocument(message, last - kept.length + index + 1)),
        )
        return 'kept'
      }),
    list: (limit, after) =>
      access.call(async () => {
        if (limit === 0) return []
        const documents = await rejected
          .find({ no: { $gt: after } }, { ...BOUNDED, limit })
          .sort({ no: 1 })
          .toArray()
        return documents.map(toMessage)
      }),
    drop: (nos) =>
      access.call(async () => {
        if (nos.length > 0) await insist(() => rejected.deleteMany({ no: { $in: [...nos] } }, BOUNDED))
      }),
    size: () => access.call(() => measure(deps)),
  }
}

const measure = async ({ collections: { rejected } }: StoreDeps) => {
  const [size] = await rejected
    .aggregate<{ messages: number; bytes: number }>(
      // Sorted, so that the index has the answer.
      [{ $sort: { bytes: 1 } }, { $group: { _id: null, messages: { $sum: 1 }, bytes: { $sum: '$bytes' } } }],
      BOUNDED,
    )
    .toArray()
  return { messages: size?.messages ?? 0, bytes: size?.bytes ?? 0 }
}

const hasRoom = async (deps: StoreDeps, messages: readonly RejectedMessage[], maxBytes: number): Promise<boolean> => {
  const { bytes } = await measure(deps)
  const replaced = await deps.collections.rejected
    .find({ origin: { $in: messages.map(({ origin }) => origin) } }, { ...BOUNDED, projection: { bytes: 1 } })
    .toArray()
  const freed = replaced.reduce((sum, message) => sum + message.bytes, 0)
  return bytes - freed + messages.reduce((sum, message) => sum + rejectedBytes(message), 0) <= maxBytes
}

/** The last of so many numbers that nobody else has. */
const takeNumbers = async ({ collections: { settings } }: StoreDeps, count: number): Promise<number> => {
  for (;;) {
    const { last = 0 } = (await settings.findOne({ _id: 'rejected' }, BOUNDED)) ?? {}
    if (last === 0) {
      try {
        await settings.insertOne({ _id: 'rejected', last: count }, BOUNDED)
        return count
      } catch (error) {
        if (!isDuplicate(error)) throw error
        continue
      }
    }
    const { modifiedCount } = await settings.updateOne(
      { _id: 'rejected', last },
      { $set: { last: last + count } },
      BOUNDED,
    )
    if (modifiedCount === 1) return last + count
  }
}

const write = async (
  { collections: { rejected } }: StoreDeps,
  documents: readonly RejectedDocument[],
): Promise<void> => {
  const writes = documents.map(({ _id, ...document }) => ({
    updateOne: { filter: { origin: document.origin }, update: { $set: document }, upsert: true },
  }))
  try {
    await insist(() => rejected.bulkWrite(writes, UNORDERED))
  } catch (error) {
    // Another kept the same delivery at the same moment: now it is there, and can be replaced.
    if (duplicatesOf(error) === null) throw error
    await insist(() => rejected.bulkWrite(writes, UNORDERED))
  }
}

const toDocument = (message: RejectedMessage, no: number): RejectedDocument => ({
  ...message,
  _id: new ObjectId(),
  no,
  bytes: rejectedBytes(message),
  body: message.body === null ? null : new Binary(message.body),
  key: message.key === null ? null : new Binary(message.key),
  headers: message.headers.map(([name, value]) => ({ name, value: new Binary(value) })),
})

const toMessage = ({ _id, bytes, body, key, headers, ...message }: RejectedDocument): KeptMessage => ({
  ...message,
  body: body === null ? null : plain(body),
  key: key === null ? null : plain(key),
  headers: headers.map(({ name, value }) => [name, plain(value)] as const),
})

const plain = (binary: Binary): Uint8Array => Uint8Array.from(binary.value())
