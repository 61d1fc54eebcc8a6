import { expect } from 'vitest'
import { createRecorder } from '../../src/index.ts'
import { anUpdate, client, email, fileName, newFileId, word } from '../builders.ts'
import { type ContractCase, useCases } from './subject.ts'

const removal = { client: client(), filename: fileName(), by: email('ada'), admin: false, id: 'inner:removal' as const }

export const lifecycle: readonly ContractCase[] = [
  {
    title: 'a removed file is gone from every read, and its name may be used anew by anybody',
    run: async (subject) => {
      const { record, read, remove } = useCases(subject)
      await record([anUpdate({ errors: ['old trouble'] }), anUpdate({ end: 'failed' })])
      const old = await read.get(client(), fileName())
      expect(await remove(removal)).toEqual({ kind: 'removed' })
      expect(await read.get(client(), fileName())).toBeNull()
      expect((await read.list({ client: client() }, 10, null)).files).toEqual([])
      expect(await read.sums(client())).toMatchObject({ files: 0 })
      expect((await record([anUpdate({ by: 'eve', done: 5 })])).map(word)).toEqual(['created'])
      const anew = await read.get(client(), fileName())
      expect(anew?.state).toMatchObject({
        email: email('eve'),
        version: 1,
        counts: { done: 5 },
        completion: null,
        issues: { error: { count: 0 } },
      })
      expect(anew?.state.fileId).not.toBe(old?.state.fileId)
      expect(anew?.issues.error).toEqual([])
    },
  },
  {
    title: 'only the owner or an administrator removes',
    run: async (subject) => {
      const { record, read, remove } = useCases(subject)
      await record([anUpdate()])
      expect(await remove({ ...removal, by: email('eve') })).toEqual({ kind: 'refused', code: 'NOT_OWNER' })
      expect(await read.get(client(), fileName())).not.toBeNull()
      expect(await remove({ ...removal, by: email('eve'), admin: true })).toEqual({ kind: 'removed' })
      expect(await remove({ ...removal, id: 'inner:again' })).toEqual({ kind: 'refused', code: 'PROGRESS_NOT_FOUND' })
    },
  },
  {
    title: 'who owns a file now may remove it, whatever this process knew of it a moment ago',
    run: async (subject) => {
      const { record, read, remove } = useCases(subject)
      await using second = await subject.connect()
      const other = useCases({ ...subject, store: second })
      await record([anUpdate()])
      expect(await other.remove(removal)).toEqual({ kind: 'removed' })
      expect((await other.record([anUpdate({ by: 'eve' })])).map(word)).toEqual(['created'])
      expect(await remove({ ...removal, by: email('eve'), id: 'inner:again' })).toEqual({ kind: 'removed' })
      expect(await read.get(client(), fileName())).toBeNull()
    },
  },
  {
    title: 'updates of a removed life stay known and are not applied again',
    run: async (subject) => {
      const { record, read, remove } = useCases(subject)
      await record([anUpdate({ id: 'k1' })])
      await remove(removal)
      expect((await record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['duplicate:deleted'])
      expect(await read.get(client(), fileName())).toBeNull()
      expect((await record([anUpdate({ id: 'k1', hash: 'other' })])).map(word)).toEqual(['IDEMPOTENCY_KEY_REUSED'])
      expect((await record([anUpdate({ id: 'k2' })])).map(word)).toEqual(['created'])
      expect((await record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['duplicate:deleted'])
      expect((await read.get(client(), fileName()))?.state.counts.done).toBe(1)
    },
  },
  {
    title: 'two lives back are known as well',
    run: async (subject) => {
      const { record, remove } = useCases(subject)
      await record([anUpdate({ id: 'first' })])
      await remove(removal)
      await record([anUpdate({ id: 'second' })])
      await remove({ ...removal, id: 'inner:second-removal' })
      await record([anUpdate({ id: 'third' })])
      const outcomes = await record(['first', 'second', 'third'].map((id) => anUpdate({ id })))
      expect(outcomes.map(word)).toEqual(['duplicate:deleted', 'duplicate:deleted', 'duplicate:present'])
    },
  },
  {
    title: 'a writer that slept through a removal cannot write into the past',
    run: async (subject) => {
      const { record, read, remove } = useCases(subject)
      await record([anUpdate()])
      const [state] = await subject.store.list({ client: client(), stalledBefore: 0 }, 1, null)
      if (state === undefined) throw new Error('the file is there')
      await remove(removal)
      const entry = {
        kind: 'update' as const,
        fileId: state.fileId,
        version: 2,
        at: state.updatedAt,
        email: state.email,
        delta: { done: 1, warn: 0, failed: 0 },
        total: null,
        completion: null,
        updates: [{ id: 'caller:late' as const, hash: '' }] as const,
        issues: {
          error: { lines: [], messages: [], patterns: [] },
          warning: { lines: [], messages: [], patterns: [] },
        },
        sources: ['http' as const],
        patterns: { error: [], warning: [] },
      }
      const change = { kind: 'update' as const, before: state, after: { ...state, version: 2 }, entry }
      expect(await subject.store.commit([change])).toEqual(['conflict'])
      expect(await read.get(client(), fileName())).toBeNull()
      await record([anUpdate({ by: 'eve' })])
      expect(await subject.store.commit([change])).toEqual(['conflict'])
      expect((await read.get(client(), fileName()))?.state).toMatchObject({ email: email('eve'), version: 1 })
    },
  },
  {
    title: 'a name found free before a whole life passed on it is a conflict, so that the life is known',
    run: async (subject) => {
      const { record, remove } = useCases(subject)
      const request = {
        client: client(),
        filename: fileName(),
        email: email('ada'),
        ids: [],
        thorough: false,
        tables: {},
      }
      const [early] = await subject.store.open([request])
      if (early?.kind !== 'free') throw new Error('the name is free')
      const late = createRecorder({
        clock: subject.clock,
        store: {
          ...subject.store,
          open: (() => {
            let first = true
            return async (requests: Parameters<typeof subject.store.open>[0]) => {
              const answers = await subject.store.open(requests)
              const stale = first ? [early] : answers
              first = false
              return stale
            }
          })(),
        },
      })
      await record([anUpdate({ id: 'k' })])
      await remove(removal)
      expect((await late.record([anUpdate({ id: 'k' })])).map(word)).toEqual(['duplicate:deleted'])
    },
  },
  {
    title: 'opening a free name makes nothing visible',
    run: async (subject) => {
      const { read } = useCases(subject)
      await subject.store.open([
        { client: client(), filename: fileName(), email: email('ada'), ids: [], thorough: false, tables: {} },
      ])
      expect(await read.get(client(), fileName())).toBeNull()
      expect((await read.list({ client: client() }, 10, null)).files).toEqual([])
      expect(await read.clients()).toEqual([])
      expect(await read.sums(client())).toMatchObject({ files: 0, lastUpdate: null })
    },
  },
  {
    title: 'a second connection sees what the first wrote',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ errors: ['trouble'], total: 4 })])
      await using second = await subject.connect()
      const other = useCases({ ...subject, store: second })
      expect(await other.read.get(client(), fileName())).toEqual(await read.get(client(), fileName()))
      await other.record([anUpdate()])
      expect((await read.get(client(), fileName()))?.state.version).toBe(2)
    },
  },
  {
    title: 'a closed store fails by code',
    run: async (subject) => {
      const closing = await subject.connect()
      await closing[Symbol.asyncDispose]()
      await expect(closing.get(client(), fileName())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await expect(closing.commit([])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect((await useCases({ ...subject, store: closing }).record([anUpdate()])).map(word)).toEqual(['unavailable'])
    },
  },
  {
    title: 'what is given and what is returned are copies',
    run: async (subject) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ errors: ['trouble'] })])
      const before = structuredClone(await read.get(client(), fileName()))
      const found = (await subject.store.get(client(), fileName())) as unknown as {
        state: { counts: { done: number }; email: string; former: unknown[] }
        tables: { error: { count: number }[] }
      }
      found.state.counts.done = 99
      found.state.email = 'eve@example.com'
      found.state.former.push({ fileId: newFileId() })
      for (const row of found.tables.error) row.count = 99
      expect(await read.get(client(), fileName())).toEqual(before)
    },
  },
]
