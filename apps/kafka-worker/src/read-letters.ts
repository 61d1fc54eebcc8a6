import type kafkajs from 'kafkajs'
import { createAssignPartitions } from './assign-partitions.ts'
import { type BrokerRecord, isUndecodable, toRecord } from './broker-record.ts'
import { hasErrorType, NO_TOPIC } from './error-type.ts'
import { type BrokerSettings, createClient } from './kafka-client.ts'

/** A topic of dead letters, and the group that is behind what was replayed of it: it is never shortened. */
export interface LetterTopic {
  readonly broker: BrokerSettings
  readonly topic: string
  readonly replayGroup: string
}

/** Where each partition ended. */
export type Ends = ReadonlyMap<number, bigint>

export interface Reading {
  readonly groupId: string
  /** False: enough. */
  readonly onRecords: (records: readonly BrokerRecord[]) => Promise<boolean>
}

export const SILENT = { debug: () => undefined, warn: () => undefined }

/** Where a topic ends now; nowhere when it is not there. */
export const endsOf = async ({ broker, topic }: LetterTopic): Promise<Ends> => {
  await using admin = await openAdmin(broker)
  try {
    return new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)]))
  } catch (error) {
    if (hasErrorType(error, NO_TOPIC)) return new Map()
    throw error
  }
}

/**
 * Reads from the place of the replays to these ends; answers how many that is. With the group of the replays it moves
 * that place, and shares the work with others that do the same: all of them end when the place is at the ends.
 */
export const readLetters = async (
  letters: LetterTopic,
  ends: Ends,
  { groupId, onRecords }: Reading,
): Promise<number> => {
  const { broker, topic, replayGroup } = letters
  const keepsPlace = groupId === replayGroup
  await using admin = await openAdmin(broker)
  const { left, total, begins } = await whatIsLeft(admin, letters, ends)
  if (left.size === 0) return 0
  const consumer = createClient(broker, SILENT).consumer({
    groupId,
    partitionAssigners: [createAssignPartitions({ admin, log: SILENT })],
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
  })
  const { promise: finished, resolve: finish, reject: fail } = Promise.withResolvers<void>()
  // It may fail while who waits for it is not there yet.
  finished.catch(() => undefined)
  const passed = (partition: number, next: bigint): void => {
    const end = left.get(partition)
    if (end !== undefined && next >= end) left.delete(partition)
    if (left.size === 0) finish()
  }
  const look = async (): Promise<void> => {
    if (keepsPlace) for (const [partition, place] of await placesOf(admin, letters)) passed(partition, place)
    // What expires while it reads never comes.
    for (const { partition, low } of await admin.fetchTopicOffsets(topic)) passed(partition, BigInt(low))
  }
  consumer.on('consumer.crash', ({ payload }) => fail(payload.error))
  // Another group than that of the replays has no place: it would read all that was ever replayed.
  if (!keepsPlace)
    consumer.on('consumer.group_join', () => {
      for (const [partition, from] of begins) consumer.seek({ topic, partition, offset: String(from) })
    })
  consumer.on('consumer.end_batch_process', ({ payload: { partition, batchSize, lastOffset } }) => {
    // Nothing in it that can be seen.
    if (batchSize === 0) passed(partition, BigInt(lastOffset) + 1n)
  })
  let looking = false
  // One at a time, and one that fails is followed by another: whether the broker is gone the consumer finds out.
  const looks = setInterval(() => {
    if (looking) return
    looking = true
    void look()
      .catch(() => undefined)
      .finally(() => {
        looking = false
      })
  }, LOOK_EVERY_MS)
  try {
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
        const { partition, messages } = batch
        const end = ends.get(partition) ?? 0n
        const due = messages.filter(
          ({ offset }) => BigInt(offset) < end && BigInt(offset) >= (begins.get(partition) ?? 0n),
        )
        if (due.some(isUndecodable)) return fail(new Error(`partition ${partition} of ${topic} cannot be decoded`))
        const goOn = await onRecords(due.map(toRecord)).catch(fail)
        if (goOn === undefined) return
        const last = BigInt(batch.lastOffset())
        resolveOffset(String(last))
        const next = last + 1n < end ? last + 1n : end
        const place = [{ partition, offset: String(next) }]
        // What is behind the end is for the next run.
        if (keepsPlace && due.length > 0) await commitOffsetsIfNecessary({ topics: [{ topic, partitions: place }] })
        passed(partition, last + 1n)
        if (!goOn) finish()
      },
    })
    await finished
    return total
  } finally {
    clearInterval(looks)
    await consumer.disconnect().catch(() => undefined)
    if (!keepsPlace) await admin.deleteGroups([groupId]).catch(() => undefined)
  }
}

/** One that was killed is waited for so long by whoever comes next. */
const SESSION_TIMEOUT_MS = 10_000
const HEARTBEAT_MS = 1_000
const MAX_WAIT_MS = 500
const LOOK_EVERY_MS = 1_000

const whatIsLeft = async (admin: kafkajs.Admin, letters: LetterTopic, ends: Ends) => {
  const left = new Map<number, bigint>()
  const begins = new Map<number, bigint>()
  if (ends.size === 0) return { left, total: 0, begins }
  const places = await placesOf(admin, letters)
  let total = 0n
  for (const { partition, low } of await admin.fetchTopicOffsets(letters.topic)) {
    const [end, place] = [ends.get(partition) ?? 0n, places.get(partition) ?? 0n]
    const from = place < BigInt(low) ? BigInt(low) : place
    begins.set(partition, from)
    if (end <= from) continue
    total += end - from
    left.set(partition, end)
  }
  return { left, total: Number(total), begins }
}

const placesOf = async (admin: kafkajs.Admin, { topic, replayGroup }: LetterTopic): Promise<Ends> => {
  const [places] = await admin.fetchOffsets({ groupId: replayGroup, topics: [topic] })
  return new Map(places?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
}

const openAdmin = async (broker: BrokerSettings): Promise<kafkajs.Admin & AsyncDisposable> => {
  const admin = createClient(broker, SILENT).admin({ retry: { retries: 2 } })
  await admin.connect()
  return Object.assign(admin, { [Symbol.asyncDispose]: () => admin.disconnect() })
}
