import type { Clock } from '@pebbles/core'
import { headerTexts, type Intake, type QueueMessage } from '@pebbles/intake'
import type { BrokerRecord } from './broker-record.ts'
import { cutRuns } from './cut-runs.ts'
import type { PartitionBatch } from './partition-batch.ts'
import { markOf } from './position.ts'
import { createSliceSize } from './slice-size.ts'

/** So much is settled before it is committed. */
const SLICE_BYTES = 8 * 1024 * 1024
const HEARTBEAT_EVERY_MS = 1_000

export interface TakeBatchDeps {
  readonly topic: string
  readonly intake: Pick<Intake, 'handle' | 'gate'>
  readonly clock: Clock
}

/**
 * Settles a batch in slices, and commits each when all of it is settled. While the store is away it waits, with the
 * records in hand and the membership alive. Rejects only when the group changes.
 */
export const createTakeBatch = ({ topic, intake, clock }: TakeBatchDeps) => {
  const slices = createSliceSize()
  /** False: it stops, or somebody else has the partition. */
  const waitForStore = async (batch: PartitionBatch): Promise<boolean> => {
    while (!intake.gate.isOpen()) {
      if (intake.gate.isStopped() || !batch.isCurrent()) return false
      await intake.gate.passable(HEARTBEAT_EVERY_MS)
      if (intake.gate.isStopped() || !batch.isCurrent()) return false
      await batch.heartbeat()
    }
    return true
  }

  /** Long work must not cost the membership; what the group says meanwhile is heard by the next heartbeat. */
  const settle = async (batch: PartitionBatch, messages: readonly QueueMessage[]) => {
    const beating = setInterval(() => void batch.heartbeat().catch(() => undefined), 2 * HEARTBEAT_EVERY_MS)
    try {
      return await intake.handle(messages)
    } finally {
      clearInterval(beating)
    }
  }

  return async (batch: PartitionBatch): Promise<void> => {
    for (const slice of cutRuns(batch.records, sizeOf, { items: slices.size, bytes: SLICE_BYTES })) {
      const began = clock.monotonic()
      let left = slice.map((record) => toMessage(topic, batch.partition, record))
      while (left.length > 0) {
        if (!(await waitForStore(batch))) return
        const settled = await settle(batch, left)
        left = left.filter((_, index) => settled[index] === 'away')
      }
      slices.took(clock.monotonic() - began, slice.length)
      const last = slice.at(-1)
      if (last === undefined || !batch.isCurrent()) return
      await batch.commit(markOf(last))
      if (!intake.gate.isStopped()) await batch.heartbeat()
    }
  }
}

const sizeOf = ({ value }: BrokerRecord): number => value?.byteLength ?? 0

const toMessage = (topic: string, partition: number, record: BrokerRecord): QueueMessage => {
  const { offset, timestamp, key, value, headers } = record
  return {
    origin: { channel: 'kafka', topic, partition, offset, timestamp, headers: headerTexts(headers) },
    body: value,
    key,
    headers,
    sentAt: Number(timestamp),
  }
}
