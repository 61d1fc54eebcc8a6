import { createRecorder } from '@pebbles/core'
import { createMemoryStore, createTestClock, newFileId } from '@pebbles/core/testing'
import fc from 'fast-check'
import { expect } from 'vitest'
import { createIntake, type Settlement } from '../src/create-intake.ts'
import { headerBytes, type QueueMessage } from '../src/queue-message.ts'
import { filesOf } from './describe-driver.ts'
import { type DrivenMessage, recordByHand } from './record-by-hand.ts'

const CLIENTS = ['krn:acme:client:1', 'krn:globex:client:1']
const FILES = ['a.csv', 'été.csv']
const NAMES = CLIENTS.flatMap((client) => FILES.map((filename) => [client, filename] as const))

const count = fc.constantFrom(0, 1, 2, Number.MAX_SAFE_INTEGER, -1, 1.5)
const issues = fc.array(fc.record({ line: fc.constant(3), message: fc.constantFrom('amount 7', 'amount 12', 'no') }), {
  maxLength: 2,
})
/** Good and bad updates of few files, so that they meet. */
const update = fc.record(
  {
    clientKrn: fc.constantFrom(...CLIENTS, 'acme'),
    email: fc.constantFrom('ada@example.com', 'ada@example.com', 'eve@example.com', ''),
    filename: fc.constantFrom(...FILES),
    counts: fc.record({ done: count, warn: fc.constant(0), failed: fc.constantFrom(0, 1) }),
    total: fc.constantFrom(5, 9),
    updateId: fc.constantFrom('u1', 'u2', 'u3'),
    isLast: fc.constantFrom(true, false, false),
    errors: issues,
    warnings: issues,
  },
  { requiredKeys: ['clientKrn', 'filename', 'counts'] },
)

const WAYS = ['http', 'sqs', 'sqs event', 'sqs notice', 'kafka', 'kafka event'] as const
type Way = (typeof WAYS)[number]
const step = fc.record({
  again: fc.option(fc.nat(11), { freq: 2 }),
  update,
  way: fc.constantFrom(...WAYS),
  joins: fc.boolean(),
})
interface Step {
  /** Which of those before it is sent again; null: none. */
  readonly again: number | null
  readonly update: object
  readonly way: Way
  /** Whether it comes in one batch with the one before it, where both come by one queue. */
  readonly joins: boolean
}

const messageOf = (message: DrivenMessage, way: Way, sentAt: number): QueueMessage => {
  const { n } = message
  const event = { specversion: '1.0', type: 'progress', source: '/every-way', id: String(n), data: message }
  const notice = { Type: 'Notification', TopicArn: 'arn', MessageId: `sns-${n}`, Message: JSON.stringify(message) }
  const body = JSON.stringify(way.endsWith('event') ? event : way.endsWith('notice') ? notice : message)
  const shared = { body, key: null, headers: [], sentAt }
  if (way.startsWith('sqs'))
    return {
      ...shared,
      origin: { channel: 'sqs', queue: 'q', messageId: `m-${n}`, attributes: new Map() },
    }
  const place = { topic: 't', partition: 0, offset: String(n), timestamp: String(sentAt) }
  return {
    ...shared,
    body: headerBytes(body),
    origin: { channel: 'kafka', ...place, headers: new Map() },
  }
}

/** What became of each, and of the files. */
const take = async (steps: readonly Step[], wayOf: (step: Step) => Way) => {
  const clock = createTestClock()
  const store = createMemoryStore({ newFileId })
  const { record } = createRecorder({ store, clock })
  const codes = new Map<QueueMessage, string>()
  const intake = createIntake({
    record,
    deadLetters: {
      send: async (letters) => {
        for (const { message, code } of letters) codes.set(message, code)
        return letters.map(() => true)
      },
    },
    rejected: null,
    ping: async () => undefined,
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    narrowedBy: null,
  })
  const outcomes: string[] = []
  let batch: QueueMessage[] = []
  const settle = async (): Promise<void> => {
    const settled: readonly Settlement[] = batch.length === 0 ? [] : await intake.handle(batch)
    for (const [at, settlement] of settled.entries()) outcomes.push(codes.get(batch[at] as QueueMessage) ?? settlement)
    batch = []
  }
  for (const [n, one] of steps.entries()) {
    clock.advance(20)
    const { update: sent } = (one.again === null ? undefined : steps.slice(0, n)[one.again]) ?? one
    const message: DrivenMessage = { n, ...sent }
    const way = wayOf(one)
    if (way === 'http') {
      await settle()
      outcomes.push(await recordByHand(record, message, clock.now()))
      continue
    }
    const next = messageOf(message, way, clock.now())
    if (!one.joins || batch[0]?.origin.channel !== next.origin.channel) await settle()
    batch.push(next)
  }
  await settle()
  return { outcomes, files: await filesOf(store, NAMES) }
}

/**
 * Holds the ways in to each other: so many lists of updates, drawn from a seed, each by HTTP alone and then by ways that
 * are drawn for each update. What becomes of each and of the files must be the same. Resolves with how updates ended.
 */
export const holdEveryWay = async (numRuns: number, seed: number): Promise<ReadonlySet<string>> => {
  const ends = new Set<string>()
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
    const expected = await take(steps, () => 'http')
    for (const end of expected.outcomes) ends.add(end)
    expect(await take(steps, ({ way }) => way)).toEqual(expected)
  })
  await fc.assert(property, { numRuns, seed })
  return ends
}
