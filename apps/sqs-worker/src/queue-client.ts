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
  readonly receive: (
    queueUrl: string,
    waitSeconds: number,
    visibilitySeconds: number,
    hungUp?: AbortSignal,
  ) => Promise<readonly Message[]>
  readonly delete: (queueUrl: string, receipts: readonly string[]) => Promise<Undone>
  readonly setVisibility: (queueUrl: string, receipts: readonly string[], seconds: number) => Promise<Undone>
  readonly send: (queueUrl: string, entries: readonly Omit<SendMessageBatchRequestEntry, 'Id'>[]) => Promise<Undone>
  /** Messages that wait, about. */
  readonly depth: (queueUrl: string) => Promise<number>
  readonly describe: (queueUrl: string) => Promise<QueueFacts>
  readonly close: () => void
}

export type { Message }

const ANSWER_MS = 4_000
const TRIES = 2
/** All tries together may take hardly longer than one: a stop has no more time. */
const DEADLINE = 1.25
const MOMENT_MS = 200

/** Beside an endpoint that is not that of AWS any region will do. */
const ANY_REGION = 'us-east-1'

export const createQueueClient = ({ region, endpoint, answerMs = ANSWER_MS }: QueueClientOptions): QueueClient => {
  const local = region === null && endpoint !== null ? { region: ANY_REGION } : {}
  const sqs = new SQSClient({
    ...local,
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
    maxAttempts: TRIES,
    requestHandler: {
      connectionTimeout: 2_000,
      // Without throwing, a poll on a connection that was lost hangs for ever.
      throwOnRequestTimeout: true,
      httpsAgent: { maxSockets: 64 },
      httpAgent: { maxSockets: 64 },
    },
  })
  const deadline = createDeadlines()
  const within = (ms: number) => ({ requestTimeout: ms, abortSignal: deadline(ms * DEADLINE) })
  return {
    receive: async (QueueUrl, WaitTimeSeconds, VisibilityTimeout, hungUp) => {
      const command = new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds,
        VisibilityTimeout,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'MessageGroupId'],
      })
      return (await untilHungUp(sqs.send(command, within(WaitTimeSeconds * 1_000 + answerMs)), hungUp)).Messages ?? []
    },
    delete: async (QueueUrl, receipts) => {
      const Entries = receipts.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }))
      return undoneOf(await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), within(answerMs)))
    },
    setVisibility: async (QueueUrl, receipts, VisibilityTimeout) => {
      const Entries = receipts.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout }))
      return undoneOf(await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }), within(answerMs)))
    },
    send: async (QueueUrl, entries) => {
      const Entries = entries.map((entry, index) => ({ ...entry, Id: String(index) }))
      return undoneOf(await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }), within(answerMs)))
    },
    depth: async (QueueUrl) => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] })
      return Number((await sqs.send(command, within(answerMs))).Attributes?.['ApproximateNumberOfMessages'] ?? 0)
    },
    describe: async (QueueUrl) => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy'] })
      const { QueueArn = '', RedrivePolicy } = (await sqs.send(command, within(answerMs))).Attributes ?? {}
      if (RedrivePolicy === undefined) return { arn: QueueArn, redrive: null }
      const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(RedrivePolicy) as Readonly<Record<string, unknown>>
      return { arn: QueueArn, redrive: { arn: String(deadLetterTargetArn), maxReceives: Number(maxReceiveCount) } }
    },
    close: () => sqs.destroy(),
  }
}

/** What begins in the same moment has one deadline: a signal and a timer of its own are a good part of a request. */
const createDeadlines = (): ((ms: number) => AbortSignal) => {
  const latest = new Map<number, { readonly signal: AbortSignal; readonly until: number }>()
  return (ms) => {
    const now = performance.now()
    const shared = latest.get(ms)
    if (shared !== undefined && now < shared.until) return shared.signal
    const signal = AbortSignal.timeout(ms + MOMENT_MS)
    latest.set(ms, { signal, until: now + MOMENT_MS })
    return signal
  }
}

/** Rejects as soon as nobody waits for the answer any longer: what it brings is hidden for a while, and comes again. */
const untilHungUp = <T>(answer: Promise<T>, hungUp: AbortSignal | undefined): Promise<T> => {
  if (hungUp === undefined) return answer
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(hungUp.reason)
    hungUp.addEventListener('abort', giveUp, { once: true })
    answer.then(resolve, reject).finally(() => hungUp.removeEventListener('abort', giveUp))
  })
}

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
