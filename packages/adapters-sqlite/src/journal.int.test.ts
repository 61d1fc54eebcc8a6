import { DatabaseSync } from 'node:sqlite'
import { createRecorder, createRemoveFile, type FileState } from '@pebbles/core'
import { anUpdate, client, createTestClock, email, fileName, type UpdateFacts } from '@pebbles/core/testing'
import { describe, expect, it } from 'vitest'
import { openStore, temporaryFolder } from '../test/harness.ts'
import { createSchema } from './migrations.ts'
import type { SqliteStore } from './open-store.ts'
import { STEPS } from './schema.ts'

const DAY = 86_400_000
const clock = createTestClock()
let drawn = 0

/** So many commits, each of one update; the counts tell them apart. */
const commit = async (store: SqliteStore, from: number, to: number, facts: UpdateFacts = {}): Promise<void> => {
  const { record } = createRecorder({ store, clock })
  for (let done = from; done <= to; done += 1) {
    const [outcome] = await record([anUpdate({ id: `u${++drawn}`, done, ...facts })])
    expect(outcome?.kind).toBe('applied')
  }
}

const move = (store: SqliteStore, from: string, to: string, filename = 'orders.csv') =>
  store.moves.move({
    from: client(from),
    to: client(to),
    filename: fileName(filename),
    at: clock.now(),
    id: `inner:m${++drawn}`,
  })

const remove = async (store: SqliteStore, filename = 'orders.csv') => {
  const removeFile = createRemoveFile({ store, clock })
  await removeFile({
    client: client(),
    filename: fileName(filename),
    by: email('ada'),
    admin: false,
    id: `inner:r${++drawn}`,
  })
}

const stateOf = async (store: SqliteStore, of = 'acme', filename = 'orders.csv'): Promise<FileState> => {
  const found = await store.get(client(of), fileName(filename))
  if (found === null) throw new Error(`${filename} is not there`)
  return found.state
}

const doneOf = async (store: SqliteStore, ref: FileState, limit: number, after: number): Promise<number[]> =>
  (await store.history(ref, limit, after)).map(({ counts }) => counts.done)

const countUp = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

describe('the journal of a file among others', () => {
  it('is read from any place, so many entries at a time as are asked for', async () => {
    using folder = temporaryFolder()
    await using store = await openStore(folder.file, clock)
    for (const from of [1, 51, 101, 151]) {
      await commit(store, from, from + 49)
      await commit(store, 1, 5, { filename: 'other.csv' })
    }
    const file = await stateOf(store)
    expect(file.version).toBe(200)
    for (const limit of [1, 2, 63, 64, 65, 199, 200, 500])
      for (const after of [0, 1, 62, 63, 64, 65, 127, 128, 191, 192, 193, 199, 200])
        expect([limit, after, await doneOf(store, file, limit, after)]).toEqual([
          limit,
          after,
          countUp(after + 1, Math.min(200, after + limit)),
        ])
    expect(await doneOf(store, { ...file, version: 70 }, 10, 65)).toEqual(countUp(66, 70))
  })

  it('is read whole after moves, without their entries, and by who looked before only as far as they saw', async () => {
    using folder = temporaryFolder()
    await using store = await openStore(folder.file, clock)
    await commit(store, 1, 70)
    const before = await stateOf(store)
    expect(await move(store, 'acme', 'globex')).toMatchObject({ kind: 'moved' })
    await commit(store, 71, 140, { client: client('globex') })
    await move(store, 'globex', 'acme')
    await commit(store, 141, 150)
    const after = await stateOf(store)
    expect(after.version).toBe(152)
    for (const limit of [1, 10, 70, 71, 72, 150, 151])
      expect([limit, await doneOf(store, after, limit, 60)]).toEqual([limit, countUp(61, Math.min(150, 60 + limit))])
    expect(await doneOf(store, before, 500, 60)).toEqual(countUp(61, 70))
  })

  it('stays readable for who looked before the file was deleted, and goes with its life, however long', async () => {
    using folder = temporaryFolder()
    await using store = await openStore(folder.file, clock)
    await commit(store, 1, 5, { filename: 'other.csv' })
    await commit(store, 1, 300)
    await move(store, 'acme', 'globex')
    await move(store, 'globex', 'acme')
    await commit(store, 301, 700)
    const file = await stateOf(store)
    await remove(store)
    expect(await doneOf(store, file, 1_000, 290)).toEqual(countUp(291, 700))
    expect(await store.purge(clock.now() + 15 * DAY + 1)).toBeGreaterThan(0)
    expect(await store.history(file, 1_000, 0)).toEqual([])
    const rows = new DatabaseSync(folder.file, { readOnly: true })
    expect(rows.prepare('SELECT count(*) AS n, count(DISTINCT stream) AS files FROM journal').get()).toEqual({
      n: 5,
      files: 1,
    })
    rows.close()
  })
})

