import type { Logger } from '@pebbles/runtime'
import type { BrokerConsumer, Unseen } from './broker-consumer.ts'
import type { BrokerRecord } from './broker-record.ts'
import type { PartitionBatch } from './partition-batch.ts'
import { isMarked, judgePosition, type Mark, markOf, type Position } from './position.ts'

export interface FollowPositionsDeps {
  readonly log: Pick<Logger, 'warn' | 'error'>
  readonly onReset: 'stop' | 'earliest'
  /** Messages are gone, or the topic is another. */
  readonly onGap: (kind: 'expired' | 'recreated', messages: bigint) => void
  /** By `KAFKA_ON_RESET=stop`. */
  readonly halt: (cause: Error) => void
}

/** Holds what is read against what was read before, so that nothing is skipped, or taken for known, in silence. */
export interface FollowPositions {
  /** A new generation: everything is to be looked at again. */
  readonly begin: (consumer: Read, partitions: readonly number[]) => void
  /** What of a batch is to be handled; null when nothing is, or it is read again from elsewhere. */
  readonly admit: (batch: PartitionBatch) => Promise<PartitionBatch | null>
  /** Commits what lies behind a stretch in which nothing can be seen, where nothing before it is in question. */
  readonly skip: (unseen: Unseen) => Promise<void>
}

type Read = Pick<BrokerConsumer, 'positions' | 'seek' | 'pass' | 'forget' | 'reset' | 'isCompacted'>

interface Following {
  /** The record that has to be met first. */
  mark: Mark | null
  low: bigint
  /** All before it is committed, so that nothing of it is read again. */
  done: bigint | null
  /** Where the batch after the newest should begin. */
  next: bigint | null
  /** By `KAFKA_ON_RESET=stop`: where the group stands is kept, for whoever comes next. */
  halted: boolean
}

export const createFollowPositions = ({ log, onReset, onGap, halt }: FollowPositionsDeps): FollowPositions => {
  let following = new Map<number, Following>()
  /** Not compared yet: nothing is taken from them. */
  let unseen = new Set<number>()
  let looking: Promise<void> = Promise.resolve()
  let reading: Read | null = null
  /** Said, and left as they are for good: whoever joins anew finds the same, and it is no other gap. */
  const halted = new Set<number>()

  const say = (kind: 'expired' | 'recreated', partition: number, messages: bigint): void => {
    const text =
      kind === 'expired'
        ? `${messages} messages expired before they were read`
        : `the topic was made anew${onReset === 'stop' ? '' : READ_ANEW}`
    if (!halted.has(partition)) {
      onGap(kind, messages)
      log.error({ code: kind === 'expired' ? 'MESSAGES_EXPIRED' : 'TOPIC_RECREATED', partition }, text)
    }
    if (kind === 'recreated') reading?.forget(partition)
    if (onReset !== 'stop') return
    halted.add(partition)
    const found = following.get(partition)
    if (found !== undefined) found.halted = true
    // The group's offsets went with the old topic: without a word of it the next start would read on.
    if (kind === 'recreated') void reading?.reset(partition, found?.low ?? 0n)
    halt(new Error(`partition ${partition}: ${text}`))
  }

  const judge = (partition: number, position: Position): void => {
    const verdict = judgePosition(position)
    const found: Following = { mark: null, low: position.low, done: null, next: null, halted: false }
    following.set(partition, found)
    unseen.delete(partition)
    switch (verdict.kind) {
      case 'fine':
        // What expires before it is fetched is still to be said.
        found.next = position.committed
        return
      case 'expired':
        say('expired', partition, verdict.messages)
        // Once said it is not said again, though nothing may follow that is read and committed.
        if (onReset === 'earliest') void reading?.pass(partition, position.low)
        return
      case 'recreated':
        say('recreated', partition, 0n)
        if (onReset === 'earliest') void reading?.pass(partition, position.low)
        reading?.seek(partition, position.low)
        return
      case 'look':
        found.mark = verdict.mark
        reading?.seek(partition, verdict.mark.offset)
        return
    }
  }

  const look = async (): Promise<void> => {
    const wanted = unseen
    try {
      const positions = await reading?.positions()
      for (const partition of wanted) {
        const position = positions?.get(partition)
        if (position !== undefined && wanted === unseen) judge(partition, position)
      }
    } catch (err) {
      log.warn({ err }, 'could not compare the positions of the group with the topic; trying again')
    }
  }

  const compare = async (partition: number): Promise<void> => {
    await looking
    if (!unseen.has(partition)) return
    looking = look()
    await looking
  }

  const lowOf = async (partition: number): Promise<bigint | undefined> =>
    (await reading?.positions().catch(() => undefined))?.get(partition)?.low

  /** An offset that is out of range is left by the client in silence, for the oldest that is there. */
  const lookAtJump = async (
    partition: number,
    { done, next }: Pick<Following, 'done' | 'next'>,
    first: bigint,
  ): Promise<void> => {
    if (done !== null && first < done) say('recreated', partition, 0n)
    // A gap of one is the mark of a transaction.
    if (next === null || first <= next + 1n) return
    const low = await lowOf(partition)
    if (low !== undefined && low > next) say('expired', partition, low - next)
  }

  /** On a compacted topic a record goes when a newer one has its key. */
  const isTakenOut = async (first: BrokerRecord, mark: Mark): Promise<boolean> =>
    BigInt(first.offset) > mark.offset && (await reading?.isCompacted().catch(() => false)) === true

  return {
    begin: (consumer, partitions) => {
      reading = consumer
      following = new Map()
      unseen = new Set(partitions)
      looking = look()
    },
    skip: async ({ partition, first, next, isCurrent }) => {
      await compare(partition)
      const found = following.get(partition)
      // Where it was read last is looked for: what is committed must still say it.
      if (!isCurrent() || found === undefined || found.mark !== null) return
      const before = { ...found }
      found.next = next
      await lookAtJump(partition, before, first)
      // The next batch may have been committed meanwhile.
      if (!found.halted && isCurrent() && found.next === next) await reading?.pass(partition, next)
    },
    admit: async (batch) => {
      await compare(batch.partition)
      const first = batch.records[0]
      if (first === undefined || !batch.isCurrent()) return null
      const found = following.get(batch.partition)
      if (found === undefined) {
        // Another topic under the old name may be longer than what was read of the first: its beginning would be missed.
        reading?.seek(batch.partition, BigInt(first.offset))
        return null
      }
      let records = batch.records
      if (found.mark !== null) {
        const { mark } = found
        found.mark = null
        if (isMarked(first, mark)) records = records.slice(1)
        else if (((await lowOf(batch.partition)) ?? 0n) > mark.offset)
          // It expired since it was looked for, with whatever came behind it.
          await lookAtJump(batch.partition, { done: null, next: mark.offset + 1n }, BigInt(first.offset))
        else if (!(await isTakenOut(first, mark))) {
          say('recreated', batch.partition, 0n)
          reading?.seek(batch.partition, found.low)
          return null
        }
      } else await lookAtJump(batch.partition, found, BigInt(first.offset))
      found.next = BigInt(batch.records.at(-1)?.offset ?? first.offset) + 1n
      const commit = async (mark: Mark): Promise<void> => {
        await batch.commit(mark)
        found.done = mark.offset + 1n
      }
      if (records.length > 0) return { ...batch, records, commit }
      await commit(markOf(first))
      return null
    },
  }
}

const READ_ANEW = ': it is read from its start, and what is known is not applied again'
