import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { orSkip, startMongo } from '@pebbles/services'
import { type Document, Long } from 'mongodb'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { migrationPlace } from '../../test/migration-place.ts'
import { legacyUpdate, openPlace } from '../../test/written-place.ts'

// Indexes are made anew in each database, on a disk that may be busy.
vi.setConfig({ testTimeout: 240_000 })

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
const folder = await mkdtemp(join(tmpdir(), 'pebbles-large-'))
afterAll(async () => {
  await bench?.stop()
  await rm(folder, { recursive: true })
})

const MOST = Number.MAX_SAFE_INTEGER
const options = { park: false, restFile: join(folder, 'rest.ndjson') }

const old = (filename: string, done: Long | number, total: Long | number | null = null): Document => ({
  ...{ filename, email: 'ada@example.com', counts: { done, warn: 0, failed: 0 }, total, isCompleted: false },
  ...{ createdAt: '2025-06-20T12:00:00Z', updatedAt: '2025-06-20T12:00:00Z' },
})

describe.skipIf(bench === null)('counts of old documents', () => {
  it('at 2^53-1, beyond it, below 0 and with fractions are kept, cut or left out, and verified, there and back', async () => {
    await using place = await migrationPlace(bench)
    const progress = place.db.collection('progress')
    await progress.insertMany([
      old('below.csv', Long.fromNumber(MOST - 1), Long.fromNumber(MOST)),
      old('at.csv', Long.fromNumber(MOST), Long.fromNumber(MOST)),
      old('double.csv', MOST),
      old('beyond.csv', Long.MAX_VALUE, Long.MAX_VALUE),
      old('negative.csv', Long.fromNumber(-5), -1),
      old('fraction.csv', 2.75),
    ])
    const shown = { below: MOST - 1, at: MOST, double: MOST, beyond: MOST, negative: 0, fraction: 2 }
    const names = Object.keys(shown) as (keyof typeof shown)[]
    await using migration = await place.migrate()
    await migration.up()
    const countsOf = async (service: Awaited<ReturnType<typeof openPlace>>) => {
      const files = await service.files(LEGACY)
      return Object.fromEntries(
        names.map((name) => [name, (files.get(`${name}.csv`) as { counts: { done: number } }).counts.done]),
      )
    }
    const all = names.reduce((sum, name) => sum + BigInt(shown[name]), 0n)
    const before = await (async () => {
      await using service = await openPlace(bench, place)
      expect(await countsOf(service)).toEqual(shown)
      expect((await service.store.sums(LEGACY, 0)).counts.done).toBe(all)
      // Every one is adopted: by a heartbeat, and where one more does not fit, by its refusal.
      const beat = names.map((name) => legacyUpdate({ filename: `${name}.csv`, done: 0 }))
      expect(await service.send(...beat)).toEqual(names.map(() => 'updated'))
      const more = names.map((name) => legacyUpdate({ filename: `${name}.csv`, done: 2, id: `more ${name}` }))
      expect(await service.send(...more)).toEqual([
        ...['COUNTS_OVERFLOW', 'COUNTS_OVERFLOW', 'COUNTS_OVERFLOW', 'COUNTS_OVERFLOW'],
        ...['updated', 'updated'],
      ])
      expect(await countsOf(service)).toEqual({ ...shown, negative: 2, fraction: 4 })
      expect((await service.store.sums(LEGACY, 0)).counts.done).toBe(all + 4n)
      return await service.files(LEGACY)
    })()
    expect(await migration.verify()).toEqual([])

    await migration.down(options)
    const handed = await progress.find({}, { promoteLongs: false }).toArray()
    const doneOf = (name: string) => handed.find(({ filename }) => filename === name)?.['counts'].done
    // As the integers that the old version reads, not as doubles.
    for (const name of ['at.csv', 'double.csv', 'beyond.csv']) expect(doneOf(name)).toEqual(Long.fromNumber(MOST))
    expect(doneOf('below.csv')).toEqual(Long.fromNumber(MOST - 1))
    expect(handed.find(({ filename }) => filename === 'at.csv')?.['total']).toEqual(Long.fromNumber(MOST))
    await migration.up()
    expect(await migration.verify()).toEqual([])
    {
      await using service = await openPlace(bench, place)
      expect(await service.files(LEGACY)).toEqual(before)
    }

    // The old version knows no bound; what it adds is cut to what is exact.
    await migration.down(options)
    const write = (filename: string, done: Long) =>
      progress.updateOne({ filename }, { $set: { 'counts.done': done, updatedAt: '2026-11-26T00:00:00.123456789Z' } })
    await write('at.csv', Long.fromNumber(MOST).add(1_000))
    await write('below.csv', Long.fromNumber(MOST))
    await write('negative.csv', Long.fromNumber(MOST))
    expect(await migration.up()).toMatchObject({ taken: 3, left: 0 })
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    expect(await countsOf(service)).toEqual({ ...shown, below: MOST, negative: MOST, fraction: 4 })
    await using again = await place.migrate()
    await again.up()
    expect(await again.verify()).toEqual([])
  })
})
