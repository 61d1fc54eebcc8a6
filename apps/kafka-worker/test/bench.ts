import { setTimeout as delay } from 'node:timers/promises'
import { createWorkerMetrics, type WorkerMetrics } from '@pebbles/intake'
import { anUpdate, SQLITE, type TestStore } from '@pebbles/intake/testing'
import { createLogger, systemClock } from '@pebbles/runtime'
import kafkajs, { type Admin, type KafkaMessage, type Message, type Producer } from 'kafkajs'
import { type BrokerSettings, createClient } from '../src/kafka-client.ts'
import { SILENT } from '../src/read-letters.ts'
import { type KafkaWorker, type KafkaWorkerDeps, startKafkaWorker } from '../src/worker.ts'
import { createTopic } from './create-topic.ts'

export interface KafkaBench extends TestStore {
  readonly admin: Admin
  readonly producer: Producer
  readonly topic: (name: string, partitions?: number, settings?: Readonly<Record<string, string>>) => Promise<string>
  readonly send: (
    topic: string,
    values: readonly (object | string | Buffer | null)[],
    facts?: Partial<Message>,
  ) => Promise<void>
  readonly start: (topic: string, facts?: Partial<KafkaWorkerDeps>) => KafkaWorker
  /** Sends updates of `a.csv` until it is stopped, each until the broker has it. */
  readonly load: (topic: string) => KafkaLoad
  /** What waits behind the group of a topic. */
  readonly lag: (topic: string) => Promise<number>
  /** All records of a topic. */
  readonly read: (topic: string, count: number) => Promise<readonly KafkaMessage[]>
  /** Of the newest worker. */
  readonly metric: (name: string) => Promise<string | undefined>
}

export interface KafkaLoad extends AsyncDisposable {
  /** How many the broker has for sure. */
  readonly sent: () => number
  readonly stop: () => Promise<void>
}

/** What a load sends in one request. */
export const LOAD_AT_ONCE = 20
const LOAD_PAUSE_MS = 20

let drawn = 0

/** A store of its own beside topics of one cluster, where it may do everything as `sasl`, if that is given. */
export const createKafkaBench = async (
  bootstrap: string,
  kind = SQLITE,
  sasl: BrokerSettings['sasl'] = null,
): Promise<KafkaBench> => {
  const opened = await kind.open()
  const { store, record } = opened
  const broker: BrokerSettings = { brokers: bootstrap.split(','), ssl: false, sasl }
  const kafka = createClient(broker, SILENT, { retries: 10 })
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  let metrics: WorkerMetrics | null = null
  const workers: KafkaWorker[] = []
  return {
    ...opened,
    admin,
    producer,
    topic: async (name, numPartitions = 1, settings = {}) => {
      drawn += 1
      const topic = `${name}-${process.pid}-${drawn}`
      const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
      await createTopic(admin, { topic, numPartitions, configEntries })
      return topic
    },
    send: async (topic, values, facts = {}) => {
      const messages = values.map((value) => ({
        value: value === null || typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value),
        ...facts,
      }))
      await producer.send({ topic, messages })
    },
    start: (topic, facts = {}) => {
      metrics = createWorkerMetrics({ version: 'test', process: 'kafka-worker', channel: 'kafka' })
      const worker = startKafkaWorker({
        broker,
        topic,
        groupId: `group-of-${topic}`,
        deadLetterTopic: null,
        onReset: 'earliest',
        record,
        rejected: store.rejected,
        ping: store.ping,
        narrowedBy: null,
        stopWithinMs: 10_000,
        clock: systemClock,
        log: createLogger({ name: 'test', level: process.env['TEST_LOG'] === '1' ? 'debug' : 'silent' }),
        metrics,
        ...facts,
      })
      workers.push(worker)
      return worker
    },
    load: (topic) => {
      let sent = 0
      let stopping = false
      // One that a broker did not answer asks the same again: the next finds out whom to ask.
      const open = async (): Promise<Producer> => {
        const one = kafka.producer({
          createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
          retry: { retries: 1 },
        })
        await one.connect().catch(() => undefined)
        return one
      }
      const go = async (): Promise<void> => {
        let sender = await open()
        while (!stopping) {
          // Without an answer it may be there or not: it is sent again under its ids.
          const updates = Array.from({ length: LOAD_AT_ONCE }, (_, index) => anUpdate({ updateId: `u${sent + index}` }))
          const messages = updates.map((update) => ({ value: JSON.stringify(update) }))
          while (!(await sender.send({ topic, messages }).then(Boolean, () => false))) {
            await sender.disconnect()
            sender = await open()
          }
          sent += LOAD_AT_ONCE
          await delay(LOAD_PAUSE_MS)
        }
        await sender.disconnect()
      }
      const going = go()
      const stop = async (): Promise<void> => {
        stopping = true
        await going
      }
      return { sent: () => sent, stop, [Symbol.asyncDispose]: stop }
    },
    lag: async (topic) => {
      const [ends, [committed]] = await Promise.all([
        admin.fetchTopicOffsets(topic),
        admin.fetchOffsets({ groupId: `group-of-${topic}`, topics: [topic] }),
      ])
      const at = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
      return ends.reduce((sum, { partition, low, high }) => {
        const offset = at.get(partition) ?? -1
        return sum + Number(high) - (offset < 0 ? Number(low) : offset)
      }, 0)
    },
    read: async (topic, count) => {
      drawn += 1
      const consumer = kafka.consumer({ groupId: `reader-${topic}-${drawn}` })
      const found: KafkaMessage[] = []
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await new Promise<void>((resolve, reject) => {
        consumer
          .run({
            eachMessage: async ({ message }) => {
              found.push(message)
              if (found.length === count) resolve()
            },
          })
          .catch(reject)
      })
      await consumer.disconnect()
      return found
    },
    metric: async (name) =>
      ((await metrics?.render())?.body ?? '')
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')
        .at(-1),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.stop()))
      await metrics?.stop()
      await Promise.all([admin.disconnect(), producer.disconnect()])
      await opened[Symbol.asyncDispose]()
    },
  }
}
