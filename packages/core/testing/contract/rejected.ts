import { expect } from 'vitest'
import {
  payloadBytes,
  REJECTED_MESSAGE_MAX_BYTES,
  type RejectedMessage,
  type RejectedMessages,
  rejectedBytes,
} from '../../src/index.ts'
import { NOON } from '../builders.ts'
import type { TestStore } from '../memory-store.ts'
import type { ContractCase } from './subject.ts'

export const REJECTED_MESSAGES = 'rejected messages'

const PLENTY = 1_000_000

const of = (store: TestStore): RejectedMessages => {
  if (store.rejected === undefined) throw new Error('this store keeps no rejected messages')
  return store.rejected
}

const aMessage = (origin: string, facts: Partial<RejectedMessage> = {}): RejectedMessage => ({
  origin,
  channel: 'kafka',
  updateId: `derived:${origin}`,
  code: 'NOT_OWNER',
  reason: 'why “not”',
  at: NOON,
  sentAt: NOON - 5,
  attempts: 1,
  body: new Uint8Array([0, 255, 123]),
  key: null,
  headers: [
    ['twice', new Uint8Array([1])],
    ['twice', new Uint8Array([254])],
  ],
  ...facts,
})

const origins = async (list: RejectedMessages, limit = 100, after = 0): Promise<string[]> =>
  (await list.list(limit, after)).map(({ origin }) => origin)

