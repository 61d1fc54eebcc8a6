import { createIntake, type Worker, type WorkerDeps } from '@pebbles/intake'
import { type ComponentState, within } from '@pebbles/runtime'
import { createBrokerConsumer } from './broker-consumer.ts'
import { createDeadLetterTopic } from './dead-letter-topic.ts'
import { createFollowPositions } from './follow-positions.ts'
import { type BrokerSettings, createClient } from './kafka-client.ts'
import { keepConsuming } from './keep-consuming.ts'
import type { Place } from './position.ts'
import { createTakeBatch } from './take-batch.ts'

/** One topic of one cluster, and how this group reads it. */
export interface KafkaQueue {
  readonly broker: BrokerSettings
  readonly topic: string
  readonly groupId: string
  readonly deadLetterTopic: string | null
  readonly onReset: 'stop' | 'earliest'
}

export type KafkaWorkerDeps = KafkaQueue & WorkerDeps

export interface KafkaWorker extends Worker {
  readonly checks: Readonly<Record<'intake' | 'consumer' | 'topic' | 'deadLetters', () => Promise<ComponentState>>>
}

/** How long `/ready` tells that messages were lost unread, while it goes on. */
const TELL_GAP_MS = 300_000
/** Of the time for a stop; the consumer takes three quarters. */
const DEAD_LETTERS_SHARE = 0.05

/** Takes updates from one topic until it is stopped. */
export const startKafkaWorker = (deps: KafkaWorkerDeps): KafkaWorker => {
  const { broker, topic, groupId, deadLetterTopic, onReset, stopWithinMs, clock, log, metrics } = deps
  const kafka = createClient(broker, log)
  const dead = deadLetterTopic === null ? null : createDeadLetterTopic(kafka, deadLetterTopic)
  const intake = createIntake({ ...deps, deadLetters: dead, onSettled: metrics.settled })
  const lag = metrics.gauge('pebbles_kafka_lag', 'Messages that wait in a partition.')
  const lagging = new Set<number>()
  const tellLag = (partition: number, waiting: bigint): void => {
    lagging.add(partition)
    lag(Math.max(0, Number(waiting)), String(partition))
  }
  const batches = metrics.counter('pebbles_kafka_batches_total', 'Batches handled.')
  const messages = metrics.counter('pebbles_kafka_messages_total', 'Messages read, repeats included.')
  const stalled = metrics.counter('pebbles_kafka_stalled_rebuilds_total', 'Consumers replaced as they fetched nothing.')
  const expired = metrics.counter(
    'pebbles_kafka_expired_messages_total',
    'Messages that expired before they were read.',
  )
  const recreated = metrics.counter('pebbles_kafka_topic_resets_total', 'Times a partition was found to be made anew.')
  const standing = metrics.gauge(
    'pebbles_kafka_undecodable',
    '1 for a partition that stands: a batch cannot be decoded.',
  )
  const undecodable = new Map<number, string>()
  const goesOn = (partition: number): void => {
    if (undecodable.delete(partition)) standing(0, String(partition))
  }
  let gap: { readonly at: number; readonly detail: string } | null = null
  const positions = createFollowPositions({
    log,
    onReset,
    onGap: (kind, count) => {
      if (kind === 'expired') expired(Number(count))
      else recreated()
      const detail = kind === 'expired' ? `${count} messages expired unread` : 'the topic was recreated'
      gap = { at: clock.monotonic(), detail }
    },
    halt: (cause) => intake.gate.close('TOPIC_RESET', cause),
  })
  const topicState = (): ComponentState => {
    const [stands] = undecodable.values()
    if (stands !== undefined) return { ok: false, detail: stands }
    return gap === null || clock.monotonic() - gap.at > TELL_GAP_MS ? { ok: true } : { ok: false, detail: gap.detail }
  }
  const takeBatch = createTakeBatch({ topic, intake, clock })
  const known = new Map<number, Place>()
  const consuming = keepConsuming({
    create: (events) => createBrokerConsumer(kafka, { topic, groupId, known, stopWithinMs }, events, log),
    onJoin: (consumer, partitions) => {
      for (const partition of undecodable.keys()) if (!partitions.includes(partition)) goesOn(partition)
      // Of what is another's now the other tells: the sum over all workers would count it twice, for ever.
      for (const partition of lagging)
        if (!partitions.includes(partition) && lagging.delete(partition)) lag(null, String(partition))
      positions.begin(consumer, partitions)
    },
    onBatch: async (batch) => {
      goesOn(batch.partition)
      const admitted = await positions.admit(batch)
      if (admitted === null) return
      const { records, partition, high } = admitted
      await takeBatch(admitted)
      batches()
      messages(records.length)
      if (admitted.isCurrent()) tellLag(partition, high - BigInt(records.at(-1)?.offset ?? 0) - 1n)
    },
    onUnseen: (unseen) => void positions.skip(unseen),
    onUndecodable: (partition, offset, err) => {
      if (undecodable.has(partition)) return
      const detail = `partition ${partition} stands: its batch up to offset ${offset} cannot be decoded`
      log.error({ code: 'BATCH_UNDECODABLE', partition, offset: String(offset), err }, detail)
      undecodable.set(partition, detail)
      standing(1, String(partition))
    },
    isOpen: intake.gate.isOpen,
    onStalled: stalled,
    onLag: tellLag,
    clock,
    log,
  })
  return {
    source: topic,
    checks: {
      intake: intake.state,
      consumer: consuming.state,
      topic: async () => topicState(),
      deadLetters: intake.deadLetters,
    },
    stop: async () => {
      intake.gate.stop()
      await consuming.stop()
      if (dead !== null) await within(stopWithinMs * DEAD_LETTERS_SHARE, dead.stop())
    },
  }
}
