import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore, type SqliteStore } from '@pebbles/adapters-sqlite'
import { createRecorder } from '@pebbles/core'
import { anUpdate, client, createTestClock, fileName, newFileId } from '@pebbles/core/testing'
import { test as base, describe, expect } from 'vitest'
import { type Finished, runPebbles } from './run-pebbles.ts'

const FROM = client('acme')
const TO = client('zeta')

interface Folder {
  readonly pebbles: (...args: string[]) => Promise<Finished>
  readonly store: SqliteStore
  /** Of its file. */
  readonly path: string
}

/** The store of a folder, and the command in that folder. */
const test = base.extend<{ folder: Folder }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from its pattern
  folder: async ({}, use) => {
    const path = await mkdtemp(join(tmpdir(), 'pebbles-move-'))
    const open = (): Promise<SqliteStore> =>
      openSqliteStore({
        path: join(path, 'pebbles.sqlite'),
        clock: createTestClock(),
        ids: { fileId: newFileId },
      })
    const store = await open()
    const { record } = createRecorder({ store, clock: createTestClock() })
    for (const [filename, by] of [
      ['a.csv', 'ada'],
      ['b.csv', 'bob'],
      ['c.csv', 'ada'],
    ] as const)
      await record([anUpdate({ filename, by })])
    await record([anUpdate({ filename: 'c.csv', client: TO })])
    const pebbles = (...args: string[]) =>
      runPebbles(['clients', 'move', ...args], { environment: { DATA_DIR: path }, openStore: open })
    await use({ pebbles, store, path: join(path, 'pebbles.sqlite') })
    await store.close()
    await rm(path, { recursive: true })
  },
})

const namesOf = async (store: SqliteStore, of = FROM): Promise<readonly string[]> =>
  (await store.scan({ client: of, stalledBefore: 0 }, 10, null)).map(({ filename }) => filename).sort()

describe('pebbles clients move', () => {
  test('says that another process holds the store, and is no bug', async ({ folder }) => {
    const holder = new DatabaseSync(folder.path)
    holder.exec('BEGIN IMMEDIATE')
    const { exit, stderr } = await folder.pebbles('--from', FROM, '--to', TO, '--filename', 'a.csv')
    holder.close()
    expect(stderr).toMatch(/^pebbles: Another process has held the store file .+\n {2}.+ Try again\.\n$/)
    expect(exit).toBe(74)
  })

  test('refuses the whole when a name is taken, and says which', async ({ folder }) => {
    const { exit, stderr } = await folder.pebbles('--from', FROM, '--to', TO)
    expect(exit).toBe(1)
    expect(stderr).toContain('has 1 file of the same name: c.csv')
    expect(await namesOf(folder.store)).toEqual(['a.csv', 'b.csv', 'c.csv'])
  })

  test('says what it would do, does it, and has nothing left to do', async ({ folder }) => {
    const some = ['--from', FROM, '--to', TO, '--filename', 'a.csv', '--filename', 'b.csv', '--filename', 'x.csv']
    const dry = await folder.pebbles(...some, '--dry-run')
    expect([dry.exit, dry.stdout]).toEqual([0, '2 files would be moved. Not there (any more): x.csv\n'])
    expect(await namesOf(folder.store)).toHaveLength(3)
    const { exit, stdout } = await folder.pebbles(...some, '--json')
    expect([exit, JSON.parse(stdout)]).toEqual([
      0,
      { from: FROM, to: TO, files: 2, missing: ['x.csv'], taken: [], moved: 2 },
    ])
    expect(await namesOf(folder.store)).toEqual(['c.csv'])
    expect(await namesOf(folder.store, TO)).toEqual(['a.csv', 'b.csv', 'c.csv'])
    expect((await folder.pebbles(...some)).stdout).toBe('0 files moved. Not there (any more): a.csv, b.csv, x.csv\n')
  })

  test('moves one owner’s files', async ({ folder }) => {
    const { exit, stdout } = await folder.pebbles('--from', FROM, '--to', TO, '--email', 'bob@example.com')
    expect([exit, stdout]).toEqual([0, '1 file moved.\n'])
    expect((await folder.store.get(TO, fileName('b.csv')))?.state.email).toBe('bob@example.com')
  })

  test('says what is wrong with its arguments', async ({ folder }) => {
    for (const [args, said] of [
      [['--from', FROM, '--to', FROM], 'the same client'],
      [['--from', 'acme', '--to', TO], '--from is no client KRN: "acme"'],
      [['--from', FROM, '--to', TO, '--email', '\u001b'], 'is no email'],
      [['--from', FROM, '--to', TO, '--filename', 'a\nb'], 'can be no filename'],
      [['--to', TO], "Required option '--from <krn>'"],
    ] as const) {
      const { exit, stderr } = await folder.pebbles(...args)
      expect([exit, stderr]).toEqual([2, expect.stringContaining(said)])
    }
  })

  test('says where it looked when no store is there', async () => {
    const path = await mkdtemp(join(tmpdir(), 'pebbles-move-none-'))
    const { exit, stderr } = await runPebbles(['clients', 'move', '--from', FROM, '--to', TO], {
      environment: { DATA_DIR: path },
    })
    expect([exit, stderr]).toEqual([1, expect.stringContaining('MONGO_URI is not set')])
    await rm(path, { recursive: true })
  })

  test('takes five thousand names', { timeout: 120_000 }, async ({ folder }) => {
    const names = Array.from({ length: 5_000 }, (_, n) => [
      '--filename',
      n === 4_321 ? 'a.csv' : `none-${n}.csv`,
    ]).flat()
    const { exit, stdout } = await folder.pebbles('--from', FROM, '--to', TO, ...names, '--json')
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ files: 1, moved: 1, missing: { length: 4_999 } })
  })

  test('says how to get past a MongoDB that cannot, and before the migration', async ({ folder }) => {
    for (const [obstacle, next] of [
      ['STANDALONE', '--replSet rs0'],
      ['NOT_MIGRATED', 'pebbles migrate up'],
    ] as const) {
      const { store } = folder
      const moves = { ...store.moves, obstacle: async () => obstacle }
      const { exit, stderr } = await runPebbles(['clients', 'move', '--from', FROM, '--to', TO], {
        environment: { MONGO_URI: 'mongodb://127.0.0.1/pebbles' },
        openStore: async () => ({ ...store, moves, [Symbol.asyncDispose]: async () => undefined }),
      })
      expect([exit, stderr]).toEqual([78, expect.stringContaining(next)])
    }
  })
})
