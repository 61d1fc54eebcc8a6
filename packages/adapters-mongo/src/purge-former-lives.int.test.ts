import {
  anUpdate,
  client,
  createTestClock,
  email,
  fileName,
  MINUTE,
  newFileId,
  useCases,
  word,
} from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { ObjectId } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import { purgeFormerLives } from './purge-former-lives.ts'

const DAY = 86_400_000
const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const removal = { client: client(), filename: fileName(), by: email('ada'), admin: false, id: 'inner:removal' as const }
const name = { clientKrn: client(), filename: fileName() }

describe.skipIf(bench === null)('what was given up', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()

  it('is known for 15 days, and then forgotten with all that belongs to it', async () => {
    await using test = await subject()
    const { record, remove } = useCases(test)
    await record([anUpdate({ id: 'k1', errors: ['trouble'] }), anUpdate({ filename: 'kept.csv' })])
    const many = Array.from({ length: 3_000 }, (_, n) => `trouble ${n}`)
    await record([anUpdate({ errors: many })])
    await remove(removal)
    test.clock.advance(15 * DAY - MINUTE)
    expect(await test.store.sweep()).toMatchObject({ purged: 0 })
    expect((await record([anUpdate({ id: 'k1', errors: ['trouble'] })])).map(word)).toEqual(['duplicate:deleted'])
    await test.store.sweep()
    test.clock.advance(2 * MINUTE)
    await test.store.sweep()
    expect(await test.raw.former.countDocuments({ state: 'deleted' })).toBe(0)
    expect(await test.raw.journal.countDocuments({ kind: 'update' })).toBe(1)
    expect(await test.raw.chunks.countDocuments({})).toBe(0)
    expect(await test.raw.tables.countDocuments({})).toBe(0)
    expect((await record([anUpdate({ id: 'k1', errors: ['trouble'] })])).map(word)).toEqual(['created'])
  })

  it('is not forgotten by a clock that has jumped ahead, whatever is written by that clock meanwhile', async () => {
    await using test = await subject()
    const now = test.clock.now()
    await using store = await test.connect({ serverTime: async () => now })
    const { record, remove } = useCases({ ...test, store })
    await record([anUpdate({ id: 'k1' })])
    await remove(removal)
    test.clock.advance(365 * DAY)
    await record([anUpdate({ filename: 'other.csv' })])
    expect(await store.sweep()).toMatchObject({ purged: 0 })
    expect((await record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['duplicate:deleted'])
  })

  it('is not forgotten at once when it was ended by a process whose clock is far behind', async () => {
    await using test = await subject()
    const clock = createTestClock(0)
    await using behind = await test.connect({ clock, serverTime: async () => test.clock.now() })
    await useCases(test).record([anUpdate({ id: 'k1' })])
    expect(await useCases({ ...test, store: behind, clock }).remove(removal)).toEqual({ kind: 'removed' })
    expect(await test.store.sweep()).toMatchObject({ purged: 0 })
    expect((await useCases(test).record([anUpdate({ id: 'k1' })])).map(word)).toEqual(['duplicate:deleted'])
  })

  it('is not forgotten where the server’s clock has jumped, too', async () => {
    await using test = await subject()
    const { record, remove } = useCases(test)
    await record([anUpdate({ id: 'k1' })])
    await remove(removal)
    test.clock.advance(365 * DAY)
    expect(await test.store.sweep()).toMatchObject({ purged: 0 })
    expect(await test.raw.former.countDocuments({})).toBe(1)
  })

  it('is forgotten by the time of the server, which is asked for it', async () => {
    await using test = await subject()
    const ahead = createTestClock(Date.now() + 365 * DAY)
    const deps = { collections: test.raw, clock: ahead, newFileId, legacyClient: client(), sharded: false }
    const { record } = useCases({ ...test, clock: ahead })
    await record([anUpdate({ filename: 'other.csv' })])
    const left = async (daysAgo: number) => {
      const at = new Date(Date.now() - daysAgo * DAY)
      await test.raw.former.insertOne({ _id: new ObjectId(), ...name, fileId: newFileId(), v: 1, at, state: 'deleted' })
      return purgeFormerLives(deps)
    }
    expect([await left(14), await left(16)]).toEqual([0, 1])
  })
})
