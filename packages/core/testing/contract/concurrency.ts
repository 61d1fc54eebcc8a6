import { expect } from 'vitest'
import { anUpdate, client, fileName, newFileId, word } from '../builders.ts'
import { type ContractCase, useCases } from './subject.ts'

export const concurrency: readonly ContractCase[] = [
  {
    title: 'parallel writers on two connections add up exactly, versions have no gap',
    run: async (subject) => {
      const one = useCases(subject)
      await using second = await subject.connect()
      const two = useCases({ ...subject, store: second })
      const files = ['a.csv', 'b.csv', 'c.csv']
      const writers = Array.from({ length: 16 }, async (_, writer) => {
        for (let n = 0; n < 12; n += 1) {
          const filename = files[(writer + n) % files.length] as string
          const [outcome] = await (writer % 2 === 0 ? one : two).record([
            anUpdate({ filename, done: 1, warn: 2, errors: n % 4 === 0 ? [`bad value ${n}`] : [] }),
          ])
          expect(['created', 'updated']).toContain(word(outcome))
        }
      })
      await Promise.all(writers)
      let errors = 0
      for (const filename of files) {
        const found = await two.read.get(client(), fileName(filename))
        const history = await two.read.history(client(), fileName(filename), 1000, 0)
        expect(found?.state.counts).toEqual({ done: 64, warn: 128, failed: 0 })
        expect(history?.rows.map((row) => row.version)).toEqual(
          Array.from({ length: found?.state.version ?? 0 }, (_, index) => index + 1),
        )
        expect(history?.rows.reduce((sum, row) => sum + row.updates, 0)).toBe(64)
        errors += found?.state.issues.error.count ?? 0
        expect(found?.tables.error.reduce((sum, row) => sum + row.count, 0)).toBe(found?.state.issues.error.count)
      }
      expect(errors).toBe(48)
    },
  },
  {
    title: 'a commit at a version that is gone is a conflict and stores nothing of itself',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ errors: ['one'] })])
      const request = {
        client: client(),
        filename: fileName(),
        email: anUpdate().email,
        ids: [],
        thorough: true,
        tables: {},
      }
      const [opened] = await subject.store.open([request])
      await record([anUpdate()])
      const now = await read.get(client(), fileName())
      if (opened?.kind !== 'live') throw new Error('the file is there')
      const { state } = opened
      const entry = {
        kind: 'update' as const,
        fileId: state.fileId,
        version: state.version + 1,
        at: state.updatedAt,
        email: state.email,
        delta: { done: 100, warn: 0, failed: 0 },
        total: null,
        completion: null,
        updates: [{ id: 'caller:stale' as const, hash: 'x' }] as const,
        issues: {
          error: { lines: [1], messages: ['stale'], patterns: [1] },
          warning: { lines: [], messages: [], patterns: [] },
        },
        sources: ['http' as const],
        patterns: { error: [], warning: [] },
      }
      const after = { ...state, version: state.version + 1, counts: { done: 101, warn: 0, failed: 0 } }
      expect(await subject.store.commit([{ kind: 'update', before: state, after, entry }])).toEqual(['conflict'])
      expect(await read.get(client(), fileName())).toEqual(now)
      expect((await read.history(client(), fileName(), 10, 0))?.rows).toHaveLength(2)
      expect(
        (await read.issues(client(), fileName(), { kind: 'error', pattern: null, limit: 10, after: null }))?.issues,
      ).toHaveLength(1)
      // Its id was not kept either: the same update, decided anew, goes through.
      expect((await record([anUpdate({ id: 'stale', hash: 'x' })])).map(word)).toEqual(['updated'])
    },
  },
  {
    title: 'a known update id is a conflict at the commit, too, and the rest of the group stands',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ id: 'k' })])
      const blind = {
        ...subject.store,
        open: async (requests: Parameters<typeof subject.store.open>[0]) =>
          (await subject.store.open(requests)).map((opened) =>
            opened.kind === 'live' ? { ...opened, known: new Map() } : opened,
          ),
      }
      const [state] = await subject.store.list({ client: client(), stalledBefore: 0 }, 10, null)
      if (state === undefined) throw new Error('the file is there')
      const fresh = newFileId()
      const shared = {
        kind: 'update' as const,
        at: state.updatedAt,
        email: state.email,
        delta: { done: 1, warn: 0, failed: 0 },
        total: null,
        completion: null,
        issues: { error: none, warning: none },
        sources: ['http' as const],
        patterns: { error: [], warning: [] },
      }
      const results = await blind.commit([
        {
          kind: 'update',
          before: state,
          after: { ...state, version: 2, counts: { done: 2, warn: 0, failed: 0 } },
          entry: { ...shared, fileId: state.fileId, version: 2, updates: [{ id: 'caller:k', hash: 'body' }] },
        },
        {
          kind: 'update',
          before: null,
          after: { ...state, fileId: fresh, filename: fileName('new.csv'), version: 1, former: [] },
          entry: { ...shared, fileId: fresh, version: 1, updates: [{ id: 'caller:k', hash: 'body' }] },
        },
      ])
      expect(results[0]).toBe('conflict')
      expect((await read.get(client(), fileName()))?.state.counts.done).toBe(1)
      if (results[1] === 'committed') expect((await read.get(client(), fileName('new.csv')))?.state.version).toBe(1)
      else expect(await read.get(client(), fileName('new.csv'))).toBeNull()
    },
  },
]

const none = { lines: [], messages: [], patterns: [] }
