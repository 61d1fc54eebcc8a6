import { type KeptMessage, type RejectedMessage, type RejectedSize, rejectedBytes } from '@pebbles/core'
import { BOUNDED } from './collections.ts'
import type { SettingDocument } from './documents.ts'
import { joinCalls } from './join-calls.ts'
import type { StoreDeps } from './store-deps.ts'
import { isDuplicate } from './store-errors.ts'

/** Takes the numbers of these messages, and room for them. Answers the last of the numbers; null when there is no room. */
export type TakeRoom = (messages: readonly RejectedMessage[], maxBytes: number) => Promise<number | null>

interface Wanted {
  readonly count: number
  readonly bytes: number
  readonly maxBytes: number
}

/**
 * One document, the mark, has the last number that was given, and at most how many bytes are kept: each keep adds its
 * own, and nothing takes any off, no drop, no process that died before it wrote. Only where that would pass the bound,
 * the sizes of all are added up, which takes a second for a million. What others are just writing is not seen then: the
 * list may pass its bound by what is in flight.
 */
export const createRoom = (deps: StoreDeps): TakeRoom => {
  const look = createLook(deps)
  // One after the other: of those that move the mark side by side all but one would have to try again.
  const takeBelowMark = joinCalls<Wanted, number | null>({ run: (wanted) => takeTogether(deps, wanted), atOnce: 1 })
  return async (messages, maxBytes) => {
    const [count, bytes] = [messages.length, messages.reduce((sum, message) => sum + rejectedBytes(message), 0)]
    for (;;) {
      const [taken = null] = await takeBelowMark([{ count, bytes, maxBytes }])
      if (taken !== null) return taken
      const seen = await look()
      const after = seen.bytes - (await bytesAt(deps, messages)) + bytes
      if (after > maxBytes) return null
      if (await moveMark(deps, seen.last, { last: seen.last + count, bytes: after })) return seen.last + count
    }
  }
}

/** What the store holds, of one channel or of all. */
export const measure = async (
  { collections: { rejected } }: StoreDeps,
  channel?: KeptMessage['channel'],
): Promise<RejectedSize> => {
  const [size] = await rejected
    .aggregate<RejectedSize>(
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

/** Matches one channel, or all. */
export const ofChannel = (channel: KeptMessage['channel'] | undefined) => (channel === undefined ? {} : { channel })

/** For each the last of its numbers, by one move of the mark; null for what may pass the bound. */
const takeTogether = async (deps: StoreDeps, wanted: readonly Wanted[]): Promise<readonly (number | null)[]> => {
  for (;;) {
    const { last: from = 0, bytes: known = Number.POSITIVE_INFINITY } = await readMark(deps)
    let [last, taken] = [from, known]
    const lasts = wanted.map(({ count, bytes, maxBytes }) => {
      if (taken + bytes > maxBytes) return null
      taken += bytes
      last += count
      return last
    })
    if (last === from || (await moveMark(deps, from, { last, bytes: taken }))) return lasts
  }
}

interface Mark {
  readonly last: number
  readonly bytes: number
}

/** The last number that was given, and how many bytes there were a moment later. One look for all who ask meanwhile. */
const createLook = (deps: StoreDeps): (() => Promise<Mark>) => {
  let underWay: Promise<Mark> | null = null
  const look = async (): Promise<Mark> => {
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

const readMark = async ({ collections: { settings } }: StoreDeps): Promise<Pick<SettingDocument, 'last' | 'bytes'>> =>
  (await settings.findOne({ _id: 'rejected' }, BOUNDED)) ?? {}

/** False when another has moved it. */
const moveMark = async ({ collections: { settings } }: StoreDeps, from: number, to: Mark): Promise<boolean> => {
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
