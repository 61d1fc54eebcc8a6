import { expect } from 'vitest'
import { anUpdate, client, fileName, MINUTE, NOON, word } from '../builders.ts'
import { type ContractCase, useCases } from './subject.ts'

export const completionLock: readonly ContractCase[] = [
  {
    title: 'the last update completes the file for good',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate(), anUpdate({ done: 2, end: 'cancelled' })])
      const before = await read.get(client(), fileName())
      expect(before?.state.completion).toEqual({ outcome: 'cancelled', reason: null, at: NOON, sentAt: NOON })
      subject.clock.advance(MINUTE)
      const [late, again] = await record([
        anUpdate({ sentAt: NOON + MINUTE }),
        anUpdate({ sentAt: NOON + MINUTE, end: 'succeeded' }),
      ])
      expect([word(late), word(again)]).toEqual(['PROGRESS_COMPLETED', 'PROGRESS_COMPLETED'])
      expect(await read.get(client(), fileName())).toEqual(before)
    },
  },
  {
    title: 'an update sent before the completing one is still added, and the end stays as it is',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ total: 10 }), anUpdate({ end: 'failed', sentAt: NOON })])
      subject.clock.advance(MINUTE)
      const late = anUpdate({
        done: 5,
        total: 99,
        end: 'succeeded',
        sentAt: NOON - 1,
        errors: ['bad amount in line 7'],
      })
      const [outcome] = await record([late])
      expect(word(outcome)).toBe('updated')
      const found = await read.get(client(), fileName())
      expect(found?.state).toMatchObject({
        counts: { done: 7 },
        total: 10,
        completion: { outcome: 'failed', at: NOON, sentAt: NOON },
      })
      expect(found?.issues.error).toHaveLength(1)
    },
  },
  {
    title: 'after the last update of a group the rest of the group is refused',
    run: async (subject) => {
      const { record } = useCases(subject)
      const outcomes = await record([anUpdate(), anUpdate({ end: 'succeeded' }), anUpdate()])
      expect(outcomes.map(word)).toEqual(['created', 'updated', 'PROGRESS_COMPLETED'])
    },
  },
]
