import { setTimeout as sleep } from 'node:timers/promises'
import type { FileId } from '@pebbles/core'
import { anUpdate, client, email, fileName, MINUTE, newFileId, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { ObjectId } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import type { ProgressDocument } from './documents.ts'
import { plainEntry } from './entries.ts'

const DAY = 86_400_000
const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const removal = { client: client(), filename: fileName(), by: email('ada'), admin: false, id: 'inner:removal' as const }
const name = { clientKrn: client(), filename: fileName() }

describe.skipIf(bench === null)('what a crash leaves', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()

  it('between the entry and the snapshot is healed by the next writer, and its repeat is known', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await record([anUpdate({ id: 'k1', done: 1 })])
    const before = await test.raw.progress.findOne(name)
    await record([anUpdate({ id: 'k2', done: 2, errors: ['trouble'] })])
    await test.raw.progress.replaceOne(name, before as ProgressDocument)
    const repeat = () => record([anUpdate({ id: 'k2', done: 2, errors: ['trouble'] })])
    expect((await repeat()).map(word)).toEqual(['duplicate:present'])
    expect((await read.get(client(), fileName()))?.state).toMatchObject({ version: 2, counts: { done: 3 } })
    expect((await repeat()).map(word)).toEqual(['duplicate:present'])
  })

  it('between the entry and the snapshot is healed by the sweep, though nobody writes again', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await record([anUpdate({ done: 1 })])
    const before = await test.raw.progress.findOne(name)
    for (let n = 0; n < 3; n += 1) await record([anUpdate({ done: 2, errors: ['trouble'] })])
    const healthy = await read.get(client(), fileName())
    await test.raw.progress.replaceOne(name, before as ProgressDocument)
    expect((await read.get(client(), fileName()))?.state.version).toBe(1)
    expect(await test.store.sweep()).toMatchObject({ healed: 1 })
    expect(await read.get(client(), fileName())).toEqual(healthy)
    expect(await test.store.sweep()).toMatchObject({ healed: 0 })
  })

  it('of a first update shows the file once the sweep has been there', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await record([anUpdate({ done: 4, warnings: ['odd'] })])
    const healthy = await read.get(client(), fileName())
    const { _id, fileId, clientKrn, filename } = (await test.raw.progress.findOne(name)) as ProgressDocument
    const reserved = { _id, fileId, clientKrn, filename, email: email('ada'), version: 0 }
    await test.raw.progress.replaceOne(name, reserved as unknown as ProgressDocument)
    expect(await read.get(client(), fileName())).toBeNull()
    await test.store.sweep()
    expect(await read.get(client(), fileName())).toEqual(healthy)
  })

  it('of a pattern table is healed by the reader', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await record([anUpdate({ errors: ['first trouble'] })])
    const before = await test.raw.tables.find().toArray()
    await record([anUpdate({ errors: ['second kind'] })])
    await record([anUpdate({ errors: ['third kind of all', 'second kind'] })])
    const healthy = await read.get(client(), fileName())
    for (const table of before) await test.raw.tables.replaceOne({ _id: table._id }, table)
    expect(await read.get(client(), fileName())).toEqual(healthy)
    await test.raw.tables.deleteMany({})
    expect(await read.get(client(), fileName())).toEqual(healthy)
  })

  it.each(['sweep', 'next writer'] as const)('of a removal is finished by the %s', async (who) => {
    await using test = await subject()
    const { record, read, remove } = useCases(test)
    await record([anUpdate({ id: 'k1' })])
    const before = await test.raw.progress.findOne(name)
    expect(await remove(removal)).toEqual({ kind: 'removed' })
    await test.raw.progress.insertOne(before as ProgressDocument)
    await test.raw.former.deleteMany({})
    if (who === 'sweep') await test.store.sweep()
    else
      expect((await record([anUpdate({ filename: 'orders.csv', id: 'k2', done: 7 })])).map(word)).toEqual(['created'])
    const state = (await read.get(client(), fileName()))?.state ?? null
    if (who === 'sweep') expect(state).toBeNull()
    else expect(state).toMatchObject({ version: 1, counts: { done: 7 } })
    expect((await record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['duplicate:deleted'])
  })

  it('whose entry landed late, by a clock that lags or after a stop, is healed by a wide sweep within five minutes', async () => {
    await using test = await subject()
    const { record } = useCases(test)
    await record([anUpdate({ id: 'k1' })])
    const before = await test.raw.progress.findOne(name)
    expect(await test.store.sweep()).toMatchObject({ healed: 0 })
    await record([anUpdate({ id: 'k2' })])
    await test.raw.progress.replaceOne(name, before as ProgressDocument)
    const at = new Date(test.clock.now() - 4 * MINUTE)
    await test.raw.journal.updateMany({}, { $set: { at } })
    // Ten times a sweep looks at what is new; a look at all of the last ten minutes each time would be dear.
    const healed: number[] = []
    for (let n = 1; n <= 11; n += 1) {
      test.clock.advance(MINUTE / 2)
      healed.push((await test.store.sweep()).healed)
    }
    expect(healed).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0])
    expect((await test.raw.progress.findOne(name))?.version).toBe(2)
  })

  it('nothing of, when the sweep has no answer: the mark stays', async () => {
    await using test = await subject()
    const { record } = useCases(test)
    await record([anUpdate()])
    await test.store.sweep()
    const mark = await test.raw.settings.findOne({ _id: 'sweep' })
    test.clock.advance(MINUTE)
    await test.store.close()
    await expect(test.store.sweep()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await test.raw.settings.findOne({ _id: 'sweep' })).toEqual(mark)
  })
})

