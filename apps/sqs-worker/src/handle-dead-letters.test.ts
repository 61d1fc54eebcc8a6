import { createMemoryStore, heapInUse, newFileId } from '@pebbles/core/testing'
import { keptOf } from '@pebbles/intake/testing'
import { expect, it } from 'vitest'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'
import { createQueueClient, type Message, type QueueClient } from './queue-client.ts'

/** No queue is asked: there is no dead-letter queue. */
const deps = {
  client: createQueueClient({ region: null, endpoint: 'http://127.0.0.1:1' }),
  queueUrl: 'q',
  deadLetterUrl: null,
  now: Date.now,
}

it('counts all that the store keeps of this channel, and lists them though another channel has older ones', async () => {
  const { rejected } = createMemoryStore({ newFileId })
  await rejected.keep([...keptOf('kafka', 150), ...keptOf('sqs', 250)], 1_000_000)
  const { total, rows } = await listDeadLetters({ ...deps, rejected }, 100)
  expect(total).toBe(250)
  expect(rows.map(({ origin }) => origin)).toEqual(keptOf('sqs', 100).map(({ origin }) => origin))
})

it('remembers each letter that it sent by a few bytes', { timeout: 60_000 }, async () => {
  const [letters, atOnce] = [100_000, 10]
  let received = 0
  let [before, after] = [0, 0]
  const letterOf = (no: number): Message => ({
    MessageId: `m${no}`,
    ReceiptHandle: `r${no}`,
    Body: `{"clientKrn":"krn:acme:client:1","filename":"f${no}.csv"}`,
    Attributes: { SentTimestamp: '1' },
    MessageAttributes: {
      'pebbles-update-id': {
        DataType: 'String',
        StringValue: `derived:sqs:0f8fad5b-d9cb-469f-a165-70867728950e-${no}`,
      },
      'pebbles-attempts': { DataType: 'String', StringValue: '1' },
    },
  })
  const client: QueueClient = {
    ...deps.client,
    receive: async () => {
      // The first of them bring whatever is made once.
      if (received === letters / 10) before = heapInUse()
      if (received < letters) return Array.from({ length: atOnce }, () => letterOf(received++))
      after = heapInUse()
      return []
    },
    send: async () => new Map(),
    delete: async () => new Map(),
  }
  const replayed = await replayDeadLetters({ ...deps, client, deadLetterUrl: 'dead', rejected: null })
  expect(replayed).toEqual({ replayed: letters, left: 0, newer: 0 })
  expect((after - before) / (letters * 0.9)).toBeLessThan(100)
})
