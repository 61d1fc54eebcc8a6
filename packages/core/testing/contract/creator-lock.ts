import { expect } from 'vitest'
import { anUpdate, client, fileName, word } from '../builders.ts'
import { type ContractCase, useCases } from './subject.ts'

export const creatorLock: readonly ContractCase[] = [
  {
    title: 'only the owner may update a file, and a refusal changes nothing',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ by: 'ada' })])
      const before = await read.get(client(), fileName())
      const [other] = await record([anUpdate({ by: 'eve', done: 5, end: 'failed', errors: ['planted'] })])
      expect(word(other)).toBe('NOT_OWNER')
      expect(await read.get(client(), fileName())).toEqual(before)
    },
  },
  {
    title: 'two first writers leave one owner, in one process',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const outcomes = await record([anUpdate({ by: 'ada' }), anUpdate({ by: 'eve' })])
      expect(outcomes.map(word)).toEqual(['created', 'NOT_OWNER'])
      expect((await read.get(client(), fileName()))?.state).toMatchObject({
        email: 'ada@example.com',
        counts: { done: 1 },
      })
    },
  },
  {
    title: 'two first writers leave one owner, on two connections',
    run: async (subject) => {
      const one = useCases(subject)
      await using second = await subject.connect()
      const two = useCases({ ...subject, store: second })
      for (let round = 0; round < 20; round += 1) {
        const filename = `race-${round}.csv`
        const [[ada], [eve]] = await Promise.all([
          one.record([anUpdate({ filename, by: 'ada' })]),
          two.record([anUpdate({ filename, by: 'eve' })]),
        ])
        expect([word(ada), word(eve)].sort()).toEqual(['NOT_OWNER', 'created'])
        const owner = word(ada) === 'created' ? 'ada@example.com' : 'eve@example.com'
        expect((await one.read.get(client(), fileName(filename)))?.state).toMatchObject({
          email: owner,
          counts: { done: 1 },
          version: 1,
        })
      }
    },
  },
]
