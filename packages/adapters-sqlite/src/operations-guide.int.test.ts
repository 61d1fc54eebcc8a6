import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRecorder } from '@pebbles/core'
import { anUpdate, client } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { clock, openStore, temporaryFolder } from '../test/harness.ts'
import { connect } from './connect.ts'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const guide = readFileSync(at('../../../docs/guides/sqlite-operations.md'), 'utf8')
const fences = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1] as string)

const hasShell = spawnSync('sqlite3', ['-version']).status === 0
// Elsewhere it is a visible skip: the commands need the sqlite3 shell (apt-get install sqlite3).
const withShell = it.skipIf(!hasShell && process.env['CI'] === undefined)

withShell('the commands of the guide, one after the other, on a store that is being written', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'data', 'pebbles.sqlite')
  const shell = (script: string): string =>
    execFileSync('bash', ['-euc', script], { cwd: folder.path, encoding: 'utf8' })
  const [backUp, restore, check, look, size, ...more] = fences('sh') as [string, string, string, string, string]
  expect(more).toEqual([])

  const store = await openStore(file)
  const { record } = createRecorder({ store, clock })
  await record([anUpdate({ done: 5, errors: ['trouble'] })])
  expect(shell(backUp)).toBe('ok\n')
  await record([anUpdate({ id: 'later', done: 2 })])
  expect(shell(check)).toBe('ok\n')
  expect(shell(look)).toBe('krn:acme:client:prod-001|1\n')
  expect(shell(size)).toMatch(/data\/pebbles\.sqlite-wal\n/)
  await store.close()

  shell(restore)
  expect(readdirSync(join(folder.path, 'data'))).toEqual(['pebbles.sqlite'])
  await using restored = await openStore(file)
  expect((await restored.sums(client(), 0)).counts.done).toBe(5n)
  const again = await createRecorder({ store: restored, clock }).record([anUpdate({ id: 'later', done: 2 })])
  expect(again).toMatchObject([{ kind: 'applied', file: { counts: { done: 7 } } }])
})

it('the program of the guide makes a backup', async () => {
  const program = at('../test/back-up-example.mjs')
  expect(fences('js')).toEqual([readFileSync(program, 'utf8')])
  using folder = temporaryFolder()
  mkdirSync(join(folder.path, 'backup'))
  execFileSync(process.execPath, [program], { cwd: folder.path })
  const [copy] = readdirSync(join(folder.path, 'backup'))
  expect(copy).toMatch(/^pebbles-\d{4}-\d\d-\d\d\.sqlite$/)
  await using store = await openStore(join(folder.path, 'backup', copy as string))
  await store.ping()
  expect(existsSync(join(folder.path, 'data', 'pebbles.sqlite'))).toBe(true)
})

it('the settings are those of the guide', async () => {
  using folder = temporaryFolder()
  const expected: Record<string, [value: string, means: number | string]> = {
    journal_mode: ['`WAL`', 'wal'],
    synchronous: ['`FULL`', 2],
    page_size: ['2048', 2048],
    wal_autocheckpoint: ['16,000 pages, 32 MB', 16_000],
    journal_size_limit: ['64 MiB', 64 * 1024 * 1024],
    cache_size: ['32 MiB', -32 * 1024],
    mmap_size: ['0', 0],
    temp_store: ['`MEMORY`', 2],
    cell_size_check: ['on, off', 1],
    trusted_schema: ['on, off', 0],
  }
  const db = await connect(folder.file, clock)
  for (const [pragma, [value, means]] of Object.entries(expected)) {
    expect(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})).toEqual([means])
    expect(guide).toMatch(new RegExp(`^\\| .*\`${pragma}\`.* *\\| *${value} *\\|`, 'm'))
  }
  db.close()
})
