import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { createRecorder } from '@pebbles/core'
import { anUpdate, client, fileName, newFileId, word } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { clock, openStore, temporaryFolder } from '../test/harness.ts'
import { connect } from './connect.ts'
import { assembleStore } from './open-store.ts'

it('waits for another process without stopping the event loop, and reads go on meanwhile', async () => {
  using folder = temporaryFolder()
  await using store = await openStore(folder.file)
  const { record } = createRecorder({ store, clock })
  await record([anUpdate()])
  const other = new DatabaseSync(folder.file)
  other.exec('BEGIN IMMEDIATE')

  const waiting = record([anUpdate({ done: 5 })])
  let turns = 0
  const started = performance.now()
  while (performance.now() - started < 900) {
    await setTimeout(1)
    turns += 1
  }
  // A wait inside SQLite would have left a handful.
  expect(turns).toBeGreaterThan(40)
  expect((await store.get(client(), fileName()))?.state.counts.done).toBe(1)
  other.exec('COMMIT')
  other.close()
  expect((await waiting).map(word)).toEqual(['updated'])
})

it('gives up when another process never lets go, and goes on once it does', async () => {
  using folder = temporaryFolder()
  let now = 0
  const fast = {
    ...clock,
    monotonic: () => now,
    sleep: async (ms: number) => {
      now += ms
    },
  }
  await using store = await openStore(folder.file, fast)
  const { record } = createRecorder({ store, clock })
  const other = new DatabaseSync(folder.file)
  other.exec('BEGIN IMMEDIATE')
  expect((await record([anUpdate()])).map(word)).toEqual(['unavailable'])
  expect(now).toBeGreaterThan(2_000)
  await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  other.exec('COMMIT')
  other.close()
  await store.ping()
  expect((await record([anUpdate()])).map(word)).toEqual(['created'])
})

it('a call that waits its turn when the store is closed fails by code', async () => {
  using folder = temporaryFolder()
  const store = await openStore(folder.file)
  const other = new DatabaseSync(folder.file)
  other.exec('BEGIN IMMEDIATE')
  const waiting = createRecorder({ store, clock }).record([anUpdate()])
  await setTimeout(20)
  await store.close()
  await store.close()
  expect((await waiting).map(word)).toEqual(['unavailable'])
  other.close()
})

it('what fails behind a commit leaves it what it is: durable, answered, and made once', async () => {
  using folder = temporaryFolder()
  const db = await connect(folder.file, clock)
  let failures = 0
  const store = assembleStore(
    db,
    { path: folder.file, clock, ids: { fileId: newFileId } },
    {
      committed: () => {
        failures += 1
        throw Object.assign(new Error('no more threads'), { code: 'ERR_WORKER_INIT_FAILED' })
      },
      release: async () => db.close(),
    },
  )
  // Two groups of one transaction.
  const [one, two] = [createRecorder({ store, clock }), createRecorder({ store, clock })]
  const add = () =>
    Promise.all([one.record([anUpdate({ done: 10 })]), two.record([anUpdate({ filename: 'b.csv', done: 100 })])])
  expect((await add()).flat().map(word)).toEqual(['created', 'created'])
  expect((await add()).flat().map(word)).toEqual(['updated', 'updated'])
  expect(failures).toBeGreaterThan(0)
  expect((await store.get(client(), fileName()))?.state.counts.done).toBe(20)
  expect((await store.get(client(), fileName('b.csv')))?.state.counts.done).toBe(200)
  await store.close()
})