export const rejectedMessages: readonly ContractCase[] = [
  {
    title: 'a message comes back byte by byte, oldest first, by pages',
    run: async ({ store }) => {
      const list = of(store)
      const given = [
        aMessage('one'),
        aMessage('two', { channel: 'sqs', body: null, key: new Uint8Array([9, 0]), headers: [], attempts: 3 }),
        aMessage('three', { body: new Uint8Array() }),
      ]
      expect(await list.keep(given.slice(0, 1), PLENTY)).toBe('kept')
      expect(await list.keep(given.slice(1), PLENTY)).toBe('kept')
      const kept = await list.list(100, 0)
      expect(kept.map(({ no, ...message }) => message)).toEqual(given)
      const first = kept[0]?.no ?? Number.NaN
      expect(await origins(list, 1, 0)).toEqual(['one'])
      expect(await origins(list, 1, first)).toEqual(['two'])
    },
  },
  {
    title: 'a delivery that comes again takes the place of the first, and is the newest',
    run: async ({ store }) => {
      const list = of(store)
      await list.keep([aMessage('one'), aMessage('two')], PLENTY)
      await list.keep([aMessage('one', { code: 'INVALID_BODY', body: new Uint8Array(1_000) })], PLENTY)
      expect((await list.list(100, 0)).map(({ origin, code }) => [origin, code])).toEqual([
        ['two', 'NOT_OWNER'],
        ['one', 'INVALID_BODY'],
      ])
      const bytes = rejectedBytes(aMessage('two')) + rejectedBytes(aMessage('one', { body: new Uint8Array(1_000) }))
      expect(await list.size()).toEqual({ messages: 2, bytes })
    },
  },
  {
    title: 'what does not fit is not kept, and nothing of it is',
    run: async ({ store }) => {
      const list = of(store)
      const limit = rejectedBytes(aMessage('one')) * 2
      expect(await list.keep([aMessage('one'), aMessage('two')], limit)).toBe('kept')
      expect(await list.keep([aMessage('six')], limit)).toBe('full')
      expect(await list.keep([aMessage('two'), aMessage('six')], limit)).toBe('full')
      // It takes the place of itself.
      expect(await list.keep([aMessage('two')], limit)).toBe('kept')
      expect(await origins(list)).toEqual(['one', 'two'])
    },
  },
  {
    title: 'a message is kept up to the bound, whatever it consists of',
    run: async ({ store }) => {
      const list = of(store)
      const empty = new Uint8Array()
      const many = (name: string): RejectedMessage['headers'] => {
        const each = payloadBytes({ body: null, key: null, headers: [[name, empty]] })
        return Array.from({ length: Math.floor(REJECTED_MESSAGE_MAX_BYTES / each) }, () => [name, empty] as const)
      }
      const given = [
        aMessage('body', { body: new Uint8Array(REJECTED_MESSAGE_MAX_BYTES), headers: [] }),
        aMessage('headers', { body: null, headers: many('a name of headers') }),
        aMessage('names', { body: null, headers: many('é漢'.repeat(500)) }),
      ]
      for (const message of given) expect(await list.keep([message], 1024 ** 3)).toBe('kept')
      // Compared one by one, tens of thousands of headers take seconds.
      for (const [index, { no, ...message }] of (await list.list(9, 0)).entries())
        expect([message.origin, message.body?.length, message.headers.length, message.headers.at(-1)]).toEqual([
          given[index]?.origin,
          given[index]?.body?.length,
          given[index]?.headers.length,
          given[index]?.headers.at(-1),
        ])
    },
  },
  {
    title: 'what is dropped is gone for every connection, and makes room',
    run: async ({ store, connect }) => {
      const list = of(store)
      const limit = rejectedBytes(aMessage('one')) * 2
      await list.keep([aMessage('one'), aMessage('two')], limit)
      await using second = await connect()
      const [first] = await of(second).list(1, 0)
      await of(second).drop([first?.no ?? 0, 1_000_000])
      await list.drop([first?.no ?? 0])
      expect(await origins(list)).toEqual(['two'])
      expect(await list.size()).toEqual({ messages: 1, bytes: limit / 2 })
      expect(await list.keep([aMessage('six')], limit)).toBe('kept')
      expect(await origins(of(second))).toEqual(['two', 'six'])
    },
  },
  {
    title: 'one channel is listed and counted apart, whatever another has in front of it',
    run: async ({ store }) => {
      const list = of(store)
      const [one, two, three, four] = [
        aMessage('one', { channel: 'sqs' }),
        aMessage('two', { channel: 'sqs' }),
        aMessage('three'),
        aMessage('four', { body: new Uint8Array(100) }),
      ]
      await list.keep([one, two, three], PLENTY)
      await list.keep([four], PLENTY)
      const ofKafka = await list.list(2, 0, 'kafka')
      expect(ofKafka.map(({ origin }) => origin)).toEqual(['three', 'four'])
      expect((await list.list(2, ofKafka[0]?.no ?? 0, 'kafka')).map(({ origin }) => origin)).toEqual(['four'])
      expect((await list.list(1, 0, 'sqs')).map(({ origin }) => origin)).toEqual(['one'])
      const bytes = (...messages: RejectedMessage[]) => messages.reduce((sum, one) => sum + rejectedBytes(one), 0)
      expect(await list.size('kafka')).toEqual({ messages: 2, bytes: bytes(three, four) })
      expect([await list.last('kafka'), await list.last()]).toEqual([ofKafka[1]?.no, ofKafka[1]?.no])
      expect(await list.last('sqs')).toBe((await list.list(2, 0, 'sqs'))[1]?.no)
      expect(await list.size('sqs')).toEqual({ messages: 2, bytes: bytes(one, two) })
      await list.drop(ofKafka.map(({ no }) => no))
      expect(await list.size('kafka')).toEqual({ messages: 0, bytes: 0 })
      expect(await list.size()).toEqual({ messages: 2, bytes: bytes(one, two) })
    },
  },
  {
    title: 'an empty list is empty',
    run: async ({ store }) => {
      const list = of(store)
      expect(await list.list(10, 0)).toEqual([])
      expect(await list.size()).toEqual({ messages: 0, bytes: 0 })
      expect([await list.last(), await list.last('sqs')]).toEqual([0, 0])
      expect(await list.keep([], 0)).toBe('kept')
      await list.drop([])
    },
  },
]
