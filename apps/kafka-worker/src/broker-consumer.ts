import { type Logger, within } from '@pebbles/runtime'
import kafkajs, { type EachBatchPayload } from 'kafkajs'
import { createAssignPartitions } from './assign-partitions.ts'
import { isUndecodable, type Undecodable } from './broker-record.ts'
import { type PartitionBatch, toBatch } from './partition-batch.ts'
import { type Mark, type Place, type Position, RESET, writeMark } from './position.ts'
import { readPositions } from './read-positions.ts'

/** A stretch of one partition in which nothing can be seen: marks of transactions, and what they took back. */
export interface Unseen extends Pick<PartitionBatch, 'partition' | 'isCurrent'> {
  readonly first: bigint
  /** The offset behind it. */
  readonly next: bigint
}

export interface BrokerEvents {
  /** A new generation of the group, with the partitions that are this member's. */
  readonly onJoin: (partitions: readonly number[]) => void
  /** The group changes: it waits to join anew. */
  readonly onRebalance: () => void
  /** Ends the batch when it resolves; the same records come again when they were not committed. */
  readonly onBatch: (batch: PartitionBatch) => Promise<void>
  /** It is behind the group all the same, but not committed. */
  readonly onUnseen: (unseen: Unseen) => void
  /** A partition stands: what is there cannot be decoded, up to this offset. It is tried again now and then. */
  readonly onUndecodable: (partition: number, offset: bigint, cause: unknown) => void
  /** It fetched, or worked, or the group heard of it. */
  readonly onActivity: (kind: 'fetch' | 'batch' | 'heartbeat') => void
  /** This consumer is done for, and has to be replaced. */
  readonly onCrash: (cause: Error) => void
}

/** One member of a group, until it crashes or is stopped. The one place that knows how the client consumes. */
export interface BrokerConsumer {
  /** Connects and joins. Rejects when it cannot. */
  readonly start: () => Promise<void>
  /** By partition. */
  readonly positions: () => Promise<ReadonlyMap<number, Position>>
  readonly seek: (partition: number, offset: bigint) => void
  /** Commits that nothing before this offset is there to be read, as well as it can. */
  readonly pass: (partition: number, offset: bigint) => Promise<void>
  /** Where the group stood in a partition is of no interest any more. */
  readonly forget: (partition: number) => void
  /** Commits, as well as it can, that the topic was made anew, for whoever comes next. */
  readonly reset: (partition: number, offset: bigint) => Promise<void>
  /** Whether old records may be taken out of the middle of the topic. */
  readonly isCompacted: () => Promise<boolean>
  /** Leaves the group when the batches in hand are done. */
  readonly stop: () => Promise<void>
}

export interface GroupOfTopic {
  readonly topic: string
  readonly groupId: string
  /** Where the group stood last, by partition: it outlives a consumer, as the group's offsets go with their topic. */
  readonly known: Map<number, Place>
  /** How long a stop may take (ms), with what is to be done after it. */
  readonly stopWithinMs: number
}

/** At most so long an empty fetch waits. A stop waits for it. */
const MAX_WAIT_MS = 500
/**
 * Bounds the memory, for each broker and for each partition. What is fetched together is worked on before the next; of
 * what unpacks to more than twice as much, the client decodes only the first.
 */
const MAX_BYTES = 16 * 1024 * 1024
const MAX_PARTITION_BYTES = 2 * 1024 * 1024
const PARTITIONS_AT_ONCE = 4
/** One that was killed is waited for so long by the others. */
const SESSION_TIMEOUT_MS = 15_000
/** The others wait so long for this one when the group changes. */
const HEARTBEAT_MS = 1_000
/** Partitions that are added are found so soon. */
const METADATA_MAX_AGE_MS = 10_000
const DECODE_AGAIN_AFTER_MS = 30_000

