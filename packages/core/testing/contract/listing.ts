import { expect } from 'vitest'
import type { FileState, ListFilter, ListPosition, UpdateId } from '../../src/index.ts'
import { foldName } from '../../src/index.ts'
import { anUpdate, client, email, fileName, MINUTE } from '../builders.ts'
import type { TestStore } from '../memory-store.ts'
import { type ContractCase, STALLED_AFTER_MS, type Subject, useCases } from './subject.ts'

export const listing: readonly ContractCase[] = [
  {
    title: 'newest first, by page, no row twice though rows are updated meanwhile',
    run: async (subject) => {
      const { record } = useCases(subject)
      for (let n = 0; n < 7; n += 1) {
        await record([anUpdate({ filename: `f${n}.csv` })])
        subject.clock.advance(1000)
      }
      const first = await subject.store.list(all(subject), 3, null)
      expect(names(first)).toEqual(['f6.csv', 'f5.csv', 'f4.csv'])
      await record([anUpdate({ filename: 'f5.csv' }), anUpdate({ filename: 'f0.csv' })])
      const rest = await subject.store.list(all(subject), 10, position(first))
      expect(names(rest)).toEqual(['f3.csv', 'f2.csv', 'f1.csv'])
    },
  },
  {
    title: 'rows of one moment have a total order, so that pages meet without gap or overlap',
    run: async (subject) => {
      const { record } = useCases(subject)
      await record(Array.from({ length: 25 }, (_, n) => anUpdate({ filename: `f${n}.csv` })))
      const seen: string[] = []
      for (
        let page = await subject.store.list(all(subject), 4, null);
        page.length > 0;
        page = await subject.store.list(all(subject), 4, position(page))
      )
        seen.push(...names(page))
      expect(seen).toHaveLength(25)
      expect(new Set(seen).size).toBe(25)
    },
  },
  {
    title: 'filters: email, completed, status, updatedSince, and together',
    run: async (subject) => {
      const { record } = useCases(subject)
      await record([anUpdate({ filename: 'stalled.csv' })])
      subject.clock.advance(STALLED_AFTER_MS + MINUTE)
      const since = subject.clock.now()
      await record([
        anUpdate({ filename: 'running.csv', by: 'eve' }),
        anUpdate({ filename: 'done.csv', end: 'succeeded' }),
        anUpdate({ filename: 'failed.csv', end: 'failed' }),
        anUpdate({ filename: 'cancelled.csv', by: 'eve', end: 'cancelled' }),
      ])
      const everyId = (await subject.store.scan(all(subject), 100, null)).map(({ fileId }) => fileId)
      const list = async (filter: Partial<ListFilter>): Promise<string[]> => {
        const wanted = { ...all(subject), ...filter }
        const scanned = names(await subject.store.scan(wanted, 100, null)).sort()
        expect(names(await subject.store.list(wanted, 100, null)).sort()).toEqual(scanned)
        expect(names(await subject.store.pick(wanted, everyId)).sort()).toEqual(scanned)
        return scanned
      }
      expect(await list({ status: 'stalled' })).toEqual(['stalled.csv'])
      expect(await list({ status: 'running' })).toEqual(['running.csv'])
      expect(await list({ status: 'completed' })).toEqual(['done.csv'])
      expect(await list({ status: 'failed' })).toEqual(['failed.csv'])
      expect(await list({ status: 'cancelled' })).toEqual(['cancelled.csv'])
      expect(await list({ completed: true })).toEqual(['cancelled.csv', 'done.csv', 'failed.csv'])
      expect(await list({ completed: false })).toEqual(['running.csv', 'stalled.csv'])
      expect(await list({ email: email('eve') })).toEqual(['cancelled.csv', 'running.csv'])
      expect(await list({ email: email('eve'), completed: false })).toEqual(['running.csv'])
      expect(await list({ updatedSince: since })).toEqual(['cancelled.csv', 'done.csv', 'failed.csv', 'running.csv'])
      expect(await list({ updatedSince: since + 1 })).toEqual([])
      expect(await useCases(subject).read.sums(client())).toMatchObject({
        files: 5,
        running: 1,
        stalled: 1,
        completed: 1,
        failed: 1,
        cancelled: 1,
      })
    },
  },
  {
    title: 'q is part of the name, literal, in any case of any script',
    run: async (subject) => {
      const { record } = useCases(subject)
      const filenames = [
        'Ärger.csv',
        'ΟΔΟΣ.csv',
        'straße.csv',
        '100%_real.csv',
        'a*b[c].csv',
        'İstanbul.csv',
        'ИМЯ.csv',
        "it's.csv",
      ]
      await record(filenames.map((filename) => anUpdate({ filename })))
      const find = async (text: string): Promise<string[]> =>
        names(await subject.store.list({ ...all(subject), q: foldName(text) }, 100, null)).sort()
      expect(await find('äRG')).toEqual(['Ärger.csv'])
      expect(await find('οδοσ')).toEqual(['ΟΔΟΣ.csv'])
      expect(await find('STRASSE')).toEqual(['straße.csv'])
      expect(await find('%')).toEqual(['100%_real.csv'])
      expect(await find('_')).toEqual(['100%_real.csv'])
      expect(await find('*B[')).toEqual(['a*b[c].csv'])
      expect(await find('имя')).toEqual(['ИМЯ.csv'])
      expect(await find("'s")).toEqual(["it's.csv"])
      expect(await find('.*')).toEqual([])
      expect(await find('.CSV')).toHaveLength(filenames.length)
    },
  },
  {
    title: 'a scan shows each file that was there all along exactly once, though all are updated meanwhile',
    run: async (subject) => {
      const { record } = useCases(subject)
      const update = (n: number) => anUpdate({ filename: `f${n}.csv` })
      await record(Array.from({ length: 30 }, (_, n) => update(n)))
      const seen: string[] = []
      for (
        let page = await subject.store.scan(all(subject), 7, null);
        page.length > 0;
        page = await subject.store.scan(all(subject), 7, page.at(-1)?.fileId ?? null)
      ) {
        seen.push(...names(page))
        subject.clock.advance(1000)
        await record(Array.from({ length: 30 }, (_, n) => update(n)))
      }
      expect(seen.sort()).toEqual(Array.from({ length: 30 }, (_, n) => `f${n}.csv`).sort())
    },
  },
  {
    title: 'picked files are as they stand now, also those that were updated since; what is gone is left out',
    run: async (subject) => {
      const { record, remove } = useCases(subject)
      await record(Array.from({ length: 5 }, (_, n) => anUpdate({ filename: `f${n}.csv` })))
      const before = await subject.store.list(all(subject), 10, null)
      subject.clock.advance(1000)
      await record([anUpdate({ filename: 'f1.csv', done: 7 }), anUpdate({ filename: 'f9.csv' })])
      await remove({
        ...{ client: client(), filename: fileName('f3.csv'), by: email(), admin: false },
        id: 'inner:gone' as UpdateId,
      })
      const wanted = before.filter(({ filename }) => filename !== 'f4.csv').map(({ fileId }) => fileId)
      const now = await subject.store.scan(all(subject), 10, null)
      const expected = now.filter(({ filename }) => ['f0.csv', 'f1.csv', 'f2.csv'].includes(filename))
      const picked = [...(await subject.store.pick(all(subject), wanted))]
      expect(picked.sort((a, b) => (a.fileId < b.fileId ? -1 : 1))).toEqual(expected)
      expect(expected.find(({ filename }) => filename === 'f1.csv')).toMatchObject({ version: 2, counts: { done: 8 } })
      expect(await subject.store.pick(all(subject), [])).toEqual([])
    },
  },
]

const all = ({ clock }: Subject): ListFilter => ({ client: client(), stalledBefore: clock.now() - STALLED_AFTER_MS })
const names = (page: Awaited<ReturnType<TestStore['list']>>): string[] => page.map((state) => state.filename)
const position = (page: readonly FileState[]): ListPosition | null => page.at(-1) ?? null
