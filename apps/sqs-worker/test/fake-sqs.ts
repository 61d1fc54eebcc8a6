import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFakeQueue, type FakeQueue, type FakeRefusal } from './fake-queue.ts'

/** What the server does with a request in place of what it should. */
export type Fault =
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** The request is read, and never answered, whether it was done or not. */
  | { readonly kind: 'silence'; readonly done?: true }
  /** Done but for these entries of the batch: answered with 200 all the same. */
  | { readonly kind: 'failed'; readonly entry: (index: number) => boolean; readonly refusal: FakeRefusal }
  /** Done, and yet the answer is lost. */
  | { readonly kind: 'unheard' }

export interface FakeCall {
  readonly action: string
  /** The queue's name. */
  readonly queue: string
  /** The access key by which it was signed. */
  readonly key: string
}

/** An SQS that keeps AWS's own limits, and fails on demand. Standard queues only: the order of FIFO is ElasticMQ's. */
export interface FakeSqs extends AsyncDisposable {
  readonly endpoint: string
  /** Asked at each request. */
  meddle: (call: FakeCall) => Fault | null
  /** All that was asked, oldest first. */
  readonly calls: FakeCall[]
  /** Deletes a queue and all that is in it. */
  readonly destroy: (name: string) => void
  readonly create: (name: string) => void
  /** What is hidden is visible, as if its time were over. */
  readonly comeBack: () => void
  /** Polls are answered at once from now on. */
  readonly hurry: () => void
}

interface Entry {
  readonly Id: string
}

export const startFakeSqs = async (): Promise<FakeSqs> => {
  const queues = new Map<string, FakeQueue>()
  const calls: FakeCall[] = []

  const create = (name: string): void => {
    if (!queues.has(name)) queues.set(name, createFakeQueue())
  }

  const obey = async (action: string, name: string, input: Input): Promise<object> => {
    if (action === 'CreateQueue') {
      const made = input.QueueName ?? ''
      create(made)
      return { QueueUrl: `${fake.endpoint}/000000000000/${made}` }
    }
    const queue = queues.get(name)
    if (queue === undefined) throw new Refused(400, 'QueueDoesNotExist')
    switch (action) {
      case 'ReceiveMessage':
        return { Messages: await queue.receive(input) }
      case 'GetQueueAttributes':
        return { Attributes: queue.attributes() }
      case 'DeleteMessageBatch':
        return batch(input, queue.delete)
      case 'ChangeMessageVisibilityBatch':
        return batch(input, queue.hide)
      case 'SendMessageBatch': {
        const bytes = queue.bytes(input.Entries ?? [])
        if (bytes > MAX_BYTES) throw new Refused(400, 'BatchRequestTooLong')
        return batch(input, queue.send)
      }
      default:
        throw new Refused(400, 'InvalidAction')
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const input = JSON.parse(Buffer.concat(chunks).toString()) as Input
      const action = String(request.headers['x-amz-target']).split('.')[1] ?? ''
      const queue = (input.QueueUrl ?? '').split('/').at(-1) ?? ''
      const key = /Credential=([^/]*)/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      const call = { action, queue, key }
      calls.push(call)
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body))
      }
      try {
        const fault = fake.meddle(call)
        if (fault?.kind === 'silence' && fault.done !== true) return
        if (fault?.kind === 'error') throw new Refused(fault.status, fault.code)
        const failing = fault?.kind === 'failed' ? fault : null
        const done = await obey(action, queue, failing === null ? input : without(input, failing.entry))
        if (fault?.kind === 'silence') return
        if (fault?.kind === 'unheard') request.socket.destroy()
        else answer(200, failing === null ? done : withFailed(done, input, failing))
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        answer(error.status, { __type: `com.amazonaws.sqs#${error.message}`, message: error.message })
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fake: FakeSqs = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meddle: () => null,
    calls,
    create,
    destroy: (name) => void queues.delete(name),
    comeBack: () => {
      for (const queue of queues.values()) queue.comeBack()
    },
    hurry: () => {
      for (const queue of queues.values()) queue.close()
    },
    [Symbol.asyncDispose]: async () => {
      fake.hurry()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return fake
}

/** Of a message, and of a request: bodies and attributes together. */
const MAX_BYTES = 1024 * 1024

type Input = Parameters<FakeQueue['receive']>[0] & {
  readonly QueueUrl?: string
  readonly QueueName?: string
  readonly Entries?: readonly Entry[]
}

class Refused extends Error {
  readonly status: number
  constructor(status: number, code: string) {
    super(code)
    this.status = status
  }
}

const batch = (
  { Entries = [] }: Input,
  one: (entry: never) => { readonly done: object } | { readonly refusal: FakeRefusal },
): object => {
  const Successful: object[] = []
  const Failed: object[] = []
  for (const entry of Entries) {
    const answer = one(entry as never)
    if ('done' in answer) Successful.push({ Id: entry.Id, ...answer.done })
    else Failed.push(failureOf(entry, answer.refusal))
  }
  return { Successful, Failed }
}

const failureOf = ({ Id }: Entry, { code, senderFault }: FakeRefusal): object => ({
  ...{ Id, Code: code, Message: code },
  SenderFault: senderFault,
})

type Failing = Extract<Fault, { kind: 'failed' }>

const without = (input: Input, entry: Failing['entry']): Input => ({
  ...input,
  Entries: (input.Entries ?? []).filter((_, index) => !entry(index)),
})

const withFailed = (done: object, { Entries = [] }: Input, { entry, refusal }: Failing): object => {
  const { Failed = [] } = done as { Failed?: readonly object[] }
  const failed = Entries.filter((_, index) => entry(index)).map((one) => failureOf(one, refusal))
  return { ...done, Failed: [...Failed, ...failed] }
}
