import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createRecorder } from '@pebbles/core'
import { anUpdate, word } from '@pebbles/core/testing'
import { startMongo } from '@pebbles/services'
import { MongoClient } from 'mongodb'
import { type MongoStore, openMongoMigration, openMongoStore } from '../src/index.ts'
import { LEGACY } from './legacy-client.ts'
import { plantOldData } from './old-version.ts'
import { processClock as clock, processIds as ids } from './process-clock.ts'

/**
 * Figures of a whole migration: `node test/bench-migrate.ts [DOCUMENTS] [UPDATES_PER_SECOND]`, 1,000,000 and 200 unless
 * said. A process of its own writes beside `up`; prints how long each part took, and how long an update waited.
 */
const [documentsText = '1000000', perSecondText = '200', uri = ''] = process.argv.slice(2)
const documents = Number(documentsText)
const perSecond = Number(perSecondText)

/** Files that are written at one time: each is adopted by its first update, and only added to by the others. */
const ACTIVE_FILES = 200
/** How long the writer runs before and after, to compare with. */
const ALONE_MS = 15_000
/** The way back and forth is measured on fewer. */
const MOST_DOWN = 100_000
const quantile = (sorted: readonly number[], part: number): number =>
  Math.round(sorted[Math.floor(sorted.length * part)] ?? 0)

/** Sends updates at an even pace until its input ends; then says how long they took, and what became of them. */
const write = async (place: string): Promise<void> => {
  const open = (): Promise<MongoStore> =>
    openMongoStore({ uri: place, clock, legacyClient: LEGACY, ids }).catch((error: unknown) => {
      process.stderr.write(`the service did not start: ${error}\n`)
      return open()
    })
  const store = await open()
  const { record } = createRecorder({ store, clock })
  process.stdout.write('ready\n')
  let ended = false
  let took: number[] = []
  let outcomes = new Map<string, number>()
  const report = (): void => {
    took.sort((a, b) => a - b)
    const ms = { p50: quantile(took, 0.5), p99: quantile(took, 0.99), most: Math.round(took.at(-1) ?? 0) }
    process.stdout.write(`${JSON.stringify({ updates: took.length, ms, outcomes: Object.fromEntries(outcomes) })}\n`)
    took = []
    outcomes = new Map()
  }
  process.stdin.on('data', report).on('end', () => {
    ended = true
  })
  const waiting = new Set<Promise<void>>()
  const start = performance.now()
  for (let n = 0; !ended; n += 1) {
    const file = ((n % ACTIVE_FILES) * 7_919) % documents
    const begun = performance.now()
    const issues = n % 10 === 0 ? [`late ${n}`] : []
    const update = anUpdate({ client: LEGACY, filename: `old-${file}.csv`, by: `owner${file % 20}`, errors: issues })
    const sent = record([update])
      .then(([outcome]) => {
        took.push(performance.now() - begun)
        outcomes.set(word(outcome), (outcomes.get(word(outcome)) ?? 0) + 1)
      })
      .finally(() => waiting.delete(sent))
    waiting.add(sent)
    await setTimeout(Math.max(0, start + ((n + 1) * 1000) / perSecond - performance.now()))
  }
  await Promise.all(waiting)
  report()
  await store.close()
}

const measure = async (): Promise<void> => {
  await using server = await startMongo({ topology: 'replica-set' })
  const place = await server.database('bench_migrate')
  const client = new MongoClient(place)
  const say = (what: string, facts: object): void => void process.stdout.write(`${what} ${JSON.stringify(facts)}\n`)
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now()
    const result = await work()
    say(what, {
      seconds: Math.round((performance.now() - begun) / 100) / 10,
      memoryMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
      result,
    })
    return result
  }
  await timed('planted', () =>
    plantOldData(client.db(), { seed: 1, count: documents, prototypes: false, secondOwnerEach: 10_000 }),
  )
  await using migration = await openMongoMigration({ uri: place, clock, legacyClient: LEGACY })
  await timed('plan', async () => {
    const { documents: found, estimateMs, ownedTwice } = await migration.plan()
    return { ...found, estimateMs, ownedTwice: ownedTwice.count }
  })
  const writer = spawn(process.execPath, [fileURLToPath(import.meta.url), `${documents}`, `${perSecond}`, place], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface(writer.stdout)[Symbol.asyncIterator]()
  await timed('the service starts', () => lines.next())
  const beside = async (what: string): Promise<void> => {
    writer.stdin.write('\n')
    say(what, JSON.parse(String((await lines.next()).value)))
  }
  await setTimeout(ALONE_MS)
  await beside('alone')
  await timed('up', () => migration.up())
  await beside('beside up')
  await setTimeout(ALONE_MS)
  await beside('after it')
  writer.stdin.end()
  await lines.next()
  if (writer.exitCode === null) await once(writer, 'exit')
  await timed('verify', () => migration.verify())
  if (documents <= MOST_DOWN) {
    const folder = await mkdtemp(join(tmpdir(), 'pebbles-bench-'))
    await timed('down', () => migration.down({ park: false, restFile: join(folder, 'rest.ndjson') }))
    await timed('up again', () => migration.up())
    await rm(folder, { recursive: true })
  }
  await client.close()
}

await (uri === '' ? measure() : write(uri))
