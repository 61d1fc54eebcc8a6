import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { Md5, Sha256 } from './checksums.ts'

export interface QueueClientOptions {
  readonly region: string | null
  readonly endpoint: string | null
  /** How long a poll may take beyond its wait, and every other request. */
  readonly answerMs?: number
}

/** Entries of a batch that were not done, by their place in it. */
export type Undone = ReadonlyMap<number, { readonly code: string; readonly senderFault: boolean }>

/** What a queue says of itself. */
export interface QueueFacts {
  readonly arn: string
  /** Where SQS itself puts a message that was received so often and not deleted. */
  readonly redrive: { readonly arn: string; readonly maxReceives: number } | null
}

/** The few calls of SQS that a worker needs, each with a deadline of its own. All reject when SQS is away or refuses. */
export interface QueueClient {
  /** At most 10 messages, after at most `waitSeconds`. */
  readonly receive: (queueUrl: string, waitSeconds: number, visibilitySeconds: number) => Promise<readonly Message[]>
  readonly delete: (queueUrl: string, receipts: readonly string[]) => Promise<Undone>
  readonly setVisibility: (queueUrl: string, receipts: readonly string[], seconds: number) => Promise<Undone>
  readonly send: (queueUrl: string, entries: readonly Omit<SendMessageBatchRequestEntry, 'Id'>[]) => Promise<Undone>
  /** Messages that wait, about. */
  readonly depth: (queueUrl: string) => Promise<number>
  readonly describe: (queueUrl: string) => Promise<QueueFacts>
  readonly close: () => void
}

export type { Message }

/** In a word or few, why a call was rejected: what SQS or the system calls it, else what is said of it. */
export const faultOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed'
  if (error.name !== 'Error') return error.name
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

const ANSWER_MS = 4_000
const TRIES = 2
/** All tries together may take hardly longer than one: a stop has no more time. */
const DEADLINE = 1.25
/** More connections than there are polls, and deletes beside them. */
const CONNECTIONS = 64

/** Beside an endpoint that is not that of AWS any region will do. */
const ANY_REGION = 'us-east-1'

export const createQueueClient = ({ region, endpoint, answerMs = ANSWER_MS }: QueueClientOptions): QueueClient => {
  const local = region === null && endpoint !== null ? { region: ANY_REGION } : {}
  const clients = new Map<string, SQSClient>()

  /**
   * One for each deadline of an answer, and requests without options of their own: for any option the SDK puts its
   * layers together anew, at each request.
   */
  const answering = (withinMs: number, maxAttempts: number): SQSClient => {
    const name = `${withinMs} ${maxAttempts}`
    const made = clients.get(name)
    if (made !== undefined) return made
    const client = new SQSClient({
      ...local,
      ...(region === null ? {} : { region }),
      ...(endpoint === null ? {} : { endpoint }),
      maxAttempts,
      cacheMiddleware: true,
      md5: Md5,
      sha256: Sha256,
      requestHandler: {
        connectionTimeout: 2_000,
        requestTimeout: withinMs,
        // Without throwing, a poll on a connection that was lost hangs for ever.
        throwOnRequestTimeout: true,
        httpsAgent: { maxSockets: CONNECTIONS },
        httpAgent: { maxSockets: CONNECTIONS },
      },
    })
    clients.set(name, client)
    return client
  }
  const sqs = answering(answerMs, TRIES)
  const soon = <T>(answer: Promise<T>): Promise<T> => inTime(answer, answerMs * DEADLINE)
  return {
    receive: async (QueueUrl, WaitTimeSeconds, VisibilityTimeout) => {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds,
        VisibilityTimeout,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId'],
      })
      const withinMs = WaitTimeSeconds * 1_000 + answerMs
      // Once: what a second try took when nobody waits for it any more would be hidden from everybody, and count as received.
      return (await inTime(answering(withinMs, 1).send(command), withinMs * DEADLINE)).Messages ?? []
    },
    delete: async (QueueUrl, receipts) => {
      const Entries = receipts.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }))
      return undoneOf(await soon(sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))))
    },
    setVisibility: async (QueueUrl, receipts, VisibilityTimeout) => {
      const Entries = receipts.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout }))
      return undoneOf(await soon(sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }))))
    },
    send: async (QueueUrl, entries) => {
      const Entries = entries.map((entry, index) => ({ ...entry, Id: String(index) }))
      // Not tried again behind the back of a caller who was told that it failed, and puts the message elsewhere.
      const abortSignal = AbortSignal.timeout(answerMs * DEADLINE)
      return undoneOf(await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }), { abortSignal }))
    },
    depth: async (QueueUrl) => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] })
      return Number((await soon(sqs.send(command))).Attributes?.['ApproximateNumberOfMessages'] ?? 0)
    },
    describe: async (QueueUrl) => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy'] })
      const { QueueArn = '', RedrivePolicy } = (await soon(sqs.send(command))).Attributes ?? {}
      if (RedrivePolicy === undefined) return { arn: QueueArn, redrive: null }
      const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(RedrivePolicy) as Readonly<Record<string, unknown>>
      return { arn: QueueArn, redrive: { arn: String(deadLetterTargetArn), maxReceives: Number(maxReceiveCount) } }
    },
    close: () => {
      for (const client of clients.values()) client.destroy()
    },
  }
}

/**
 * Rejects when an answer has not come in time, all tries included. What was asked for may still be done, which does no
 * harm; a signal for each request, for the SDK to end it by, would cost a good part of the request.
 */
const inTime = <T>(answer: Promise<T>, ms: number): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException('no answer in time', 'TimeoutError')), ms)
    answer.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })

interface BatchAnswer {
  readonly Failed?:
    | readonly {
        readonly Id?: string | undefined
        readonly Code?: string | undefined
        readonly SenderFault?: boolean | undefined
      }[]
    | undefined
}

/** A batch is answered with 200 although some or all of it failed. */
const undoneOf = ({ Failed = [] }: BatchAnswer): Undone =>
  new Map(
    Failed.map(({ Id, Code, SenderFault }) => [
      Number(Id),
      { code: Code ?? 'unknown', senderFault: SenderFault === true },
    ]),
  )
