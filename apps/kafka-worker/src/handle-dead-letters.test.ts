import { createMemoryStore, newFileId } from '@pebbles/core/testing'
import { keptOf } from '@pebbles/intake/testing'
import { expect, it } from 'vitest'
import { listDeadLetters } from './handle-dead-letters.ts'

/** No broker is asked: there is no dead-letter topic. */
const deps = {
  broker: { brokers: ['127.0.0.1:1'], ssl: false, sasl: null },
  topic: 't',
  groupId: 'g',
  deadLetterTopic: null,
  now: Date.now,
}

it('counts all that the store keeps of this channel, and lists them though another channel has older ones', async () => {
  const { rejected } = createMemoryStore({ newFileId })
  await rejected.keep([...keptOf('sqs', 150), ...keptOf('kafka', 250)], 1_000_000)
  const { total, rows } = await listDeadLetters({ ...deps, rejected }, 100)
  expect(total).toBe(250)
  expect(rows.map(({ origin }) => origin)).toEqual(keptOf('kafka', 100).map(({ origin }) => origin))
})
