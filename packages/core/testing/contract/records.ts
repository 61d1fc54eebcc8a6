import { expect } from 'vitest'
import { anUpdate, client, fileName, MINUTE, NOON, word } from '../builders.ts'
import { type ContractCase, useCases } from './subject.ts'

export const records: readonly ContractCase[] = [
  {
    title: 'the first update creates the file, the next ones add to it',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const [first] = await record([anUpdate({ done: 3, warn: 1, total: 10 })])
      subject.clock.advance(MINUTE)
      const [second] = await record([anUpdate({ done: 2, failed: 1 })])
      expect([word(first), word(second)]).toEqual(['created', 'updated'])
      const found = await read.get(client(), fileName())
      expect(found?.state).toMatchObject({
        client: client(),
        filename: 'orders.csv',
        email: 'ada@example.com',
        version: 2,
        counts: { done: 5, warn: 1, failed: 1 },
        total: 10,
        createdAt: NOON,
        updatedAt: NOON + MINUTE,
        completion: null,
      })
    },
  },
  {
    title: 'a heartbeat moves updatedAt and nothing else',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ done: 4, total: 9 })])
      subject.clock.advance(MINUTE)
      await record([anUpdate({ done: 0 })])
      const found = await read.get(client(), fileName())
      expect(found?.state).toMatchObject({
        counts: { done: 4, warn: 0, failed: 0 },
        total: 9,
        updatedAt: NOON + MINUTE,
      })
    },
  },
  {
    title: 'updatedAt never goes back, whatever the clock does',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate()])
      subject.clock.advance(-60 * MINUTE)
      await record([anUpdate()])
      expect((await read.get(client(), fileName()))?.state).toMatchObject({ updatedAt: NOON, counts: { done: 2 } })
    },
  },
  {
    title: 'updates of one group share an entry, and each is answered with the sums after itself',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const outcomes = await record([anUpdate({ done: 1 }), anUpdate({ done: 2 }), anUpdate({ done: 4, total: 7 })])
      expect(
        outcomes.map((outcome) =>
          outcome.kind === 'applied' ? [outcome.created, outcome.file.counts.done, outcome.file.total] : null,
        ),
      ).toEqual([
        [true, 1, null],
        [false, 3, null],
        [false, 7, 7],
      ])
      const history = await read.history(client(), fileName(), 10, 0)
      expect(history?.rows).toMatchObject([
        { version: 1, updates: 3, counts: { done: 7 }, total: 7, isLast: false, sources: ['http'] },
      ])
    },
  },
  {
    title: 'the rows of the history add up to the file, and come by page',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      for (let n = 1; n <= 5; n += 1) await record([anUpdate({ done: n, warn: 1 })])
      const first = await read.history(client(), fileName(), 2, 0)
      const rest = await read.history(client(), fileName(), 10, first?.rows.at(-1)?.version ?? 0)
      const rows = [...(first?.rows ?? []), ...(rest?.rows ?? [])]
      expect([first?.more, rest?.more]).toEqual([true, false])
      expect(rows.map((row) => row.version)).toEqual([1, 2, 3, 4, 5])
      expect(rows.reduce((sum, row) => sum + row.counts.done, 0)).toBe(15)
    },
  },
  {
    title: 'sums are exact up to 2^53 - 1',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const [, over] = await record([anUpdate({ done: Number.MAX_SAFE_INTEGER }), anUpdate({ done: 1 })])
      expect(word(over)).toBe('COUNTS_OVERFLOW')
      await record([
        anUpdate({ filename: 'other.csv', done: Number.MAX_SAFE_INTEGER }),
        anUpdate({ filename: 'odd.csv', done: 1 }),
      ])
      expect((await read.get(client(), fileName()))?.state.counts.done).toBe(Number.MAX_SAFE_INTEGER)
      expect((await read.sums(client())).counts.done).toBe(2n * BigInt(Number.MAX_SAFE_INTEGER) + 1n)
    },
  },
  {
    title: 'names are kept exactly: composed and decomposed, spaces, quotes, a name that looks like code',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const names = [
        'é.csv',
        'e\u0301.csv',
        ' ',
        "o'brien; DROP TABLE progress.csv",
        '{"$gt":""}',
        '\u202egnp.csv',
        '%5f_',
        '__proto__',
        '😀'.repeat(256),
      ]
      await record(names.map((filename, index) => anUpdate({ filename, done: index + 1 })))
      for (const [index, name] of names.entries()) {
        expect((await read.get(client(), fileName(name)))?.state).toMatchObject({
          filename: name,
          counts: { done: index + 1 },
        })
      }
    },
  },
]
