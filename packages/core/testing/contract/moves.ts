import { expect } from 'vitest'
import { createMoveFiles, type FileMoves, type MoveResult, type UpdateId } from '../../src/index.ts'
import { anUpdate, client, email, fileName, MINUTE, newFileId, word } from '../builders.ts'
import type { TestStore } from '../memory-store.ts'
import { type ContractCase, type Subject, useCases } from './subject.ts'

const FROM = client('acme')
const TO = client('zeta')
const PAGE = 100

let drawn = 0
const newId = (): UpdateId => {
  drawn += 1
  return `inner:move-${drawn}`
}

/** A store without transactions says so, and is held to nothing else. */
const ifItCan =
  (run: (subject: Subject, moves: FileMoves) => Promise<void>): ContractCase['run'] =>
  async (subject) => {
    const { moves } = subject.store
    if (moves === undefined) throw new Error('this store moves no files')
    const obstacle = await moves.obstacle()
    if (obstacle === null) return run(subject, moves)
    expect(obstacle).toBe('STANDALONE')
  }

const move = (moves: FileMoves, from = FROM, to = TO, filename = 'orders.csv', id = newId()): Promise<MoveResult> =>
  moves.move({ from, to, filename: fileName(filename), at: 1, id })

const told = async (store: TestStore, after: string): Promise<string[]> => {
  const words: string[] = []
  for (let position = after; ; ) {
    const page = await store.changes(position, PAGE)
    if (page === null) throw new Error('the position is known')
    if (page.events.length === 0) return words
    for (const event of page.events)
      words.push(
        event.kind === 'changed'
          ? `changed ${event.state.client} ${event.state.version}`
          : `removed ${event.client} ${event.version}`,
      )
    position = page.position
  }
}

