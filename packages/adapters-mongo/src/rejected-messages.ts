import { type KeptMessage, type RejectedMessage, type RejectedMessages, rejectedBytes } from '@pebbles/core'
import { Binary, ObjectId } from 'mongodb'
import type { Access } from './access.ts'
import { BOUNDED, UNORDERED } from './collections.ts'
import type { RejectedDocument } from './documents.ts'
import { insist } from './insist.ts'
import { createRoom, measure, ofChannel } from './rejected-room.ts'
import type { StoreDeps } from './store-deps.ts'
import { duplicatesOf } from './store-errors.ts'

/** The list of last resort, in a collection of its own that is never sharded. */
export const createRejectedMessages = (deps: StoreDeps & { readonly access: Access }): RejectedMessages => {
  const { access, collections } = deps
  const { rejected } = collections
  const takeRoom = createRoom(deps)
  return {
    keep: (messages, maxBytes) =>
      access.call(async () => {
        // A delivery that stands twice in one call takes its own place.
        const newest = new Map(messages.map((message) => [message.origin, message]))
        const kept = [...newest.values()]
        if (kept.length === 0) return 'kept'
        const last = await takeRoom(kept, maxBytes)
        if (last === null) return 'full'
        await write(
          deps,
          kept.map((message, index) => toDocument(message, last - kept.length + index + 1)),
        )
        return 'kept'
      }),
    list: (limit, after, channel) =>
      access.call(async () => {
        if (limit === 0) return []
        const documents = await rejected
          .find({ ...ofChannel(channel), no: { $gt: after } }, { ...BOUNDED, limit })
          .sort({ no: 1 })
          .toArray()
        return documents.map(toMessage)
      }),
    drop: (nos) =>
      access.call(async () => {
        if (nos.length > 0) await insist(() => rejected.deleteMany({ no: { $in: [...nos] } }, BOUNDED))
      }),
    last: (channel) =>
      access.call(async () => {
        const newest = { ...BOUNDED, sort: { no: -1 }, projection: { no: 1 } } as const
        return (await rejected.findOne(ofChannel(channel), newest))?.no ?? 0
      }),
    size: (channel) => access.call(() => measure(deps, channel)),
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
