import { expect } from 'vitest'
import { anUpdate, client, email, fileName, word } from '../builders.ts'
import { type ContractCase, STALLED_AFTER_MS, useCases } from './subject.ts'

export const tenantIsolation: readonly ContractCase[] = [
  {
    title: 'one filename in two clients is two files',
    run: async (subject) => {
      const { record, read, remove } = useCases(subject)
      await record([
        anUpdate({ client: client('acme'), done: 1, errors: ['acme secret 1'] }),
        anUpdate({ client: client('globex'), by: 'eve', done: 10, errors: ['globex secret 2'] }),
      ])
      const acme = await read.get(client('acme'), fileName())
      const globex = await read.get(client('globex'), fileName())
      expect(acme?.state).toMatchObject({ client: client('acme'), email: email('ada'), counts: { done: 1 } })
      expect(globex?.state).toMatchObject({ client: client('globex'), email: email('eve'), counts: { done: 10 } })
      expect(acme?.issues.error.map((issue) => issue.message)).toEqual(['acme secret 1'])
      await remove({
        client: client('acme'),
        filename: fileName(),
        by: email('ada'),
        admin: false,
        id: 'inner:removal',
      })
      expect(await read.get(client('acme'), fileName())).toBeNull()
      expect(await read.get(client('globex'), fileName())).toEqual(globex)
    },
  },
  {
    title: 'no read of one client shows a file of another, or of a client whose name begins alike',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      const others = [client('globex'), client('acm'), client('acmee'), client('Acme')]
      await record([
        anUpdate({ client: client('acme') }),
        ...others.map((other) => anUpdate({ client: other, filename: 'theirs.csv', done: 1000 })),
      ])
      const filter = { client: client('acme'), stalledBefore: subject.clock.now() - STALLED_AFTER_MS }
      expect((await subject.store.list(filter, 100, null)).map((state) => state.filename)).toEqual(['orders.csv'])
      expect((await subject.store.scan(filter, 100, null)).map((state) => state.filename)).toEqual(['orders.csv'])
      const theirs = await subject.store.scan({ ...filter, client: client('globex') }, 100, null)
      expect(
        await subject.store.pick(
          filter,
          theirs.map(({ fileId }) => fileId),
        ),
      ).toEqual([])
      expect(await read.sums(client('acme'))).toMatchObject({ files: 1, running: 1, counts: { done: 1n } })
      expect(await read.get(client('acme'), fileName('theirs.csv'))).toBeNull()
      expect(
        await read.issues(client('acme'), fileName('theirs.csv'), {
          kind: 'error',
          pattern: null,
          limit: 5,
          after: null,
        }),
      ).toBeNull()
      expect(await read.history(client('acme'), fileName('theirs.csv'), 5, 0)).toBeNull()
    },
  },
  {
    title: 'a position of one client leads nowhere in another',
    run: async (subject) => {
      const { record } = useCases(subject)
      await record([anUpdate({ client: client('globex') }), anUpdate({ client: client('acme') })])
      const [theirs] = await subject.store.list({ client: client('globex'), stalledBefore: 0 }, 1, null)
      const after = {
        updatedAt: (theirs?.updatedAt ?? 0) + 1,
        fileId: theirs?.fileId as NonNullable<typeof theirs>['fileId'],
      }
      const page = await subject.store.list({ client: client('acme'), stalledBefore: 0 }, 10, after)
      expect(page.every((state) => state.client === client('acme'))).toBe(true)
    },
  },
  {
    title: 'an update id of one client says nothing to another',
    run: async (subject) => {
      const { record } = useCases(subject)
      await record([anUpdate({ client: client('globex'), id: 'k' })])
      const outcomes = await record([anUpdate({ client: client('acme'), id: 'k', hash: 'other' })])
      expect(outcomes.map(word)).toEqual(['created'])
    },
  },
  {
    title: 'clients are counted apart, the one updated last comes first',
    run: async (subject) => {
      const { record, read, remove } = useCases(subject)
      await record([anUpdate({ client: client('acme') }), anUpdate({ client: client('acme'), filename: 'two.csv' })])
      subject.clock.advance(1000)
      await record([anUpdate({ client: client('globex') })])
      const now = subject.clock.now()
      expect(await read.clients()).toEqual([
        { client: client('globex'), files: 1, lastUpdate: now },
        { client: client('acme'), files: 2, lastUpdate: now - 1000 },
      ])
      await remove({
        client: client('globex'),
        filename: fileName(),
        by: email('ada'),
        admin: false,
        id: 'inner:removal',
      })
      expect((await read.clients()).map((row) => row.client)).toEqual([client('acme')])
    },
  },
]
