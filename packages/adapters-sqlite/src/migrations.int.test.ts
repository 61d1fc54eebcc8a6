import { existsSync, readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { openStore, temporaryFolder } from '../test/harness.ts'
import { migrate, SCHEMA_VERSION } from './migrations.ts'

it('many who make the same store at once get one', async () => {
  using folder = temporaryFolder()
  const stores = await Promise.all(Array.from({ length: 8 }, () => openStore(folder.file)))
  for (const store of stores) await store.close()
  expect(readdirSync(folder.path)).toEqual(['store.db'])
})

it('a folder that is missing is made, and closing leaves one file', async () => {
  using folder = temporaryFolder()
  const file = `${folder.path}/a/b/store.db`
  await using store = await openStore(file)
  await store.ping()
  await store.close()
  expect([existsSync(file), existsSync(`${file}-wal`)]).toEqual([true, false])
})

it('an older file is brought up step by step, each whole or not at all, by whoever comes first', async () => {
  using folder = temporaryFolder()
  await (await openStore(folder.file)).close()
  const [one, two] = [new DatabaseSync(folder.file), new DatabaseSync(folder.file)]
  const versionIn = (db: DatabaseSync) => ({
    ...db.prepare('SELECT schema FROM meta').get(),
    ...db.prepare('PRAGMA user_version').get(),
  })
  const done = Array.from({ length: SCHEMA_VERSION }, () => '')
  const first = 'CREATE TABLE later (id INTEGER PRIMARY KEY)'
  expect(() => migrate(one, folder.file, [...done, first, 'CREATE TABLE later (again TEXT)'])).toThrow('already exists')
  expect(versionIn(two)).toEqual({ schema: SCHEMA_VERSION + 1, user_version: SCHEMA_VERSION + 1 })
  migrate(two, folder.file, [...done, first, 'ALTER TABLE later ADD COLUMN name TEXT'])
  migrate(one, folder.file, [...done, first, 'ALTER TABLE later ADD COLUMN name TEXT'])
  expect(versionIn(one)).toEqual({ schema: SCHEMA_VERSION + 2, user_version: SCHEMA_VERSION + 2 })
  one.close()
  two.close()
})
