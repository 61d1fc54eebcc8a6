import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { createWorkerMetrics } from '@pebbles/intake'
import { SQLITE, type TestStore } from '@pebbles/intake/testing'
import { createLogger, systemClock } from '@pebbles/runtime'
import { createQueueClient, type QueueClient } from '../src/queue-client.ts'
import { LINGER_MS, type SqsWorker, type SqsWorkerDeps, startSqsWorker } from '../src/worker.ts'

export interface Queue {
  readonly url: string
  readonly send: (
    bodies: readonly (object | string)[],
    attributes?: Record<string, MessageAttributeValue>,
    group?: string,
  ) => Promise<void>
  /** Receives all that waits. */
  readonly drain: () => Promise<Message[]>
  readonly depth: () => Promise<number>
  /** Those that wait, and those that somebody has in hand. */
  readonly left: () => Promise<number>
}

export interface SqsBench extends TestStore {
  readonly client: QueueClient
  readonly queue: (name: string, attributes?: Record<string, string>) => Promise<Queue>
  readonly start: (queue: Queue, facts?: Partial<SqsWorkerDeps>) => SqsWorker
}

let drawn = 0

/** A store of its own beside queues of one server. */
export const createSqsBench = async (endpoint: string, kind = SQLITE): Promise<SqsBench> => {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test'
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test'
  const opened = await kind.open({ lingerMs: LINGER_MS })
  const { store, record } = opened
  const sqs = new SQSClient({ endpoint, region: 'us-east-1' })
  const client = createQueueClient({ region: null, endpoint })
  const workers: SqsWorker[] = []

  const queue = async (name: string, attributes: Record<string, string> = {}): Promise<Queue> => {
    drawn += 1
    const QueueName = `${name}-${process.pid}-${drawn}${attributes['FifoQueue'] === 'true' ? '.fifo' : ''}`
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: attributes }))
    return {
      url,
      send: async (bodies, MessageAttributes = {}, group) => {
        for (let from = 0; from < bodies.length; from += 10) {
          const Entries = bodies.slice(from, from + 10).map((body, index) => ({
            Id: String(index),
            MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
            MessageAttributes,
            ...(group === undefined
              ? {}
              : { MessageGroupId: group, MessageDeduplicationId: `${from + index}-${++drawn}` }),
          }))
          const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))
          if (Failed.length > 0) throw new Error(JSON.stringify(Failed))
        }
      },
      drain: async () => {
        const found: Message[] = []
        while ((await client.depth(url)) > 0) {
          const { Messages = [] } = await sqs.send(
            new ReceiveMessageCommand({
              QueueUrl: url,
              WaitTimeSeconds: 1,
              MaxNumberOfMessages: 10,
              MessageAttributeNames: ['All'],
            }),
          )
          found.push(...Messages)
        }
        return found
      },
      depth: () => client.depth(url),
      left: async () => {
        const { Attributes = {} } = await sqs.send(
          new GetQueueAttributesCommand({
            QueueUrl: url,
            AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
          }),
        )
        return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
      },
    }
  }
  return {
    ...opened,
    client,
    queue,
    start: (from, facts = {}) => {
      const worker = startSqsWorker({
        client,
        queueUrl: from.url,
        deadLetterUrl: null,
        record,
        rejected: store.rejected,
        ping: store.ping,
        narrowedBy: null,
        stopWithinMs: 10_000,
        clock: systemClock,
        log: createLogger({ name: 'test', level: 'silent' }),
        metrics: createWorkerMetrics({ version: 'test', process: 'sqs-worker', channel: 'sqs' }),
        polling: { waitSeconds: 1 },
        ...facts,
      })
      workers.push(worker)
      return worker
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.stop()))
      client.close()
      sqs.destroy()
      await opened[Symbol.asyncDispose]()
    },
  }
}
