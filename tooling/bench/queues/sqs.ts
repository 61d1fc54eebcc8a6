import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { createWorkerMetrics } from '@pebbles/intake'
import { type StoreKind, startStoreKinds } from '@pebbles/intake/testing'
import { tuneHeap } from '@pebbles/runtime'
import { startElasticMq } from '@pebbles/services'
import { createSqsBench, type Queue, type SqsBench } from '../../../apps/sqs-worker/test/bench.ts'
import { mean } from '../quotients.ts'
import { createPace, inRounds, sayRatio, updatesFor } from './pace.ts'

/** Messages/s from a queue: ours against loops that receive, parse and delete, and do nothing else. */
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const MESSAGES = Number(process.env['BENCH_MESSAGES'] ?? 200_000)
const FILES = 1_000
const SENDERS = 8
/** As many as make a bare loop fastest; with 16 it is slower in most rounds. */
const LOOPS = 32

tuneHeap()
const server = await startElasticMq()
const stores = await startStoreKinds({ bench: true })

const fill = async (bench: SqsBench): Promise<Queue> => {
  const queue = await bench.queue('bench')
  const bodies = updatesFor(MESSAGES, FILES).map(({ value }) => value)
  const share = Math.ceil(MESSAGES / SENDERS)
  await Promise.all(Array.from({ length: SENDERS }, (_, n) => queue.send(bodies.slice(n * share, (n + 1) * share))))
  return queue
}

const runOurs = async (kind: StoreKind): Promise<number> => {
  await using bench = await createSqsBench(server.endpoint, kind)
  const queue = await fill(bench)
  const pace = createPace(MESSAGES)
  bench.start(queue, {
    metrics: createWorkerMetrics({ version: 'bench', process: 'sqs-worker', channel: 'sqs' }),
    client: {
      ...bench.client,
      delete: async (url, receipts) => {
        const undone = await bench.client.delete(url, receipts)
        pace.count(receipts.length)
        return undone
      },
    },
  })
  return await pace.rate
}

const runBare = async (): Promise<number> => {
  await using bench = await createSqsBench(server.endpoint)
  const { url: QueueUrl } = await fill(bench)
  const sqs = new SQSClient({ endpoint: server.endpoint, region: 'us-east-1' })
  const pace = createPace(MESSAGES)
  let done = false
  const loop = async (): Promise<void> => {
    while (!done) {
      const receive = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive))
      for (const { Body = '' } of Messages) JSON.parse(Body)
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
      if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
      pace.count(Entries.length)
    }
  }
  const looping = Array.from({ length: LOOPS }, loop)
  const rate = await pace.rate
  done = true
  await Promise.all(looping)
  sqs.destroy()
  return rate
}

// Before and after each of ours: what a machine with neighbours does in the minutes of a round is in both.
const bare = (turn: number): string => `bare, turn ${turn + 1}`
const runs: Record<string, () => Promise<number>> = { [bare(0)]: runBare }
for (const [turn, kind] of stores.kinds.entries()) {
  runs[`ours, ${kind.name}`] = () => runOurs(kind)
  runs[bare(turn + 1)] = runBare
}
const rounds = await inRounds(ROUNDS, runs)
for (const [turn, { name }] of stores.kinds.entries())
  sayRatio(
    `${name}: of a bare loop`,
    rounds.map((rates) => {
      const rate = (run: string): number => rates[run] ?? 0
      return [rate(`ours, ${name}`), mean([rate(bare(turn)), rate(bare(turn + 1))])] as const
    }),
    0.65,
  )
await stores.stop()
await server.stop()
