import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClientKrn, UpdateId } from '@pebbles/core'
import { anUpdate, client, fileName } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createBench } from '../../test/bench.ts'
import { LEGACY } from '../../test/legacy-client.ts'
import { migrationPlace } from '../../test/migration-place.ts'
import { oldVersionUpdates } from '../../test/old-version.ts'
import { ACME, legacyUpdate, openPlace, writePlace } from '../../test/written-place.ts'

// Indexes are made anew in each database, on a disk that may be busy.
vi.setConfig({ testTimeout: 240_000 })

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
const folder = await mkdtemp(join(tmpdir(), 'pebbles-moved-'))
afterAll(async () => {
  await bench?.stop()
  await rm(folder, { recursive: true })
})

const ZETA = client('zeta')
const options = { park: true, restFile: join(folder, 'rest.ndjson') }

describe.skipIf(bench === null)('files that were moved to another client', () => {
  it('go to the old version and come back to the client that they were moved to, and are known where they were', async () => {
    await using place = await migrationPlace(bench)
    const { old } = await writePlace(bench, place, 20_261_129)
    await using migration = await place.migrate()
    const [first] = old as [(typeof old)[0]]
    const moved = [first.filename, 'ours.csv', 'acme.csv', 'there-and-back.csv']
    const move = async (service: Awaited<ReturnType<typeof openPlace>>, from: ClientKrn, to: ClientKrn, name: string) =>
      (
        await service.store.moves.move({
          ...{ from, to, filename: fileName(name), at: 1 },
          id: `inner:${from} ${to} ${name}` as UpdateId,
        })
      ).kind
    const read = async (service: Awaited<ReturnType<typeof openPlace>>) => ({
      legacy: await service.files(LEGACY),
      acme: await service.files(ACME),
      zeta: await service.files(ZETA),
    })
    const before = await (async () => {
      await using service = await openPlace(bench, place)
      await service.send(legacyUpdate({ filename: 'there-and-back.csv', done: 2, id: 't1' }))
      for (const name of [first.filename, 'ours.csv', 'there-and-back.csv'])
        expect(await move(service, LEGACY, ZETA, name)).toBe('moved')
      expect(await move(service, ACME, ZETA, 'acme.csv')).toBe('moved')
      expect(await move(service, ZETA, LEGACY, 'there-and-back.csv')).toBe('moved')
      // One goes on at once, the others are as they came.
      expect(await service.send(anUpdate({ client: ZETA, filename: 'ours.csv', done: 1, id: 'z1' }))).toEqual([
        'updated',
      ])
      return await read(service)
    })()
    expect([...before.zeta.keys()].sort()).toEqual(moved.slice(0, 3).sort())
    expect(await migration.verify()).toEqual([])

    expect(await migration.down(options)).toMatchObject({ kind: 'done', setAside: 0, rest: null })
    const progress = place.db.collection('progress')
    expect(await progress.findOne({ filename: 'ours.csv' })).toMatchObject({ homeClient: ZETA, counts: { failed: 2 } })
    expect(await migration.up()).toMatchObject({ taken: 0, left: 0 })
    expect(await migration.verify()).toEqual([])
    {
      await using service = await openPlace(bench, place)
      expect(await read(service)).toEqual(before)
    }

    // Once more, and the old version writes to them, and takes a name that was left for a file of its own.
    await migration.down(options)
    const owner = 'ada@example.com'
    expect(await oldVersionUpdates(progress, { filename: 'ours.csv', email: owner, done: 10 })).toBe('updated')
    expect(await oldVersionUpdates(progress, { filename: 'acme.csv', email: owner, isLast: true })).toBe('updated')
    expect(await migration.up()).toMatchObject({ taken: 2, left: 0 })
    expect(await migration.verify()).toEqual([])
    await using service = await openPlace(bench, place)
    const after = await read(service)
    expect(after.zeta.get('ours.csv')).toMatchObject({ client: ZETA, counts: { done: 2 ** 40 + 16, failed: 2 } })
    expect(after.zeta.get('acme.csv')).toMatchObject({ counts: { done: 4 }, completion: { outcome: 'succeeded' } })
    expect(after.zeta.get(first.filename)).toEqual(before.zeta.get(first.filename))
    expect(after.legacy).toEqual(before.legacy)
    // The old names still say where a repeat belongs, and take nothing new.
    expect(
      await service.send(
        legacyUpdate({ filename: 'ours.csv', done: 5, failed: 2, total: 90, errors: ['a 1', 'a 2'], id: 'other' }),
        anUpdate({ filename: 'acme.csv', done: 3, warnings: ['odd'], id: 'a1' }),
        anUpdate({ client: ZETA, filename: 'ours.csv', done: 1, id: 'z1' }),
        legacyUpdate({ filename: 'there-and-back.csv', done: 2, id: 't1' }),
        legacyUpdate({ filename: 'there-and-back.csv', done: 1 }),
      ),
    ).toEqual(['FILE_MOVED', 'duplicate:moved', 'duplicate:present', 'duplicate:present', 'updated'])
    expect(await move(service, ZETA, ACME, 'ours.csv')).toBe('moved')
    expect(await migration.verify()).toEqual([])
  })

  it('and whose client was then changed by hand are named, and so are those that were not', async () => {
    await using place = await migrationPlace(bench)
    await writePlace(bench, place, 20_261_130)
    {
      await using service = await openPlace(bench, place)
      await service.store.moves.move({
        ...{ from: LEGACY, to: ZETA, filename: fileName('ours.csv'), at: 1 },
        id: 'inner:moved',
      })
    }
    await using migration = await place.migrate()
    const change = (clientKrn: string) =>
      place.db.collection('progress').updateOne({ filename: 'ours.csv' }, { $set: { clientKrn } })
    await change(LEGACY)
    expect(await migration.verify()).toEqual([
      { code: 'CLIENT_CHANGED', count: 1, items: [expect.stringMatching(`^${LEGACY} ours.csv .* it was ${ZETA}$`)] },
    ])
    await change(ZETA)
    expect(await migration.verify()).toEqual([])
  })
})
