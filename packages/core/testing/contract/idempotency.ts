import { expect } from 'vitest'
import { anUpdate, client, fileName, MINUTE, NOON, word } from '../builders.ts'
import { type ContractCase, useCases } from './subject.ts'

export const idempotency: readonly ContractCase[] = [
  {
    title: 'a repeat adds nothing and is told what the first became',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ id: 'k1', done: 2 })])
      await record([anUpdate({ id: 'k2', done: 3 })])
      const [one, two] = await record([anUpdate({ id: 'k1', done: 2 }), anUpdate({ id: 'k2', done: 3 })])
      expect(one).toMatchObject({ kind: 'duplicate', life: 'present', created: true, file: { counts: { done: 5 } } })
      expect(two).toMatchObject({ kind: 'duplicate', life: 'present', created: false, file: { counts: { done: 5 } } })
      expect((await read.get(client(), fileName()))?.state.version).toBe(2)
    },
  },
  {
    title: 'a repeat by an id that was made of a message is told, too, and what comes with it is applied',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const message = (n: number) => ({ ...anUpdate({ done: n }), id: `derived:kafka:t/0/${n}` as const, hash: 'body' })
      await record([message(1)])
      await record([message(2), message(3)])
      const outcomes = await record([message(3), message(4), message(1)])
      expect(outcomes.map(word)).toEqual(['duplicate:present', 'updated', 'duplicate:present'])
      expect((await record([message(5), message(4)])).map(word)).toEqual(['updated', 'duplicate:present'])
      expect((await read.get(client(), fileName()))?.state.counts.done).toBe(15)
    },
  },
  {
    title: 'a repeat is known after completion, and in the very group of the first',
    run: async (subject) => {
      const { record } = useCases(subject)
      const outcomes = await record([
        anUpdate({ id: 'k1' }),
        anUpdate({ id: 'k1' }),
        anUpdate({ id: 'end', end: 'succeeded' }),
        anUpdate({ id: 'end', end: 'succeeded' }),
      ])
      expect(outcomes.map(word)).toEqual(['created', 'duplicate:present', 'updated', 'duplicate:present'])
      const later = await record([
        anUpdate({ id: 'k1', sentAt: NOON + MINUTE }),
        anUpdate({ id: 'end', end: 'succeeded', sentAt: NOON + MINUTE }),
      ])
      expect(later.map(word)).toEqual(['duplicate:present', 'duplicate:present'])
    },
  },
  {
    title: 'a key with another body is refused, in the group and later',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const outcomes = await record([anUpdate({ id: 'k' }), anUpdate({ id: 'k', hash: 'other', done: 9 })])
      const [later] = await record([anUpdate({ id: 'k', hash: 'other', done: 9 })])
      expect([...outcomes, later].map(word)).toEqual(['created', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_KEY_REUSED'])
      expect((await read.get(client(), fileName()))?.state.counts.done).toBe(1)
    },
  },
  {
    title: 'a key counts within its file, its client and its user',
    run: async (subject) => {
      const { record } = useCases(subject)
      const outcomes = await record([
        anUpdate({ id: 'k' }),
        anUpdate({ id: 'k', filename: 'other.csv' }),
        anUpdate({ id: 'k', client: client('globex') }),
        anUpdate({ id: 'k', by: 'eve' }),
      ])
      expect(outcomes.map(word)).toEqual(['created', 'created', 'created', 'NOT_OWNER'])
    },
  },
  {
    title: 'fifty repeats at once on two connections are applied once',
    run: async (subject) => {
      const one = useCases(subject)
      await using second = await subject.connect()
      const two = useCases({ ...subject, store: second })
      const answers = await Promise.all(
        Array.from(
          { length: 50 },
          async (_, index) => (await (index % 2 === 0 ? one : two).record([anUpdate({ id: 'same', done: 1 })]))[0],
        ),
      )
      expect(answers.every((answer) => answer?.kind === 'applied' || answer?.kind === 'duplicate')).toBe(true)
      expect((await one.read.get(client(), fileName()))?.state).toMatchObject({ version: 1, counts: { done: 1 } })
    },
  },
  {
    title: 'a refusal is not remembered',
    run: async (subject) => {
      const { record, remove } = useCases(subject)
      await record([anUpdate({ by: 'ada' })])
      expect((await record([anUpdate({ by: 'eve', id: 'k' })])).map(word)).toEqual(['NOT_OWNER'])
      await remove({ client: client(), filename: fileName(), by: anUpdate().email, admin: false, id: 'inner:removal' })
      expect((await record([anUpdate({ by: 'eve', id: 'k' })])).map(word)).toEqual(['created'])
    },
  },
  {
    title: 'updates without a key of their own never meet',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      for (let n = 0; n < 4; n += 1) await record([anUpdate()])
      expect((await read.get(client(), fileName()))?.state).toMatchObject({ version: 4, counts: { done: 4 } })
    },
  },
]
