import type { EachBatchPayload } from 'kafkajs'
import { type BrokerRecord, isUndecodable, toRecord } from './broker-record.ts'
import { type Mark, writeMark } from './position.ts'

/** Some records of one partition, in order. */
export interface PartitionBatch {
  readonly partition: number
  readonly records: readonly BrokerRecord[]
  /** The offset behind the newest record of the partition. */
  readonly high: bigint
  /** Keeps the membership. Rejects when the group changes: then nothing of this batch may be touched any more. */
  readonly heartbeat: () => Promise<void>
  /** All up to this record is done, and what follows it unseen, as marks of transactions. Rejects as `heartbeat` does. */
  readonly commit: (mark: Mark) => Promise<void>
  /** False when the group changed since, or the consumer reads on from elsewhere. */
  readonly isCurrent: () => boolean
}

/** `isOfNow`: the group is as it was; `onCommit` hears of each commit. */
export const toBatch = (
  payload: EachBatchPayload,
  isOfNow: () => boolean,
  onCommit: (committed: bigint, mark: Mark) => void,
): PartitionBatch => {
  const { batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isStale } = payload
  const { topic, partition, highWatermark } = batch
  const messages = batch.messages.filter((message) => !isUndecodable(message))
  const isWhole = messages.length === batch.messages.length
  return {
    partition,
    high: BigInt(highWatermark),
    records: messages.map(toRecord),
    heartbeat,
    commit: async (mark: Mark) => {
      resolveOffset(String(mark.offset))
      const isLast = isWhole && String(mark.offset) === messages.at(-1)?.offset
      const next = (isLast ? BigInt(batch.lastOffset()) : mark.offset) + 1n
      const offsets = [{ partition, offset: String(next), metadata: writeMark(mark) }]
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions: offsets }] })
      onCommit(next, mark)
    },
    isCurrent: () => isOfNow() && !isStale(),
  }
}
