import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMongoStore } from '@pebbles/adapters-mongo'
import { openSqliteStore } from '@pebbles/adapters-sqlite'
import {
  type ClientKrn,
  createRecorder,
  type Email,
  type FileName,
  type ProgressReader,
  type ProgressStore,
  type RecordUpdate,
} from '@pebbles/core'
import { createInnerIds, randomFileId, systemClock } from '@pebbles/runtime'
import { startMongo } from '@pebbles/services'

/**
 * What an update and a page cost as a file and a client grow: each figure is a ratio to the small case, in one run.
 * `node store/measure.ts sqlite`, or `mongo` on a replica set of one; `--quick` takes a tenth of the sizes.
 */
const mongo = process.argv[2] === 'mongo' ? await startMongo({ topology: 'replica-set', wholeCache: true }) : null
const quick = process.argv.includes('--quick')
const MILLION = quick ? 100_000 : 1_000_000
const client = 'krn:acme:client:bench' as ClientKrn
const email = 'bench@example.com' as Email
const innerId = createInnerIds()
const NO_ISSUES = { errors: [], warnings: [] }

const update = (filename: string, facts: Partial<RecordUpdate> = {}): RecordUpdate => ({
  client,
  filename: filename as FileName,
  email,
  id: innerId(),
  hash: '',
  counts: { done: 1, warn: 0, failed: 0 },
  total: null,
  ...NO_ISSUES,
  sentAt: Date.now(),
  channel: 'http',
  ...facts,
})

type Store = ProgressStore & ProgressReader

const withStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'pebbles-bench-'))
  const deps = { clock: systemClock, ids: { fileId: randomFileId } }
  const store =
    mongo === null
      ? await openSqliteStore({ path: join(folder, 'bench.sqlite'), ...deps })
      : await openMongoStore({
          uri: await mongo.database('bench'),
          legacyClient: 'krn:default:client:001' as ClientKrn,
          ...deps,
        })
  try {
    return await work(store)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Median ms of an update that comes alone, with one issue: on two files in turn, so that noise meets both. */
const updateCosts = async (store: Store, small: string, large: string): Promise<readonly [number, number]> => {
  const { record } = createRecorder({ store, clock: systemClock })
  const costs = { [small]: [] as number[], [large]: [] as number[] }
  for (let n = 0; n < 600; n += 1) {
    const filename = n % 2 === 0 ? small : large
    const started = performance.now()
    await record([
      update(filename, { errors: [{ line: n + 1, message: `Invalid amount "${n},x" in column "price"` }] }),
    ])
    if (n >= 100) costs[filename]?.push(performance.now() - started)
  }
  return [median(costs[small] ?? []), median(costs[large] ?? [])]
}

const fillIssues = async (store: Store, filename: string, issues: number): Promise<void> => {
  const { record } = createRecorder({ store, clock: systemClock })
  for (let done = 0; done < issues; done += 10_000) {
    const errors = Array.from({ length: Math.min(10_000, issues - done) }, (_, n) => ({
      line: done + n + 1,
      message: `Invalid amount "${done + n},x" in column "price"`,
    }))
    await record([update(filename, { errors })])
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const wordOf = (n: number): string =>
  [n % 26, Math.floor(n / 26) % 26, Math.floor(n / 676) % 26].map((i) => LETTERS[i]).join('')

const fillPatterns = async (store: Store, filename: string, patterns: number): Promise<number> => {
  const { record } = createRecorder({ store, clock: systemClock })
  // Different lengths and first words, so that nothing is alike enough to be joined.
  const errors = Array.from({ length: patterns }, (_, n) => ({
    line: n + 1,
    message: `${wordOf(n)} ${Array.from({ length: n % 12 }, (_, k) => wordOf(n * 31 + k * 7)).join(' ')} of ${wordOf(n + 5_000)}`,
  }))
  for (let n = 0; n < errors.length; n += 100) await record([update(filename, { errors: errors.slice(n, n + 100) })])
  const found = await store.get(client, filename as FileName)
  return found?.tables.error.filter((row) => row.into === undefined).length ?? 0
}

const pageCost = async (files: number): Promise<number> =>
  withStore(async (store) => {
    const { record } = createRecorder({ store, clock: systemClock })
    for (let n = 0; n < files; n += 2_000)
      await record(Array.from({ length: Math.min(2_000, files - n) }, (_, k) => update(`file-${n + k}.csv`)))
    // What the server still has to write of them is not what a page costs.
    await (await mongo?.primary())?.command({ fsync: 1 })
    const costs: number[] = []
    for (let n = 0; n < 60; n += 1) {
      const started = performance.now()
      const page = await store.list({ client, stalledBefore: 0 }, 100, null)
      costs.push(performance.now() - started)
      if (page.length !== 100) throw new Error('a page of 100')
    }
    return median(costs)
  })

const say = (what: string, small: number, large: number): void =>
  console.log(`${what.padEnd(52)} ${small.toFixed(3)} ms -> ${large.toFixed(3)} ms   x${(large / small).toFixed(2)}`)

await withStore(async (store) => {
  await fillIssues(store, 'small.csv', 10)
  await fillIssues(store, 'large.csv', MILLION)
  say(`update, file with 10 -> ${MILLION} issues`, ...(await updateCosts(store, 'small.csv', 'large.csv')))
})
await withStore(async (store) => {
  const { record } = createRecorder({ store, clock: systemClock })
  const counts = { done: 10 * MILLION, warn: 0, failed: 0 }
  await record([update('small.csv'), update('large.csv', { counts, total: 20 * MILLION })])
  say(`update, file of 1 -> ${10 * MILLION} lines`, ...(await updateCosts(store, 'small.csv', 'large.csv')))
})
await withStore(async (store) => {
  const few = await fillPatterns(store, 'few.csv', 10)
  const many = await fillPatterns(store, 'many.csv', 1_100)
  say(`update, file with ${few} -> ${many} patterns`, ...(await updateCosts(store, 'few.csv', 'many.csv')))
})
say(`page of 100 out of 1000 -> ${MILLION} files`, await pageCost(1_000), await pageCost(MILLION))
console.log(`rss ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`)
await mongo?.stop()
