import { DatabaseSync } from 'node:sqlite'
import { createRecorder, createRemoveFile } from '@pebbles/core'
import { anUpdate, client, createTestClock, email, fileName, word } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { openStore, temporaryFolder } from '../test/harness.ts'

const DAY = 86_400_000
const TABLES = ['journal', 'update_id', 'pattern', 'issue_chunk', 'issue_pattern', 'former', 'progress']

const start = async (path: string) => {
  const clock = createTestClock()
  const store = await openStore(path, clock)
  const { record } = createRecorder({ store, clock })
  const removeFile = createRemoveFile({ store, clock })
  let removals = 0
  const remove = (filename = 'orders.csv') =>
    removeFile({
      client: client(),
      filename: fileName(filename),
      by: email('ada'),
      admin: false,
      id: `inner:r${++removals}`,
    })
  return { clock, store, record, remove, [Symbol.asyncDispose]: () => store.close() }
}

const rowsIn = (path: string): Record<string, number> => {
  const db = new DatabaseSync(path, { readOnly: true })
  const counts = TABLES.map((table) => [table, db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'] as number])
  db.close()
  return Object.fromEntries(counts)
}

it('a deleted file is known for 15 days, then it is gone with all of its rows', async () => {
  using folder = temporaryFolder()
  await using subject = await start(folder.file)
  const { clock, store, record, remove } = subject
  await record([anUpdate({ filename: 'kept.csv', id: 'kept', errors: ['kept trouble'] })])
  const kept = rowsIn(folder.file)
  const early = await store.position()
  const many = Array.from({ length: 1_200 }, (_, n) => anUpdate({ id: `k${n}`, errors: [`trouble ${n}`] }))
  await record(many)
  await record([anUpdate({ warnings: ['odd'] })])
  await remove()
  const late = await store.position()

  expect(await store.purge(clock.now() + 15 * DAY - 1)).toBe(0)
  expect((await store.changes(early, 10))?.events).toMatchObject([{ kind: 'removed' }])
  expect((await record([anUpdate({ id: 'k7' })])).map(word)).toEqual(['duplicate:deleted'])
  expect(await store.purge(clock.now() + 15 * DAY + 1)).toBe(1)
  expect(rowsIn(folder.file)).toEqual(kept)
  // Who listened before cannot be told of the removal any more, and has to begin anew.
  expect([await store.changes(early, 10), await store.changes(late, 10)]).toEqual([
    null,
    { events: [], position: late },
  ])
  expect((await record([anUpdate({ id: 'k7' })])).map(word)).toEqual(['created'])
  expect((await record([anUpdate({ filename: 'kept.csv', id: 'kept' })])).map(word)).toEqual(['duplicate:present'])
})

it('an earlier life goes, the present one of the same name stays', async () => {
  using folder = temporaryFolder()
  await using subject = await start(folder.file)
  const { clock, store, record, remove } = subject
  await record([anUpdate({ id: 'old' })])
  await remove()
  clock.advance(10 * DAY)
  await record([anUpdate({ id: 'new', done: 4 })])
  clock.advance(5 * DAY + 1)
  expect(await store.purge(clock.now())).toBe(1)
  expect((await record([anUpdate({ id: 'new', done: 4 })])).map(word)).toEqual(['duplicate:present'])
  expect((await store.get(client(), fileName()))?.state.counts.done).toBe(4)
})

it('a clock that jumped a year ahead purges nothing', async () => {
  using folder = temporaryFolder()
  await using subject = await start(folder.file)
  const { clock, store, record, remove } = subject
  await record([anUpdate({ id: 'k' })])
  await remove()
  expect(await store.purge(clock.now() + 365 * DAY)).toBe(0)
  expect((await record([anUpdate({ id: 'k' })])).map(word)).toEqual(['duplicate:deleted'])
})
