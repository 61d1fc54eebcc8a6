import { createMemoryStore, newFileId } from '@pebbles/core/testing'
import { keptOf } from '@pebbles/intake/testing'
import { expect, it } from 'vitest'
import { listDeadLetters } from './handle-dead-letters.ts'
import { createQueueClient } from './queue-client.ts'

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
