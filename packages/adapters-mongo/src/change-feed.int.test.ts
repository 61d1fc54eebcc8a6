import { anUpdate, client, email, fileName, useCases } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { ObjectId, Timestamp } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import { drain, nameOf } from '../test/drain-feed.ts'

const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())
const cluster = await orSkip(startMongo({ topology: 'sharded' }))
const shards = cluster === null ? null : createBench(cluster)
afterAll(() => shards?.stop())

describe.skipIf(bench === null)('the feed by looking', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()

  it('misses no file’s newest version, while two connections write and a third listens', async () => {
    await using test = await subject()
    await using second = await test.connect()
    await using listener = await test.connect()
    const start = await listener.position()
    const newest = new Map<string, number>()
    let writing = true
    const listening = (async () => {
      for (let position = start; ; ) {
        const done = !writing
        const told = await drain(listener, position)
        for (const event of told.events)
          if (event.kind === 'changed')
            newest.set(event.state.filename, Math.max(newest.get(event.state.filename) ?? 0, event.state.version))
        position = told.position
        if (done) return
        await listener.awaitChange(position, 200)
      }
    })()
    await Promise.all(
      [test.store, second].flatMap((store) => {
        const { record } = useCases({ ...test, store })
        return Array.from({ length: 4 }, async () => {
          for (let n = 0; n < 40; n += 1) await record([anUpdate({ filename: `f${n % 20}.csv` })])
        })
      }),
    )
    writing = false
    await listening
    const files = await test.raw.progress.find().toArray()
    expect(Object.fromEntries([...newest].sort())).toEqual(
      Object.fromEntries(files.map(({ filename, version }) => [filename, version ?? 0] as const).sort()),
    )
  })

  it('tells what becomes visible late, once, and to who goes on elsewhere, too', async () => {
    await using test = await subject()
    const { record } = useCases(test)
    await record([anUpdate({ filename: 'late.csv' }), anUpdate({ filename: 'now.csv' })])
    const now = await test.raw.progress.findOne({ filename: 'now.csv' })
    const late = await test.raw.progress.findOne({ filename: 'late.csv' })
    await test.raw.progress.deleteOne({ filename: 'late.csv' })
    const position = await test.store.position()
    const before = new Timestamp({ t: (now?.changedAt?.getHighBitsUnsigned() ?? 0) - 1, i: 7 })
    await test.raw.progress.insertOne({ ...(late as NonNullable<typeof late>), changedAt: before })
    const told = await drain(test.store, position)
    expect(told.events.map(nameOf)).toEqual(['late.csv'])
    expect((await drain(test.store, told.position)).events).toEqual([])
    await using second = await test.connect()
    expect((await drain(second, told.position)).events).toEqual([])
    expect((await drain(second, position)).events.map(nameOf)).toEqual(['late.csv'])
  })

  it('goes on from every single event, on another connection', async () => {
    await using test = await subject()
    await using second = await test.connect()
    const { record } = useCases(test)
    const start = await test.store.position()
    for (let n = 0; n < 12; n += 1) await record([anUpdate({ filename: `f${n}.csv` })])
    const { events } = await drain(test.store, start)
    expect(events.map(nameOf)).toEqual(Array.from({ length: 12 }, (_, n) => `f${n}.csv`))
    for (const [index, { position }] of events.entries())
      expect((await drain(second, position)).events.map(nameOf)).toEqual(events.slice(index + 1).map(nameOf))
  })

  it('covers a place that is so much later that nothing before it can still become visible', async () => {
    await using test = await subject()
    await useCases(test).record([anUpdate()])
    const [kind, store, seconds = '', ...rest] = (await test.store.position()).split('.')
    const later = (by: number): string => [kind, store, Number(seconds) + by, ...rest].join('.')
    expect([0, 1, 2, 3].map((by) => test.store.covers(later(0), later(by)))).toEqual([true, false, true, true])
    expect([1, 2, 3].map((by) => test.store.covers(later(by), later(0)))).toEqual([false, false, false])
  })

  it('is silent about reservations, and about their end', async () => {
    await using test = await subject()
    const start = await test.store.position()
    await test.store.open([
      { client: client(), filename: fileName(), email: email('ada'), ids: [], thorough: false, tables: {} },
    ])
    await test.store.sweep()
    expect(await test.raw.former.countDocuments({ state: 'void' })).toBe(1)
    expect((await drain(test.store, start)).events).toEqual([])
  })

  it('knows no position that is older than what is remembered of removals', async () => {
    await using test = await subject()
    await useCases(test).record([anUpdate()])
    const position = await test.store.position()
    const seconds = Number(position.split('.')[2])
    await test.raw.former.insertOne({
      ...{ _id: new ObjectId(), clientKrn: client(), filename: 'x', fileId: 'x' as never, state: 'deleted', v: 1 },
      at: new Date(),
      changedAt: new Timestamp({ t: seconds + 15 * 86_400, i: 1 }),
    })
    expect(await test.store.changes(position, 10)).toBeNull()
  })
})

describe.skipIf(shards === null)('the feed of a cluster', () => {
  it.each([
    ['once', 0],
    ['also to a listener to whom nothing happens while others are told much', 70],
  ])('tells what a shard shows only after many seconds, %s', async (_, others) => {
    await using test = await (shards as NonNullable<typeof shards>).subject()
    const { record } = useCases(test)
    let past = await test.store.position()
    await record(Array.from({ length: others }, (_, n) => anUpdate({ filename: `f${n}.csv` })))
    await record([anUpdate({ filename: 'lagging.csv' }), anUpdate({ filename: 'now.csv' })])
    const named = { clientKrn: client(), filename: 'lagging.csv' }
    const lagging = await test.raw.progress.findOne(named)
    const now = await test.raw.progress.findOne({ ...named, filename: 'now.csv' })
    await test.raw.progress.deleteOne(named)
    const start = await test.store.position()
    await record([anUpdate({ filename: 'now.csv' })])
    const { position, events } = await drain(test.store, start)
    expect(events.map(nameOf)).toEqual(['now.csv'])
    for (let n = 0; n < others; n += 1) {
      past = (await test.store.changes(past, 1))?.position ?? ''
      expect((await test.store.changes(position, 1))?.events).toEqual([])
    }
    const before = new Timestamp({ t: (now?.changedAt?.getHighBitsUnsigned() ?? 0) - 20, i: 7 })
    await test.raw.progress.insertOne({ ...(lagging as NonNullable<typeof lagging>), changedAt: before })
    await expect
      .poll(async () => (await drain(test.store, position)).events.map(nameOf), { timeout: 15_000 })
      .toEqual(['lagging.csv'])
    const told = await drain(test.store, position)
    test.clock.advance(6_000)
    expect((await drain(test.store, told.position)).events).toEqual([])
  })
})