export const fileMoves: readonly ContractCase[] = [
  {
    title: 'a file goes with its id, owner, sums, issues and history, and goes on',
    run: ifItCan(async (subject, moves) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ id: 'k1', done: 5, total: 10, errors: ['value 1 is bad'], warnings: ['odd'] })])
      await record([anUpdate({ id: 'k2', errors: ['value 2 is bad'] })])
      const before = await read.get(FROM, fileName())
      const summed = await read.sums(FROM)
      const fileId = before?.state.fileId
      expect(await move(moves)).toEqual({ kind: 'moved', fileId })

      expect(await read.get(FROM, fileName())).toBeNull()
      expect((await read.list({ client: FROM }, PAGE, null)).files).toEqual([])
      expect(await read.sums(FROM)).toMatchObject({ files: 0, counts: { done: 0n }, lastUpdate: null })
      const there = await read.get(TO, fileName())
      expect(there?.state).toEqual({ ...before?.state, client: TO, version: 3 })
      expect(there?.tables).toEqual(before?.tables)
      expect(await read.sums(TO)).toEqual(summed)
      const ref = there?.state ?? { fileId: newFileId(), version: 0 }
      expect((await subject.store.issues(ref, 'error', null, PAGE, null)).map(({ message }) => message)).toEqual([
        'value 1 is bad',
        'value 2 is bad',
      ])
      expect((await subject.store.history(ref, PAGE, 0)).map(({ counts }) => counts.done)).toEqual([5, 1])

      subject.clock.advance(MINUTE)
      const next = anUpdate({ client: TO, errors: ['value 3 is bad'] })
      expect((await record([next])).map(word)).toEqual(['updated'])
      const on = await read.get(TO, fileName())
      expect(on?.state).toMatchObject({ version: 4, counts: { done: 7 }, total: 10, email: email('ada') })
      expect(on?.tables.error).toMatchObject([{ count: 3 }])
      expect((await record([anUpdate({ client: TO, by: 'eve' })])).map(word)).toEqual(['NOT_OWNER'])
    }),
  },
  {
    title: 'the old name takes no update, also from who had opened it before, and what was applied stays known',
    run: ifItCan(async (subject, moves) => {
      const { record, remove } = useCases(subject)
      await record([anUpdate({ id: 'k1' })])
      const [opened] = await subject.store.open([
        { client: FROM, filename: fileName(), email: email('ada'), ids: [], thorough: true, tables: {} },
      ])
      await move(moves)
      expect((await record([anUpdate({ id: 'k1' }), anUpdate({ id: 'k2' })])).map(word)).toEqual([
        'duplicate:moved',
        'FILE_MOVED',
      ])
      expect((await record([anUpdate({ id: 'k1', client: TO })])).map(word)).toEqual(['duplicate:present'])
      if (opened?.kind !== 'live') throw new Error('the file was there')
      const { state } = opened
      const entry = { kind: 'deleted' as const, fileId: state.fileId, version: state.version + 1, at: 1 }
      const change = { kind: 'remove' as const, before: state, entry: { ...entry, by: email('ada'), id: newId() } }
      expect(await subject.store.commit([change])).toEqual(['conflict'])
      expect(
        await remove({ client: FROM, filename: fileName(), by: email('ada'), admin: true, id: newId() }),
      ).toMatchObject({ code: 'PROGRESS_NOT_FOUND' })
    }),
  },
  {
    title: 'a name that is taken is left as it is, here and there',
    run: ifItCan(async (subject, moves) => {
      const { record, read } = useCases(subject)
      await record([anUpdate({ done: 1 }), anUpdate({ client: TO, done: 2, by: 'eve' })])
      expect(await move(moves)).toEqual({ kind: 'taken' })
      expect((await read.get(FROM, fileName()))?.state).toMatchObject({ version: 1, counts: { done: 1 } })
      expect((await read.get(TO, fileName()))?.state).toMatchObject({ version: 1, counts: { done: 2 } })
      expect(await move(moves, FROM, TO, 'nothing.csv')).toEqual({ kind: 'missing' })
    }),
  },
  {
    title: 'a file may come back, a stranger may not take the name it left',
    run: ifItCan(async (subject, moves) => {
      const { record, read, remove } = useCases(subject)
      const third = client('third')
      await record([anUpdate({ id: 'k1' })])
      await move(moves)
      await record([anUpdate({ client: third })])
      expect(await move(moves, third, FROM)).toEqual({ kind: 'taken' })
      expect(await move(moves, TO, FROM)).toMatchObject({ kind: 'moved' })
      expect((await record([anUpdate({ id: 'k1' }), anUpdate({ id: 'k2' })])).map(word)).toEqual([
        'duplicate:present',
        'updated',
      ])
      expect((await read.get(FROM, fileName()))?.state).toMatchObject({ counts: { done: 2 }, former: [] })
      expect((await record([anUpdate({ client: TO })])).map(word)).toEqual(['FILE_MOVED'])
      await remove({ client: FROM, filename: fileName(), by: email('ada'), admin: false, id: newId() })
      expect((await record([anUpdate({ id: 'k2' }), anUpdate({ id: 'k3' })])).map(word)).toEqual([
        'duplicate:deleted',
        'created',
      ])
    }),
  },
  {
    title: 'earlier lives of the new name stay known, those of the old one stay where they were',
    run: ifItCan(async (subject, moves) => {
      const { record, remove } = useCases(subject)
      const gone = { filename: fileName(), by: email('ada'), admin: false }
      await record([anUpdate({ id: 'there', client: TO }), anUpdate({ id: 'here' })])
      await remove({ ...gone, client: TO, id: newId() })
      await remove({ ...gone, client: FROM, id: newId() })
      await record([anUpdate({ id: 'k' })])
      await move(moves)
      const repeats = ['there', 'here', 'k'].map((id) => anUpdate({ id, client: TO }))
      expect((await record(repeats)).map(word)).toEqual(['duplicate:deleted', 'updated', 'duplicate:present'])
    }),
  },
  {
    title: 'listeners of the one client hear that it is gone, those of the other that it is there',
    run: ifItCan(async (subject, moves) => {
      const { record } = useCases(subject)
      await record([anUpdate()])
      const start = await subject.store.position()
      await move(moves)
      const words = await told(subject.store, start)
      expect(new Set(words)).toEqual(new Set([`removed ${FROM} 2`, `changed ${TO} 2`]))
      await move(moves, TO, FROM)
      // Newer than that it is gone.
      expect(await told(subject.store, start)).toContain(`changed ${FROM} 3`)
    }),
  },
  {
    title: 'updates and moves of one file at once: each update is counted once, in one client',
    run: ifItCan(async (subject, moves) => {
      const { record, read } = useCases(subject)
      await using second = await subject.connect()
      const other = useCases({ ...subject, store: second })
      await record([anUpdate({ id: 'first' })])
      const outcomes: string[] = []
      const write = async (by: typeof record, writer: number): Promise<void> => {
        for (let n = 0; n < 20; n += 1) {
          const id = `w${writer}-${n}`
          const here = await by([anUpdate({ id, client: n % 2 === 0 ? FROM : TO })])
          outcomes.push(...here.map(word))
        }
      }
      const shuttle = async (): Promise<void> => {
        for (let n = 0; n < 6; n += 1) {
          if (n % 2 === 0) await move(moves, FROM, TO)
          else await move(moves, TO, FROM)
        }
      }
      await Promise.all([write(record, 1), write(other.record, 2), shuttle()])
      const applied = outcomes.filter((outcome) => outcome === 'updated' || outcome === 'created').length
      expect(outcomes.filter((outcome) => !['updated', 'created', 'FILE_MOVED'].includes(outcome))).toEqual([])
      const files = [...(await read.list({ client: FROM }, PAGE, null)).files]
      files.push(...(await read.list({ client: TO }, PAGE, null)).files)
      expect(files.reduce((sum, { counts }) => sum + counts.done, 0)).toBe(1 + applied)
    }),
  },
  {
    title: 'many are moved by name and by owner, and nothing when a name is taken',
    run: ifItCan(async (subject, moves) => {
      const { record, read } = useCases(subject)
      const files = createMoveFiles({ reader: subject.store, moves, clock: subject.clock, newId })
      const names = Array.from({ length: 7 }, (_, n) => `f${n}.csv`)
      await record(names.map((filename, n) => anUpdate({ filename, by: n < 3 ? 'ada' : 'bob' })))
      await record([anUpdate({ filename: 'f5.csv', client: TO })])
      const all = { from: FROM, to: TO }
      expect(await files.plan(all)).toEqual({ kind: 'plan', files: 7, taken: ['f5.csv'], missing: [] })
      const adas = { ...all, email: email('ada') }
      expect(await files.plan(adas)).toEqual({ kind: 'plan', files: 3, taken: [], missing: [] })
      const moved: boolean[] = []
      expect(await files.move(adas, (one) => moved.push(one))).toEqual([])
      expect(moved).toEqual([true, true, true])
      const some = { ...all, filenames: ['f3.csv', 'f0.csv', 'f5.csv'].map(fileName) }
      expect(await files.plan(some)).toEqual({
        kind: 'plan',
        files: 2,
        taken: ['f5.csv'],
        missing: ['f0.csv'],
      })
      expect(await files.move(some, () => undefined)).toEqual(['f5.csv'])
      const left = (await read.list({ client: FROM }, PAGE, null)).files.map(({ filename }) => filename)
      expect(left.sort()).toEqual(['f4.csv', 'f5.csv', 'f6.csv'])
      expect((await read.sums(TO)).files).toBe(5)
    }),
  },
]
