import { expect, it } from 'vitest'
import type { DeadLetter } from './dead-letter.ts'
import { createTellRefused } from './tell-refused.ts'

const letter = (code: string, messageId: string): DeadLetter => ({
  message: {
    origin: { channel: 'sqs', queue: 'q', messageId, attributes: new Map() },
    ...{ body: '{', key: null, headers: [], sentAt: 0 },
  },
  ...{ updateId: 'inner:1', code, reason: `why\n${code}`, at: 0, sentAt: 0, attempts: 1 },
})

it('says of each code the first at once, and then once a minute how many there were', () => {
  let now = 0
  const said: unknown[] = []
  const tell = createTellRefused({
    clock: { monotonic: () => now },
    log: { warn: (facts: unknown) => said.push(facts) },
  })
  tell([])
  tell([letter('NO_EMAIL', 'a'), letter('NO_EMAIL', 'b'), letter('NOT_OWNER', 'c')])
  expect(said.splice(0)).toEqual([
    { code: 'NO_EMAIL', messages: 2, reason: 'why?NO_EMAIL', origin: 'sqs:q/b' },
    { code: 'NOT_OWNER', messages: 1, reason: 'why?NOT_OWNER', origin: 'sqs:q/c' },
  ])
  for (; now < 59_000; now += 1_000) tell([letter('NO_EMAIL', 'd')])
  expect(said).toEqual([])
  now = 60_000
  tell([letter('NO_EMAIL', 'e')])
  expect(said).toEqual([{ code: 'NO_EMAIL', messages: 60, reason: 'why?NO_EMAIL', origin: 'sqs:q/e' }])
})
