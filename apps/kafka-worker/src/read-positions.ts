import type { Admin } from 'kafkajs'
import { type Place, type Position, RESET, readMark } from './position.ts'

export interface ReadPositionsDeps {
  readonly admin: Admin
  /** Sees no further than whoever reads only what is committed. */
  readonly adminOfReaders: Admin
  readonly topic: string
  readonly groupId: string
  /** Where the group stood last, by partition; what is read is kept here. */
  readonly known: Map<number, Place>
}

/** Others that are below zero mean the beginning or the end: somebody set the group back by hand. */
const NOTHING_COMMITTED = '-1'

/** Where the group stands in each partition of a topic, and what is there. */
export const readPositions = async (deps: ReadPositionsDeps): Promise<ReadonlyMap<number, Position>> => {
  const { admin, adminOfReaders, topic, groupId, known } = deps
  const before = new Set(known.keys())
  const [committed, ends, readable] = await Promise.all([
    admin.fetchOffsets({ groupId, topics: [topic] }),
    admin.fetchTopicOffsets(topic),
    adminOfReaders.fetchTopicOffsets(topic),
  ])
  const stable = new Map(readable.map(({ partition, high }) => [partition, BigInt(high)]))
  const gone = new Set<number>()
  for (const { partition, offset, metadata } of committed.flatMap(({ partitions }) => partitions))
    if (BigInt(offset) >= 0n)
      known.set(partition, { committed: BigInt(offset), mark: readMark(metadata), isReset: metadata === RESET })
    else if (offset !== NOTHING_COMMITTED) known.delete(partition)
    else if (before.has(partition)) gone.add(partition)
  return new Map(
    ends.map(({ partition, low, high }) => {
      const isGone = gone.has(partition)
      const place = (isGone ? undefined : known.get(partition)) ?? NOWHERE
      const end = { high: BigInt(high), stable: stable.get(partition) ?? BigInt(high) }
      return [partition, { ...place, isGone, low: BigInt(low), ...end }]
    }),
  )
}

const NOWHERE: Place = { committed: null, mark: null, isReset: false }