describe('a file from before journals were kept in the order of commits', () => {
  /** Writes what `from` holds as a program of schema 2 kept it. */
  const writeOlder = (from: string, to: string): void => {
    const db = new DatabaseSync(to)
    createSchema(db, STEPS.slice(0, 2))
    db.prepare('ATTACH ? AS newer').run(from)
    const columns =
      'stream, version, kind, at, updates, done, warn, failed, total, outcome, reason, sent_at, sources, email'
    for (const table of ['client', 'progress', 'update_id', 'pattern', 'issue_chunk', 'issue_pattern', 'former'])
      db.exec(`INSERT INTO ${table} SELECT * FROM newer.${table}`)
    db.exec(`INSERT INTO journal SELECT ${columns} FROM newer.journal; DELETE FROM meta`)
    db.exec('INSERT INTO meta SELECT id, 2, seq, identity, purged FROM newer.meta')
    db.close()
  }

  it('has every journal that it had, and each goes on', async () => {
    using folder = temporaryFolder()
    const newer = `${folder.path}/newer.db`
    const facts = async (store: SqliteStore) => {
      const files = [
        await stateOf(store),
        await stateOf(store, 'globex', 'moved.csv'),
        await stateOf(store, 'acme', 'new.csv'),
      ]
      return Promise.all(files.map(async (file) => [file, await doneOf(store, file, 1_000, 0)]))
    }
    let gone: FileState
    let expected: unknown
    {
      await using store = await openStore(newer, clock)
      await commit(store, 1, 150, { errors: ['trouble 1'] })
      await commit(store, 1, 100, { filename: 'moved.csv' })
      await move(store, 'acme', 'globex', 'moved.csv')
      await commit(store, 101, 110, { filename: 'moved.csv', client: client('globex') })
      await commit(store, 1, 80, { filename: 'new.csv' })
      gone = await stateOf(store, 'acme', 'new.csv')
      await remove(store, 'new.csv')
      await commit(store, 1, 3, { filename: 'new.csv' })
      expected = await facts(store)
    }
    writeOlder(newer, folder.file)
    await using store = await openStore(folder.file, clock)
    expect(await facts(store)).toEqual(expected)
    expect(await doneOf(store, gone, 1_000, 0)).toEqual(countUp(1, 80))
    await commit(store, 151, 200)
    await move(store, 'globex', 'acme', 'moved.csv')
    await commit(store, 111, 120, { filename: 'moved.csv' })
    expect(await doneOf(store, await stateOf(store), 1_000, 0)).toEqual(countUp(1, 200))
    expect(await doneOf(store, await stateOf(store, 'acme', 'moved.csv'), 1_000, 0)).toEqual(countUp(1, 120))
    expect(await store.purge(clock.now() + 15 * DAY + 1)).toBeGreaterThan(0)
    expect(await store.history(gone, 1_000, 0)).toEqual([])
    expect(await doneOf(store, await stateOf(store), 1_000, 190)).toEqual(countUp(191, 200))
  })
})
