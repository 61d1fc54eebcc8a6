import { hash, randomUUID } from 'node:crypto'

/** Why an entry of a batch was not done. */
export interface FakeRefusal {
  readonly code: string
  readonly senderFault: boolean
}

type Answer = { readonly done: object } | { readonly refusal: FakeRefusal }

interface Attribute {
  readonly DataType: string
  readonly StringValue?: string
  /** Base64. */
  readonly BinaryValue?: string
}

interface SendEntry {
  readonly MessageBody: string
  readonly MessageAttributes?: Readonly<Record<string, Attribute>>
}

/** A standard queue by the rules of AWS, where they are stricter than those of ElasticMQ. */
export interface FakeQueue {
  readonly receive: (input: {
    readonly MaxNumberOfMessages?: number
    readonly WaitTimeSeconds?: number
    readonly VisibilityTimeout?: number
  }) => Promise<readonly object[]>
  readonly send: (entry: SendEntry) => Answer
  readonly delete: (entry: { readonly ReceiptHandle: string }) => Answer
  readonly hide: (entry: { readonly ReceiptHandle: string; readonly VisibilityTimeout: number }) => Answer
  readonly attributes: () => Readonly<Record<string, string>>
  /** What the entries of a request count for. */
  readonly bytes: (entries: readonly object[]) => number
  /** What is hidden is visible, as if its time were over. */
  readonly comeBack: () => void
  /** Polls are answered at once from now on. */
  readonly close: () => void
}

interface Kept {
  readonly id: string
  readonly entry: SendEntry
  readonly sentAt: number
  hiddenUntil: number
  receipt: string | null
}

const MAX_BYTES = 1024 * 1024
const MAX_ATTRIBUTES = 10
/** Tab, line feed, carriage return, and all from the blank on but surrogates, U+FFFE and U+FFFF. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

export const createFakeQueue = (): FakeQueue => {
  const messages = new Map<string, Kept>()
  const waiting = new Set<() => void>()
  let closed = false
  const visible = (): Kept[] => [...messages.values()].filter(({ hiddenUntil }) => hiddenUntil <= Date.now())
  const byReceipt = (receipt: string): Kept | undefined =>
    [...messages.values()].find((message) => message.receipt === receipt)
  const wake = (): void => {
    for (const go of [...waiting]) go()
  }

  /** Until something comes or comes back, but no longer than this. */
  const change = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const back = Math.min(...[...messages.values()].map(({ hiddenUntil }) => hiddenUntil - Date.now()))
      const go = (): void => {
        clearTimeout(timer)
        waiting.delete(go)
        resolve()
      }
      const timer = setTimeout(go, Math.max(1, Math.min(ms, back)))
      waiting.add(go)
    })

  return {
    receive: async ({ MaxNumberOfMessages = 1, WaitTimeSeconds = 0, VisibilityTimeout = 30 }) => {
      const until = Date.now() + WaitTimeSeconds * 1_000
      while (!closed && visible().length === 0 && Date.now() < until) await change(until - Date.now())
      return visible()
        .slice(0, MaxNumberOfMessages)
        .map((message) => {
          message.hiddenUntil = Date.now() + VisibilityTimeout * 1_000
          message.receipt = randomUUID()
          return asReceived(message)
        })
    },
    send: (entry) => {
      const code = faultOf(entry)
      if (code !== null) return { refusal: { code, senderFault: true } }
      const id = randomUUID()
      messages.set(id, { id, entry, sentAt: Date.now(), hiddenUntil: 0, receipt: null })
      wake()
      return { done: { MessageId: id, MD5OfMessageBody: hash('md5', entry.MessageBody, 'hex') } }
    },
    // A standard queue takes a receipt that is no longer the last one, and does nothing.
    delete: ({ ReceiptHandle }) => {
      const message = byReceipt(ReceiptHandle)
      if (message !== undefined) messages.delete(message.id)
      return { done: {} }
    },
    hide: ({ ReceiptHandle, VisibilityTimeout }) => {
      const message = byReceipt(ReceiptHandle)
      if (message === undefined || message.hiddenUntil <= Date.now())
        return { refusal: { code: 'MessageNotInflight', senderFault: true } }
      message.hiddenUntil = Date.now() + VisibilityTimeout * 1_000
      wake()
      return { done: {} }
    },
    attributes: () => ({
      ApproximateNumberOfMessages: String(visible().length),
      ApproximateNumberOfMessagesNotVisible: String(messages.size - visible().length),
    }),
    bytes: (entries) => entries.reduce((sum, entry) => sum + bytesOf(entry as SendEntry), 0),
    comeBack: () => {
      for (const message of messages.values()) message.hiddenUntil = 0
      wake()
    },
    close: () => {
      closed = true
      wake()
    },
  }
}

const faultOf = (entry: SendEntry): string | null => {
  const { MessageBody, MessageAttributes = {} } = entry
  if (bytesOf(entry) > MAX_BYTES) return 'InvalidParameterValue'
  if (MessageBody === '' || FORBIDDEN.test(MessageBody)) return 'InvalidMessageContents'
  const attributes = Object.entries(MessageAttributes)
  if (attributes.length > MAX_ATTRIBUTES) return 'InvalidParameterValue'
  for (const [name, { DataType, StringValue, BinaryValue }] of attributes) {
    const value = DataType.startsWith('Binary') ? BinaryValue : StringValue
    if (!/^[\w.-]{1,256}$/.test(name) || !value) return 'InvalidParameterValue'
    if (StringValue !== undefined && FORBIDDEN.test(StringValue)) return 'InvalidMessageContents'
  }
  return null
}

const bytesOf = ({ MessageBody, MessageAttributes = {} }: SendEntry): number =>
  Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + Buffer.from(BinaryValue, 'base64').byteLength,
    Buffer.byteLength(MessageBody),
  )

const asReceived = ({ id, entry, sentAt, receipt }: Kept): object => ({
  MessageId: id,
  ReceiptHandle: receipt,
  Body: entry.MessageBody,
  MD5OfBody: hash('md5', entry.MessageBody, 'hex'),
  Attributes: { SentTimestamp: String(sentAt) },
  MessageAttributes: entry.MessageAttributes ?? {},
})
