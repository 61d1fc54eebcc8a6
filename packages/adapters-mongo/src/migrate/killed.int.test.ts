import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anUpdate, client, createRandom } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import type { Document } from 'mongodb'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { type MigrationPlace, migrationPlace } from '../../test/migration-place.ts'
import { oldVersionUpdates, plantOldData } from '../../test/old-version.ts'
import { openPlace, writePlace } from '../../test/written-place.ts'

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
const folder = await mkdtemp(join(tmpdir(), 'pebbles-killed-'))
afterAll(async () => {
  await bench?.stop()
  await rm(folder, { recursive: true })
})

// Dozens of processes, one after the other.
vi.setConfig({ testTimeout: 600_000 })

const SEED = Number(process.env['PEBBLES_TEST_SEED'] ?? 181_191)
const migrator = fileURLToPath(new URL('../../test/migrator.ts', import.meta.url))

interface Ended {
  readonly commands: number
  readonly report: Document
}

/** Runs a process to its end, or to its kill, which is null. */
const run = async (
  place: MigrationPlace,
  action: 'up' | 'down',
  kill = 0,
  restFile = 'rest.ndjson',
): Promise<Ended | null> => {
  const child = spawn(process.execPath, [migrator, place.uri, action, join(folder, restFile), `${kill}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text) => {
    said += text
  })
  const [code, signal] = await once(child, 'close')
  if (signal === 'SIGKILL') return null
  if (code !== 0) throw new Error(`the migration ended with ${code}`)
  return JSON.parse(said) as Ended
}

const COLLECTIONS = ['progress', 'progress_parked', 'journal', 'journal_issues', 'patterns', 'settings'] as const
/** What differs from run to run: when the server wrote, and ids that were drawn. */
const DRAWN = {
  progress: ['changedAt'],
  journal: ['_id', 'chunks'],
  journal_issues: ['_id', 'set'],
  patterns: ['_id'],
  settings: ['id'],
}

/** All data and indexes, as far as they are the same for every run. */
const contentsOf = async (place: MigrationPlace): Promise<Record<string, unknown>> => {
  const contents: Record<string, unknown> = {}
  for (const name of COLLECTIONS) {
    const drawn: readonly string[] = (DRAWN as Record<string, readonly string[]>)[name] ?? []
    contents[name] = (await place.all(name))
      .filter(({ _id }) => name !== 'settings' || _id === 'legacy' || _id === 'down')
      .map((document) => Object.fromEntries(Object.entries(document).filter(([field]) => !drawn.includes(field))))
      .map((document) => JSON.stringify(document, Object.keys(document).length > 0 ? sorted : undefined))
      .sort()
  }
  const indexes = await place.db.collection('progress').listIndexes().toArray()
  return { ...contents, indexes: indexes.map(({ name }) => name).sort() }
}

/** Fields in one order: a document that was made anew has its own. */
const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

const copyOf = async (source: MigrationPlace): Promise<MigrationPlace> => {
  const place = await migrationPlace(bench)
  for (const name of COLLECTIONS) {
    const documents = await source.all(name)
    if (documents.length > 0) await place.db.collection(name).insertMany(documents)
    const indexes = await source.db
      .collection(name)
      .listIndexes()
      .toArray()
      .catch(() => [])
    for (const { v: _v, key, ...options } of indexes)
      if (options['name'] !== '_id_') await place.db.collection(name).createIndex(key, options)
  }
  return place
}

/** Old data, as it was found. */
const plantOld = async (): Promise<MigrationPlace> => {
  const place = await migrationPlace(bench)
  await plantOldData(place.db, { seed: SEED, count: 1_200, secondOwnerEach: 100 })
  return place
}

/** Ours, with a name that two clients hold. */
const plantOurs = async (): Promise<MigrationPlace> => {
  const place = await migrationPlace(bench)
  await writePlace(bench, place, SEED)
  await using service = await openPlace(bench, place)
  await service.send(anUpdate({ client: client('other'), filename: 'acme.csv', by: 'eve', errors: ['theirs'] }))
  return place
}

/** Handed to the old version, which wrote. */
const plantHanded = async (): Promise<MigrationPlace> => {
  const place = await plantOurs()
  await run(place, 'down')
  const progress = place.db.collection('progress')
  for (const [n, document] of (await place.all()).entries())
    if (n % 2 === 0 && document['isCompleted'] !== true)
      await oldVersionUpdates(progress, {
        ...(document as Document & { filename: string; email: string }),
        done: 5,
        total: 900,
        errors: [{ line: n, message: `old ${n}` }],
      })
  return place
}

describe.skipIf(bench === null)(`a migration that is killed (seed ${SEED})`, () => {
  it.each([
    ['up', 'old data', plantOld, 4],
    ['down', 'our data', plantOurs, 2],
    ['up', 'handed data', plantHanded, 3],
  ] as const)('%s of %s ends as one that was not', async (action, _of, plant, times) => {
    await using source = await plant()
    await using calm = await copyOf(source)
    const { commands } = (await run(calm, action)) ?? { commands: 0 }
    const expected = await contentsOf(calm)
    expect(commands).toBeGreaterThan(20)
    for (let time = 0; time < times; time += 1) {
      await using place = await copyOf(source)
      let killed = 0
      // Twice in different halves, and then to the end.
      for (const half of [0, 1]) {
        const at = 3 + Math.floor((commands / 2) * half + createRandom(SEED + time * 2 + half)() * (commands / 2))
        if ((await run(place, action, at)) === null) killed += 1
      }
      expect(killed).toBeGreaterThan(0)
      await run(place, action)
      expect(await contentsOf(place)).toEqual(expected)
    }
  })

  it.each([
    ['up of old data', plantOld],
    ['up of handed data', plantHanded],
  ] as const)('%s from two places at once ends as from one', async (_title, plant) => {
    await using source = await plant()
    await using calm = await copyOf(source)
    await run(calm, 'up')
    await using place = await copyOf(source)
    await Promise.all([run(place, 'up'), run(place, 'up')])
    expect(await contentsOf(place)).toEqual(await contentsOf(calm))
    expect((await place.all()).filter(({ clientKrn }) => clientKrn === LEGACY).length).toBeGreaterThan(10)
  })

  it('down leaves no file of its rows unnamed, and no row is lost or cut', async () => {
    await using source = await plantLarge()
    await using calm = await copyOf(source)
    const sent = { commands: 0 }
    await using counted = await calm.migrate({ started: () => (sent.commands += 1) })
    const report = await counted.down({ park: true, restFile: join(folder, 'calm.ndjson') })
    const expected = await rowsOf('calm.ndjson')
    expect(report).toMatchObject({ rest: { rows: expected.size } })
    expect(expected.size).toBeGreaterThan(10)
    const random = createRandom(SEED)
    await using place = await copyOf(source)
    // Each time another file, as the command line names them. What is done already has fewer commands left.
    let killed = 0
    for (const [n, part] of [0.35, 0.5, 0.8].entries()) {
      const kill = Math.floor(sent.commands * (part + random() * 0.1))
      if ((await run(place, 'down', kill, `killed-${n}.ndjson`)) === null) killed += 1
    }
    expect(killed).toBeGreaterThan(1)
    // As a kill within a write leaves it.
    const [torn = ''] = (await readdir(folder)).filter((name) => name.startsWith('killed-'))
    await appendFile(join(folder, torn), '{"id":"0123')
    await using migration = await place.migrate()
    const last = await migration.down({ park: true, restFile: join(folder, 'last.ndjson') })
    if (last.kind !== 'done') throw new Error('it refused')
    const named = [last.rest?.file ?? '', ...last.earlierRest].map((path) => basename(path))
    const written = (await readdir(folder)).filter((name) => /^(killed|last)/.test(name))
    expect(written.length).toBeGreaterThan(0)
    expect(named).toEqual(expect.arrayContaining(written))
    const rows = await Promise.all(written.map(rowsOf))
    expect(new Map(rows.flatMap((of) => [...of]).sort())).toEqual(new Map([...expected].sort()))
    const { restFiles } = await migration.up()
    expect(restFiles.map((path) => basename(path))).toEqual(expect.arrayContaining(written))
    // The journals have all of it: the files can go.
    await using service = await openPlace(bench, place)
    for (const { filename, clientKrn } of await place.all()) {
      const found = await service.store.get(clientKrn, filename)
      expect(found?.state.issues.error.count, filename).toBe(LARGE)
    }
  })
})

/** 60 KB each: 9.6 MB as the old version has them, and next to nothing as the prototypes' pattern. */
const LARGE = 160

/** Files with more issues than a document has room for; one of them ours. */
const plantLarge = async (): Promise<MigrationPlace> => {
  const place = await migrationPlace(bench)
  const lines = Array.from({ length: LARGE }, (_, n) => ({ line: n + 1 }))
  const times = { createdAt: '2025-06-20T12:00:00Z', updatedAt: '2025-06-20T12:00:00Z' }
  await place.db.collection('progress').insertMany(
    ['a.csv', 'b.csv'].map((filename) => ({
      ...{ clientKrn: client(), filename, email: 'ada@example.com', total: null, isCompleted: false, ...times },
      errors: [{ pattern: `no such thing ${'x'.repeat(60_000)}`, lines }],
    })),
  )
  await using migration = await place.migrate()
  await migration.up()
  await using service = await openPlace(bench, place)
  await service.send(anUpdate({ filename: 'b.csv' }))
  return place
}

/** Its rows by what they are; each line must be one. */
const rowsOf = async (name: string): Promise<Map<string, string>> =>
  new Map(
    (await readFile(join(folder, name), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const { filename, kind, no } = JSON.parse(line)
        return [`${filename} ${kind} ${no}`, line]
      }),
  )
