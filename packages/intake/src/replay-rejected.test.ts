import type { KeptMessage, RejectedMessage, RejectedMessages } from '@pebbles/core'
import { createMemoryStore, newFileId } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { listRejected, replayRejected } from './replay-rejected.ts'

const aMessage = (origin: string, facts: Partial<RejectedMessage> = {}): RejectedMessage => ({
  ...{ origin, channel: 'kafka', updateId: `derived:${origin}`, code: 'INVALID_BODY', reason: '', attempts: 1 },
  ...{ at: 1, sentAt: 1, body: Buffer.from('{'), key: null, headers: [] },
  ...facts,
})

it('leaves what is only known by its facts, and what comes after it began, whatever the clocks say', async () => {
  const { rejected } = createMemoryStore({ newFileId })
  await rejected.keep(
    [
      aMessage('whole'),
      aMessage('too large to be kept', { body: null, code: 'SCHEMA_CONFLICT' }),
      aMessage('a record without a value', { body: null, code: 'EMPTY_MESSAGE' }),
      aMessage('of a clock that is ahead', { at: Number.MAX_SAFE_INTEGER }),
    ],
    1_000_000,
  )
  const sent: string[] = []
  const send = async (messages: readonly KeptMessage[]): Promise<readonly boolean[]> => {
    sent.push(...messages.map(({ origin }) => origin))
    // Refused again at once, by a clock that is behind.
    await rejected.keep([aMessage(`again ${sent.length}`, { at: 0 })], 1_000_000)
    return messages.map(() => true)
  }
  expect(await replayRejected({ rejected, channel: 'kafka', send })).toEqual({ replayed: 3, left: 1 })
  expect(sent).toEqual(['whole', 'a record without a value', 'of a clock that is ahead'])
  expect((await rejected.list(9, 0)).map(({ origin }) => origin)).toEqual(['too large to be kept', 'again 3'])
})

it('has few of them in memory at once, as each may be of 8 MiB', async () => {
  const { rejected } = createMemoryStore({ newFileId })
  const origins = Array.from({ length: 25 }, (_, index) => `m${index}`)
  await rejected.keep(
    origins.map((origin) => aMessage(origin)),
    1_000_000,
  )
  const pages: number[] = []
  const counted: RejectedMessages = {
    ...rejected,
    list: async (...asked) => {
      const page = await rejected.list(...asked)
      pages.push(page.length)
      return page
    },
  }
  const { total, rows } = await listRejected(counted, 'kafka', 22)
  expect([total, rows.map(({ origin }) => origin)]).toEqual([25, origins.slice(0, 22)])
  const send = async (messages: readonly KeptMessage[]): Promise<readonly boolean[]> => messages.map(() => true)
  await replayRejected({ rejected: counted, channel: 'kafka', send })
  expect(pages).toEqual([10, 10, 2, 10, 10, 5])
})
