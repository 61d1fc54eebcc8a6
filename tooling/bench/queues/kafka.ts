import { createWorkerMetrics } from '@pebbles/intake'
import { type StoreKind, startStoreKinds } from '@pebbles/intake/testing'
import { tuneHeap } from '@pebbles/runtime'
import { startKafka } from '@pebbles/services'
import kafkajs from 'kafkajs'
import { createKafkaBench } from '../../../apps/kafka-worker/test/bench.ts'
import { createPace, inRounds, sayRatio, updatesFor } from './pace.ts'

/** Messages/s from a topic of four partitions, 1,000 files: ours against a bare consumer that parses, and one at a time. */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const MESSAGES = Number(process.env['BENCH_MESSAGES'] ?? 200_000)
const ALONE = Math.ceil(MESSAGES / 50)
const FILES = 1_000
const PARTITIONS = 4
const BATCH = 5_000

tuneHeap()
const server = await startKafka()
const stores = await startStoreKinds({ bench: true })

/** A topic that is full before anybody reads. */
const fill = async (bench: Awaited<ReturnType<typeof createKafkaBench>>, messages: number): Promise<string> => {
  const topic = await bench.topic('bench', PARTITIONS)
  const updates = updatesFor(messages, FILES)
  for (let at = 0; at < messages; at += BATCH)
    await bench.producer.send({ topic, messages: updates.slice(at, at + BATCH) })
  return topic
}

const runOurs = async (kind: StoreKind): Promise<number> => {
  await using bench = await createKafkaBench(server.bootstrap, kind)
  const topic = await fill(bench, MESSAGES)
  const pace = createPace(MESSAGES)
  const metrics = createWorkerMetrics({ version: 'bench', process: 'kafka-worker', channel: 'kafka' })
  const settled: typeof metrics.settled = (...facts) => {
    metrics.settled(...facts)
    pace.count(facts[2])
  }
  bench.start(topic, { metrics: { ...metrics, settled } })
  return await pace.rate
}

const consume = async (
  messages: number,
  kind: StoreKind | undefined,
  handlers: (
    bench: Awaited<ReturnType<typeof createKafkaBench>>,
    count: () => void,
  ) => Pick<kafkajs.ConsumerRunConfig, 'eachBatch' | 'eachMessage'>,
): Promise<number> => {
  await using bench = await createKafkaBench(server.bootstrap, kind)
  const topic = await fill(bench, messages)
  const kafka = new kafkajs.Kafka({ brokers: [server.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `bare-${topic}`, maxWaitTimeInMs: 500 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const pace = createPace(messages)
  await consumer.run({ partitionsConsumedConcurrently: PARTITIONS, ...handlers(bench, pace.count) })
  const rate = await pace.rate
  await consumer.disconnect()
  return rate
}

const runBare = (): Promise<number> =>
  consume(MESSAGES, undefined, (_, count) => ({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        JSON.parse(value?.toString() ?? '')
        count()
      }
    },
  }))

/** The least that a worker without groups does: the message, its update, its commit, and the next. */
const runAlone = (kind: StoreKind) => (): Promise<number> =>
  consume(ALONE, kind, (bench, count) => ({
    eachMessage: async ({ topic, partition, message }) => {
      const { filename, counts, email, clientKrn: client, errors } = JSON.parse(message.value?.toString() ?? '')
      const id = `derived:${topic}/${partition}/${message.offset}` as const
      const facts = { client, filename, email, counts, errors, total: null, warnings: [], hash: '' }
      await bench.record([{ ...facts, id, sentAt: Number(message.timestamp), channel: 'kafka' }])
      count()
    },
  }))

const runs: Record<string, () => Promise<number>> = { bare: runBare }
for (const kind of stores.kinds) {
  runs[`one at a time, ${kind.name}`] = runAlone(kind)
  runs[`ours, ${kind.name}`] = () => runOurs(kind)
}
// Until its code is compiled a worker is slower than it is for the rest of its life.
for (const run of Object.values(runs)) await run()
const rounds = await inRounds(ROUNDS, runs)
const ASKED = { SQLite: 0.25, MongoDB: 0.12 }
const ratios = (one: string, other: string) => rounds.map((rates) => [rates[one] ?? 0, rates[other] ?? 0] as const)
for (const { name } of stores.kinds) {
  sayRatio(`${name}: of a bare consumer that parses`, ratios(`ours, ${name}`, 'bare'), ASKED[name])
  sayRatio(`${name}: times one at a time`, ratios(`ours, ${name}`, `one at a time, ${name}`), 10)
}
await stores.stop()
await server.stop()
