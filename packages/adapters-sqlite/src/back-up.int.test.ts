import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRecorder } from '@pebbles/core'
import { anUpdate, client } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { clock, openStore, temporaryFolder } from '../test/harness.ts'

it('a backup taken while two connections write is one moment of the store, and opens as one', async () => {
  using folder = temporaryFolder()
  await using store = await openStore(folder.file)
  await using second = await openStore(folder.file)
  const recorders = [store, second].map((each) => createRecorder({ store: each, clock }))
  let sent = 0
  let acknowledged = 0
  let writing = true
  const writers = recorders.map(async ({ record }) => {
    while (writing) {
      sent += 1
      // Two files in one commit: a copy of one moment has both or neither.
      const filename = `f${sent % 40}.csv`
      const outcomes = await record([anUpdate({ filename, errors: ['trouble'] }), anUpdate({ filename, warn: 1 })])
      expect(outcomes.every((outcome) => outcome.kind === 'applied')).toBe(true)
      acknowledged += 1
    }
  })
  while (acknowledged < 100) await clock.pause()
  const before = acknowledged
  const copy = join(folder.path, 'copy.db')
  await store.backup(copy)
  const after = sent
  writing = false
  await Promise.all(writers)

  await using restored = await openStore(copy)
  const files = await restored.list({ client: client(), stalledBefore: 0 }, 100, null)
  const done = files.reduce((sum, file) => sum + file.counts.done, 0)
  expect(done).toBeGreaterThanOrEqual(2 * before)
  expect(done).toBeLessThanOrEqual(2 * after)
  expect((await restored.sums(client(), 0)).counts).toEqual({ done: BigInt(done), warn: BigInt(done / 2), failed: 0n })
  for (const file of files) {
    const live = await store.get(file.client, file.filename)
    const history = await restored.history(file, 10_000, 0)
    expect(history).toEqual(await store.history(file, 10_000, 0))
    expect(history.reduce((sum, row) => sum + row.counts.done, 0)).toBe(file.counts.done)
    expect(await restored.issues(file, 'error', null, 10_000, null)).toEqual(
      await store.issues(file, 'error', null, 10_000, null),
    )
    expect(live?.state.version).toBeGreaterThanOrEqual(file.version)
  }
  // It takes updates like any other store.
  const outcomes = await createRecorder({ store: restored, clock }).record([anUpdate({ filename: 'new.csv' })])
  expect(outcomes).toMatchObject([{ kind: 'applied', created: true }])
})

it('a backup never replaces a file and leaves nothing half done', async () => {
  using folder = temporaryFolder()
  await using store = await openStore(folder.file)
  const copy = join(folder.path, 'copy.db')
  await store.backup(copy)
  await expect(store.backup(copy)).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(store.backup(join(folder.path, 'missing', 'copy.db'))).rejects.toThrow()
  expect(readdirSync(folder.path).filter((name) => name.includes('.new-'))).toEqual([])
})

it('a store in memory can be kept in a file', async () => {
  using folder = temporaryFolder()
  await using store = await openStore(':memory:')
  await createRecorder({ store, clock }).record([anUpdate({ done: 3 })])
  await store.backup(folder.file)
  expect(existsSync(folder.file)).toBe(true)
  await using restored = await openStore(folder.file)
  expect((await restored.sums(client(), 0)).counts.done).toBe(3n)
})

it('a position in the feed of the original leads nowhere in a restored copy', async () => {
  using folder = temporaryFolder()
  await using store = await openStore(folder.file)
  await createRecorder({ store, clock }).record([anUpdate()])
  const position = await store.position()
  const copy = join(folder.path, 'copy.db')
  await store.backup(copy)
  expect(await store.changes(position, 10)).toEqual({ events: [], position })
  await using restored = await openStore(copy)
  expect(await restored.changes(position, 10)).toBeNull()
  const own = await restored.position()
  await restored.close()
  await using again = await openStore(copy)
  expect(await again.position()).toBe(own)
})