export const createBrokerConsumer = (
  kafka: kafkajs.Kafka,
  { topic, groupId, known, stopWithinMs }: GroupOfTopic,
  events: BrokerEvents,
  log: Pick<Logger, 'warn' | 'error'>,
): BrokerConsumer => {
  const admin = kafka.admin({ retry: { retries: 2 }, readUncommitted: true })
  const adminOfReaders = kafka.admin({ retry: { retries: 2 } })
  const consumer = kafka.consumer({
    groupId,
    partitionAssigners: [createAssignPartitions({ admin, log })],
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    maxBytes: MAX_BYTES,
    maxBytesPerPartition: MAX_PARTITION_BYTES,
    allowAutoTopicCreation: false,
    // A crash is always ours to answer, by a new consumer: this one would not always come back.
    retry: { retries: 5, restartOnFailure: async () => false },
  })
  let generation = 0
  let joined: (() => void) | null = null
  const firstJoin = new Promise<void>((resolve) => {
    joined = resolve
  })
  consumer.on('consumer.group_join', ({ payload }) => {
    generation += 1
    joined?.()
    events.onActivity('heartbeat')
    events.onJoin(payload.memberAssignment[topic] ?? [])
  })
  consumer.on('consumer.rebalancing', events.onRebalance)
  consumer.on('consumer.fetch', () => events.onActivity('fetch'))
  consumer.on('consumer.end_batch_process', ({ payload: { partition, batchSize, firstOffset, lastOffset } }) => {
    events.onActivity('batch')
    if (batchSize > 0) return
    const its = generation
    const [first, next] = [BigInt(firstOffset), BigInt(lastOffset) + 1n]
    events.onUnseen({ partition, first, next, isCurrent: () => its === generation })
  })
  consumer.on('consumer.heartbeat', () => events.onActivity('heartbeat'))
  consumer.on('consumer.crash', ({ payload }) => events.onCrash(payload.error))

  const place = async (partition: number, next: bigint, mark: Mark | null, isReset: boolean): Promise<void> => {
    const metadata = isReset ? RESET : mark === null ? null : writeMark(mark)
    await consumer.commitOffsets([{ topic, partition, offset: String(next), metadata }]).then(
      () => known.set(partition, { committed: next, mark, isReset }),
      () => undefined,
    )
  }
  const standing = new Set<NodeJS.Timeout>()
  const stand = (partition: number, { offset, undecodable }: Undecodable): void => {
    const place = [{ topic, partitions: [partition] }]
    consumer.pause(place)
    const timer = setTimeout(() => {
      standing.delete(timer)
      consumer.resume(place)
    }, DECODE_AGAIN_AFTER_MS)
    standing.add(timer)
    events.onUndecodable(partition, BigInt(offset), undecodable)
  }
  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const its = generation
    const { partition, messages } = payload.batch
    const last = messages.at(-1)
    try {
      if (messages.length === 1 && isUndecodable(last)) return stand(partition, last)
      // Work of an earlier generation must not commit by the rights of a later one.
      await events.onBatch(
        toBatch(
          payload,
          () => its === generation,
          (committed, mark) => known.set(partition, { committed, mark, isReset: false }),
        ),
      )
    } catch (error) {
      // A change of the group has to reach the client. Everything else must not: it would stop for good, in silence.
      if (isOfClient(error)) throw error
      log.error({ err: error, partition }, 'a bug while a batch was handled')
      await new Promise((resolve) => setTimeout(resolve, BUG_WAIT_MS))
    }
  }
  let starting: Promise<void> = Promise.resolve()
  const start = async (): Promise<void> => {
    await Promise.all([consumer, admin, adminOfReaders].map((client) => client.connect()))
    // Where nothing is committed, or what is committed is gone: from the start, as repeats do no harm and gaps do.
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch,
    })
  }
  return {
    start: () => {
      starting = start()
      return starting
    },
    positions: () => readPositions({ admin, adminOfReaders, topic, groupId, known }),
    isCompacted: async () => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['cleanup.policy'] }],
      })
      return resources.some(({ configEntries }) => configEntries.some(({ configValue }) => /compact/.test(configValue)))
    },
    pass: (partition, offset) => place(partition, offset, known.get(partition)?.mark ?? null, false),
    forget: (partition) => void known.delete(partition),
    reset: (partition, offset) => place(partition, offset, null, true),
    seek: (partition, offset) => consumer.seek({ topic, partition, offset: String(offset) }),
    stop: async () => {
      for (const timer of standing) clearTimeout(timer)
      // A stop while it joins is overheard, and what then joins would be nobody's.
      await within(stopWithinMs * JOIN_SHARE, Promise.allSettled([Promise.race([starting, firstJoin])]))
      await within(stopWithinMs * FINISH_SHARE, Promise.allSettled([consumer.stop()]))
      await within(
        stopWithinMs * DISCONNECT_SHARE,
        Promise.allSettled([consumer, admin, adminOfReaders].map((client) => client.disconnect())),
      )
    },
  }
}

const BUG_WAIT_MS = 1_000
// Of the time for a stop: to join, for the batch in hand and the fetch in flight, and for the farewell. A broker that does
// not answer must not hold up the end.
const JOIN_SHARE = 0.2
const FINISH_SHARE = 0.45
const DISCONNECT_SHARE = 0.1

const isOfClient = (error: unknown): boolean => error instanceof Error && error.name.startsWith('KafkaJS')
