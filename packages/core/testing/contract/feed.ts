import { expect } from 'vitest'
import type { FeedEvent } from '../../src/index.ts'
import { anUpdate, client, email, fileName } from '../builders.ts'
import type { TestStore } from '../memory-store.ts'
import { type ContractCase, useCases } from './subject.ts'

export const feed: readonly ContractCase[] = [
  {
    title: 'tells each file that changed, in its newest state, to whoever asks on any connection',
    run: async (subject) => {
      const { record } = useCases(subject)
      await record([anUpdate({ filename: 'before.csv' })])
      const start = await subject.store.position()
      await record([anUpdate({ filename: 'a.csv' })])
      await record([anUpdate({ filename: 'b.csv', client: client('globex') })])
      await record([anUpdate({ filename: 'a.csv', errors: ['trouble'] })])
      await using second = await subject.connect()
      const events = await drain(second, start)
      expect(newest(events)).toEqual({ 'a.csv': 2, 'b.csv': 1 })
      expect(events.at(-1)).toMatchObject({
        kind: 'changed',
        state: { client: client(), issues: { error: { count: 1, top: [{ count: 1 }] } } },
      })
    },
  },
  {
    title: 'goes on from any event, page by page, and misses nothing',
    run: async (subject) => {
      const { record } = useCases(subject)
      const start = await subject.store.position()
      for (let n = 0; n < 9; n += 1) await record([anUpdate({ filename: `f${n}.csv` })])
      const first = await subject.store.changes(start, 4)
      expect(first?.events).toHaveLength(4)
      const resumed = await drain(subject.store, first?.events.at(-1)?.position ?? '')
      expect(new Set([...(first?.events ?? []), ...resumed].map(nameOf))).toEqual(
        new Set(Array.from({ length: 9 }, (_, n) => `f${n}.csv`)),
      )
      const end = await subject.store.position()
      expect(await drain(subject.store, end)).toEqual([])
    },
  },
  {
    title: 'tells that a file was removed, and the new life of its name',
    run: async (subject) => {
      const { record, remove } = useCases(subject)
      await record([anUpdate()])
      const start = await subject.store.position()
      await remove({ client: client(), filename: fileName(), by: email('ada'), admin: false, id: 'inner:removal' })
      const events = await drain(subject.store, start)
      expect(events.at(-1)).toMatchObject({ kind: 'removed', client: client(), filename: 'orders.csv', version: 2 })
      const { position } = events.at(-1) as FeedEvent
      await record([anUpdate({ by: 'eve' })])
      expect((await drain(subject.store, position)).at(-1)).toMatchObject({
        kind: 'changed',
        state: { email: email('eve'), version: 1 },
      })
    },
  },
  {
    title: 'wakes who waits, on another connection',
    run: async (subject) => {
      const { record } = useCases(subject)
      await record([anUpdate()])
      await using second = await subject.connect()
      const start = await second.position()
      const woken = second.awaitChange(start, 20_000)
      await record([anUpdate()])
      await woken
      expect(newest(await drain(second, start))).toEqual({ 'orders.csv': 2 })
    },
  },
  {
    title: 'never takes a later position for one that covers an earlier',
    run: async (subject) => {
      const { store } = subject
      const start = await store.position()
      await useCases(subject).record([anUpdate()])
      const end = (await store.changes(start, 10))?.position ?? ''
      expect([store.covers(start, start), store.covers(end, end)]).toEqual([true, true])
      expect(store.covers(end, start)).toBe(false)
      for (const position of ['', 'x', 'sqlite-0000000000000000-0', 'memory-1-99'])
        expect([store.covers(position, end), store.covers(end, position)]).toEqual([false, false])
    },
  },
  {
    title: 'knows no position of another store, of the future, or of nobody',
    run: async (subject) => {
      for (const position of [
        '',
        'x',
        'sqlite-0000000000000000-0',
        'memory-1-99',
        `${await subject.store.position()}999999`,
        'a'.repeat(2_000),
      ]) {
        expect(await subject.store.changes(position, 10)).toBeNull()
      }
    },
  },
]

const drain = async (store: TestStore, after: string): Promise<FeedEvent[]> => {
  const events: FeedEvent[] = []
  let position = after
  for (;;) {
    const page = await store.changes(position, 3)
    if (page === null) throw new Error('the position is known')
    events.push(...page.events)
    if (page.events.length === 0) return events
    position = page.position
  }
}

const nameOf = (event: FeedEvent): string => (event.kind === 'changed' ? event.state.filename : event.filename)

const newest = (events: readonly FeedEvent[]): Record<string, number> =>
  Object.fromEntries(events.map((event) => [nameOf(event), event.kind === 'changed' ? event.state.version : 0]))
