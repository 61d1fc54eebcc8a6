import { type KeptMessage, type RejectedMessage, type RejectedMessages, rejectedBytes } from '@pebbles/core'
import { Binary, ObjectId } from 'mongodb'
import type { Access } from './access.ts'
import { BOUNDED, UNORDERED } from './collections.ts'
import type { RejectedDocument, SettingDocument } from './documents.ts'
import { insist } from './insist.ts'
import type { StoreDeps } from './store-deps.ts'
import { duplicatesOf, isDuplicate } from './store-errors.ts'

/**
 * The list of last resort, in a collection of its own that is never sharded. One document has the last number that was
 * given, and at most how many bytes there are: each keep adds its own, and nothing takes any off, no drop, no process
 * that died before it wrote. Only where that would pass the bound, the sizes of all are added up, which takes a second
 * for a million. What others are just writing is not seen then: the list may pass its bound by what is in flight.
 */
export const createRejectedMessages = (deps: StoreDeps & { readonly access: Access }): RejectedMessages => {
  const { access, collections } = deps
  const { rejected } = collections
  const look = createLook(deps)
  return {
    keep: (messages, maxBytes) =>
      access.call(async () => {
        // A delivery that stands twice in one call takes its own place.
        const newest = new Map(messages.map((message) => [message.origin, message]))
        const kept = [...newest.values()]
        if (kept.length === 0) return 'kept'
        const last = await takeRoom(deps, look, kept, maxBytes)
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
    size: (channel) => access.call(() => measure(deps, channel)),
  }
}

const ofChannel = (channel: KeptMessage['channel'] | undefined) => (channel === undefined ? {} : { channel })

const measure = async ({ collections: { rejected } }: StoreDeps, channel?: KeptMessage['channel']) => {
  const [size] = await rejected
    .aggregate<{ messages: number; bytes: number }>(
      [
        { $match: ofChannel(channel) },
        // Sorted, so that the index has the answer.
        { $sort: { channel: 1, no: 1 } },
        { $group: { _id: null, messages: { $sum: 1 }, bytes: { $sum: '$bytes' } } },
      ],
      BOUNDED,
    )
    .toArray()
  return { messages: size?.messages ?? 0, bytes: size?.bytes ?? 0 }
}

/** The last number that was given, and then how many bytes there are. */
type Look = () => Promise<{ readonly last: number; readonly bytes: number }>

/** One for all who ask meanwhile. */
const createLook = (deps: StoreDeps): Look => {
  let underWay: ReturnType<Look> | null = null
  const look: Look = async () => {
    const { last = 0 } = await readMark(deps)
    return { last, bytes: (await measure(deps)).bytes }
  }
  return () => {
    underWay ??= look().finally(() => {
      underWay = null
    })
    return underWay
  }
}

/** The last of so many numbers that nobody else has, with room for these messages; null when there is none. */
const takeRoom = async (
  deps: StoreDeps,
  look: Look,
  messages: readonly RejectedMessage[],
  maxBytes: number,
): Promise<number | null> => {
  const added = messages.reduce((sum, message) => sum + rejectedBytes(message), 0)
  for (;;) {
    let { last = 0, bytes = Number.POSITIVE_INFINITY } = await readMark(deps)
    if (bytes + added > maxBytes) {
      const seen = await look()
      last = seen.last
      bytes = seen.bytes - (await bytesAt(deps, messages))
      if (bytes + added > maxBytes) return null
    }
    if (await moveMark(deps, last, { last: last + messages.length, bytes: bytes + added }))
      return last + messages.length
  }
}

const readMark = async ({ collections: { settings } }: StoreDeps): Promise<Pick<SettingDocument, 'last' | 'bytes'>> =>
  (await settings.findOne({ _id: 'rejected' }, BOUNDED)) ?? {}

/** False when another has moved it. */
const moveMark = async (
  { collections: { settings } }: StoreDeps,
  from: number,
  to: { readonly last: number; readonly bytes: number },
): Promise<boolean> => {
  if (from > 0)
    return (await settings.updateOne({ _id: 'rejected', last: from }, { $set: to }, BOUNDED)).modifiedCount === 1
  try {
    await settings.insertOne({ _id: 'rejected', ...to }, BOUNDED)
    return true
  } catch (error) {
    if (!isDuplicate(error)) throw error
    return false
  }
}

/** What those take that would be replaced. */
const bytesAt = async ({ collections: { rejected } }: StoreDeps, messages: readonly RejectedMessage[]) => {
  const replaced = await rejected
    .find({ origin: { $in: messages.map(({ origin }) => origin) } }, { ...BOUNDED, projection: { bytes: 1 } })
    .toArray()
  return replaced.reduce((sum, { bytes }) => sum + bytes, 0)
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