describe.skipIf(bench === null)('a name', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()
  const reserve = async ({ raw }: BenchSubject, by: string): Promise<FileId> => {
    const fileId = newFileId()
    const document = { _id: new ObjectId(fileId), ...name, email: email(by), fileId, version: 0 }
    await raw.progress.insertOne(document as unknown as ProgressDocument)
    return fileId
  }

  it('reserved by another who is gone is taken over, and whoever it was can commit nothing any more', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    const fileId = await reserve(test, 'eve')
    expect((await record([anUpdate({ by: 'ada' })])).map(word)).toEqual(['created'])
    expect((await read.get(client(), fileName()))?.state.email).toBe(email('ada'))
    const late = plainEntry({ fileId, version: 1, email: email('eve') }, 'adopt', test.clock.now())
    await expect(test.raw.journal.insertOne(late)).rejects.toMatchObject({ code: 11_000 })
  })

  it('reserved by the same owner is shared', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    const fileId = await reserve(test, 'ada')
    await record([anUpdate({ by: 'ada' })])
    expect((await read.get(client(), fileName()))?.state.fileId).toBe(fileId)
  })

  it('that was reserved for nothing is free again after the sweep', async () => {
    await using test = await subject()
    await reserve(test, 'eve')
    await test.store.sweep()
    expect(await test.raw.progress.countDocuments(name)).toBe(0)
    expect((await useCases(test).record([anUpdate({ by: 'ada' })])).map(word)).toEqual(['created'])
  })

  it('goes to the first update that is accepted, though a repeat of another owner comes before it', async () => {
    await using test = await subject()
    const { record, read, remove } = useCases(test)
    await record([anUpdate({ by: 'ada', id: 'k1' })])
    await remove(removal)
    const group = [anUpdate({ by: 'ada', id: 'k1' }), anUpdate({ by: 'eve', id: 'k2' })]
    expect((await record(group)).map(word)).toEqual(['duplicate:deleted', 'created'])
    expect(await test.raw.progress.findOne(name)).toMatchObject({ email: email('eve') })
    expect((await read.get(client(), fileName()))?.state.email).toBe(email('eve'))
  })

  it('that moved away takes no new life for 15 days, and then does', async () => {
    await using test = await subject()
    const { record } = useCases(test)
    const moved = { _id: new ObjectId(), ...name, fileId: newFileId(), v: 3, at: new Date(test.clock.now()) }
    await test.raw.former.insertOne({ ...moved, state: 'moved' })
    expect((await record([anUpdate()])).map(word)).toEqual(['FILE_MOVED'])
    test.clock.advance(15 * DAY + 1)
    await test.store.sweep()
    expect((await record([anUpdate()])).map(word)).toEqual(['created'])
  })

  it('that the old version’s index refuses is said to be so, and nothing has changed', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await test.raw.progress.createIndex({ filename: 1, email: 1 }, { unique: true })
    try {
      await record([anUpdate({ client: client('globex') })])
      const outcomes = await record([
        anUpdate(),
        anUpdate({ filename: 'other.csv' }),
        anUpdate({ client: client('globex') }),
      ])
      expect(outcomes.map(word)).toEqual(['SCHEMA_CONFLICT', 'created', 'updated'])
      expect(await read.get(client(), fileName())).toBeNull()
      expect(await test.raw.progress.countDocuments({})).toBe(2)
    } finally {
      await test.raw.progress.dropIndex('filename_1_email_1')
    }
  })

  // The second is what the server says when an index of the old version refuses, and quotes as it is.
  it.each(['f', 'dup key: { filename: f'])(
    '%s, wanted by two owners at once, on two connections, gets one',
    async (begins) => {
      await using test = await subject()
      await using second = await test.connect()
      const one = useCases(test)
      const two = useCases({ ...test, store: second })
      for (let round = 0; round < 15; round += 1) {
        const filename = `${begins}${round}.csv`
        const outcomes = await Promise.all([
          one.record([anUpdate({ filename, by: 'ada' })]),
          two.record([anUpdate({ filename, by: 'eve' })]),
        ])
        expect(outcomes.flat().map(word).sort()).toEqual(['NOT_OWNER', 'created'])
      }
    },
  )
})

describe.skipIf(bench === null)('a store that runs', () => {
  it('sweeps by itself, one of several at a time', async () => {
    await using test = await (bench as NonNullable<typeof bench>).subject()
    const { record, read } = useCases(test)
    await record([anUpdate()])
    const before = await test.raw.progress.findOne(name)
    await record([anUpdate()])
    await test.raw.progress.replaceOne(name, before as ProgressDocument)
    await using _ = await test.connect({ sweepEveryMs: 20 })
    await expect.poll(async () => (await read.get(client(), fileName()))?.state.version, { timeout: 10_000 }).toBe(2)
    await expect.poll(() => test.raw.settings.findOne({ _id: 'sweep' }), { timeout: 10_000 }).not.toBeNull()
    const mark = await test.raw.settings.findOne({ _id: 'sweep' })
    await sleep(100)
    expect(await test.raw.settings.findOne({ _id: 'sweep' })).toEqual(mark)
  })
})
