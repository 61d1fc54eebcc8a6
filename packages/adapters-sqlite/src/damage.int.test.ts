import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createRecorder } from '@pebbles/core'
import { anUpdate, client, fileName } from '@pebbles/core/testing'
import { describe, expect, it } from 'vitest'
import { clock, copyFile, openStore, temporaryFolder } from '../test/harness.ts'
import { checkSqlite } from './connect.ts'
import { SCHEMA_VERSION } from './migrations.ts'

/** A store as a killed process leaves it: changes in the file, and newer ones in -wal only. */
const abandonedStore = async (file: string): Promise<void> => {
  const original = `${file}.original`
  await using store = await openStore(original)
  const { record } = createRecorder({ store, clock })
  await record(Array.from({ length: 50 }, (_, n) => anUpdate({ filename: `f${n}.csv`, errors: [`trouble ${n}`] })))
  const other = new DatabaseSync(original)
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  other.close()
  for (let n = 0; n < 5; n += 1) await record([anUpdate({ filename: `f${n}.csv`, done: 7 })])
  for (const end of ['', '-wal', '-shm']) copyFile(original + end, file + end)
}

const digestOf = (file: string): readonly (string | null)[] =>
  ['', '-wal'].map((end) =>
    existsSync(file + end)
      ? createHash('sha256')
          .update(readFileSync(file + end))
          .digest('hex')
      : null,
  )

const flip = (file: string, at: number): void => {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] as number) ^ 0x10
  writeFileSync(file, bytes)
}

const cases: Record<string, { readonly damage: (file: string) => void; readonly code: string }> = {
  'the -wal is deleted': { damage: (file) => rmSync(`${file}-wal`), code: 'STORE_CORRUPT' },
  'the file is deleted but its -wal is there': { damage: (file) => rmSync(file), code: 'STORE_CORRUPT' },
  'the file is empty': { damage: (file) => truncateSync(file, 0), code: 'STORE_CORRUPT' },
  'the file is cut in half': {
    damage: (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
    code: 'STORE_CORRUPT',
  },
  'the file is cut to a stump': { damage: (file) => truncateSync(file, 60), code: 'STORE_CORRUPT' },
  'it is no database': { damage: (file) => writeFileSync(file, 'x'.repeat(8192)), code: 'STORE_CORRUPT' },
  'a bit of the header is flipped': { damage: (file) => flip(file, 3), code: 'STORE_CORRUPT' },
  'a bit of a page is flipped': { damage: (file) => flip(file, 5 * 4096 + 1), code: 'STORE_CORRUPT' },
  'a bit of the log is flipped': { damage: (file) => flip(`${file}-wal`, 32 + 24 + 100), code: 'STORE_CORRUPT' },
  'a bit of the header of the log is flipped': { damage: (file) => flip(`${file}-wal`, 17), code: 'STORE_CORRUPT' },
  'it is of another program': {
    damage: (file) => inFile(file, 'PRAGMA application_id = 7'),
    code: 'STORE_FOREIGN',
  },
  'its schema is newer': {
    damage: (file) => inFile(file, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`),
    code: 'STORE_NEWER',
  },
}

/** Changes the database by SQLite itself and leaves it as a killed process would. */
const inFile = (file: string, sql: string): void => {
  const copy = `${file}.changed`
  for (const end of ['', '-wal']) copyFile(file + end, copy + end)
  const db = new DatabaseSync(copy)
  db.exec(sql)
  for (const end of ['', '-wal', '-shm']) copyFile(copy + end, file + end)
  db.close()
}

describe('a store file that must not be used is refused and left as it is, when', () => {
  for (const [title, { damage, code }] of Object.entries(cases)) {
    it(title, async () => {
      using folder = temporaryFolder()
      await abandonedStore(folder.file)
      damage(folder.file)
      const before = digestOf(folder.file)
      await expect(openStore(folder.file)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(folder.file),
      })
      expect(digestOf(folder.file)).toEqual(before)
    })
  }
})

it('an abandoned store opens with everything in its log', async () => {
  using folder = temporaryFolder()
  await abandonedStore(folder.file)
  await using store = await openStore(folder.file)
  expect((await store.get(client(), fileName('f4.csv')))?.state.counts.done).toBe(8)
})

it('a transaction torn at the end of the log was never acknowledged and is no damage', async () => {
  using folder = temporaryFolder()
  await abandonedStore(folder.file)
  truncateSync(`${folder.file}-wal`, statSync(`${folder.file}-wal`).size - 5000)
  await using store = await openStore(folder.file)
  expect((await store.get(client(), fileName('f3.csv')))?.state.counts.done).toBe(8)
  expect((await store.get(client(), fileName('f4.csv')))?.state.counts.done).toBe(1)
})

it('a file that is deleted or replaced while it is open takes no further update', async () => {
  using folder = temporaryFolder()
  await using store = await openStore(folder.file)
  const { record } = createRecorder({ store, clock })
  await record([anUpdate()])
  for (const end of ['', '-wal', '-shm']) rmSync(folder.file + end)
  expect(await record([anUpdate()])).toMatchObject([{ kind: 'unavailable' }])
  await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
})

it('a file brought to a newer schema meanwhile takes no further update', async () => {
  using folder = temporaryFolder()
  await using store = await openStore(folder.file)
  const { record } = createRecorder({ store, clock })
  await record([anUpdate()])
  const newer = new DatabaseSync(folder.file)
  newer.exec(`BEGIN IMMEDIATE; UPDATE meta SET schema = ${SCHEMA_VERSION + 1}; COMMIT`)
  newer.close()
  const [outcome] = await record([anUpdate()])
  expect(outcome).toMatchObject({ kind: 'unavailable', cause: { cause: { code: 'STORE_NEWER' } } })
  expect((await store.get(client(), fileName()))?.state.counts.done).toBe(1)
})

it('a place that cannot be used is named', async () => {
  using folder = temporaryFolder()
  writeFileSync(join(folder.path, 'plain'), 'a file')
  await expect(openStore(join(folder.path, 'plain', 'store.db'))).rejects.toMatchObject({ code: 'STORE_INACCESSIBLE' })
  await expect(openStore(folder.path)).rejects.toMatchObject({ code: 'STORE_INACCESSIBLE' })
})

it('a SQLite that can corrupt a shared file is refused', () => {
  for (const version of ['3.51.2', '3.46.0', '2.9.9']) {
    expect(() => checkSqlite(version)).toThrow(expect.objectContaining({ code: 'SQLITE_TOO_OLD' }))
  }
  for (const version of ['3.51.3', '3.53.4', '4.0.0']) expect(() => checkSqlite(version)).not.toThrow()
})
