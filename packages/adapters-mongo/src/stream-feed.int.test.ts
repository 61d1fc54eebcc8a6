import { anUpdate, client, createTestClock, email, fileName, useCases } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { type Document, MongoClient, ObjectId, Timestamp } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import { drain, nameOf } from '../test/drain-feed.ts'
import { FEED } from './across-clients.ts'
import { writePosition } from './feed-position.ts'
import type { MongoStore } from './index.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

describe.skipIf(bench === null)('the feed by the change stream of a replica set', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()
  const admin = async (command: Readonly<Record<string, unknown>>) =>
    (await (mongo as NonNullable<typeof mongo>).primary()).command(command)

  it('misses no file’s newest version, while two connections write and its stream is ended again and again', async () => {
    await using test = await subject()
    await using second = await test.connect()
    await using listener = await test.connect()
    const start = await listener.position()
    const newest = new Map<string, number>()
    let writing = true
    const listening = (async () => {
      for (let position = start, rounds = 0; ; rounds += 1) {
        const done = !writing
        if (rounds > 0) await endStreams(admin)
        const told = await drain(listener, position)
        for (const event of told.events)
          if (event.kind === 'changed')
            newest.set(event.state.filename, Math.max(newest.get(event.state.filename) ?? 0, event.state.version))
        position = told.position
        if (done) return rounds
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
    expect(await listening).toBeGreaterThan(1)
    const files = await test.raw.progress.find().toArray()
    expect(Object.fromEntries([...newest].sort())).toEqual(
      Object.fromEntries(files.map(({ filename, version }) => [filename, version ?? 0] as const).sort()),
    )
  })

  it('reads what changed no earlier than the change, whichever server is the primary by then', async () => {
    const reads: Document[] = []
    await using test = await subject()
    await using listener = await test.connect({
      watch: {
        started: ({ commandName, command }) => {
          if (commandName === 'find' && command['comment'] === FEED) reads.push(command)
        },
      },
    })
    const start = await listener.position()
    await useCases(test).record([anUpdate()])
    const changed = (await test.raw.progress.findOne())?.changedAt ?? Timestamp.MAX_VALUE
    reads.length = 0
    const told = await drain(listener, start)
    expect(told.events).toHaveLength(1)
    for (const collection of ['progress', 'progress_former']) {
      const read = reads.find(({ find }) => find === collection)
      expect(changed.lessThanOrEqual(read?.['readConcern']?.afterClusterTime ?? new Timestamp(0n))).toBe(true)
    }
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
    const places = [start, ...events.map(({ position }) => position), await second.position()]
    for (const [earlier, a] of places.entries())
      for (const [later, b] of places.entries()) expect(second.covers(a, b)).toBe(earlier <= later)
  })

  it('tells a file that changed often once, in a page that is full when there is more', async () => {
    await using test = await subject()
    const { record } = useCases(test)
    const start = await test.store.position()
    for (let n = 0; n < 30; n += 1) await record([anUpdate({ filename: n % 3 === 0 ? 'hot.csv' : `f${n}.csv` })])
    const page = await test.store.changes(start, 20)
    expect(page?.events.map(nameOf).filter((name) => name === 'hot.csv')).toHaveLength(1)
    expect(page?.events).toHaveLength(20)
    const rest = await drain(test.store, page?.position ?? '')
    expect(rest.events.length).toBeGreaterThan(0)
    expect(new Set([...(page?.events ?? []), ...rest.events].map(nameOf)).size).toBe(21)
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

  it('moves its position on though nothing happens to it', async () => {
    await using test = await subject()
    const start = await test.store.position()
    for (let n = 0; n < 2; n += 1) await test.raw.settings.insertOne({ _id: `noise ${new ObjectId()}` } as never)
    const page = await test.store.changes(start, 10)
    expect(page?.events).toEqual([])
    expect(page?.position).not.toBe(start)
  })

  it('knows no position that the server forgot, of the future, or of a feed of another kind', async () => {
    await using test = await subject()
    const start = await test.store.position()
    await useCases(test).record([anUpdate()])
    const position = (await test.store.changes(start, 10))?.events.at(-1)?.position ?? ''
    expect((await test.store.changes(position, 10))?.events).toEqual([])
    const [kind, storeId = '', length, token = ''] = position.split('.')
    const at = (second: number): string =>
      [kind, storeId, length, `82${second.toString(16).toUpperCase().padStart(8, '0')}${token.slice(10)}`].join('.')
    const second = Number.parseInt(token.slice(2, 10), 16)
    expect(at(second)).toBe(position)
    for (const unknown of [
      ...[at(second - 86_400 * 400), at(second + 86_400), `${kind}.${storeId}.12.82FFFFFFFFFF`],
      writePosition(storeId, { at: new Timestamp({ t: second, i: 1 }), told: [] }),
    ])
      expect(await test.store.changes(unknown, 10)).toBeNull()
  })

  it('knows no position from before its database was dropped, and goes on from one after', async () => {
    const uri = await (bench as NonNullable<typeof bench>).database()
    await using root = new MongoClient(uri)
    await using store = (await bench?.open(uri)) as MongoStore
    const { record } = useCases({ store, clock: createTestClock() })
    const start = await store.position()
    await record([anUpdate()])
    const heard = (await store.changes(start, 10))?.position ?? ''
    await record([anUpdate({ filename: 'last.csv' })])
    await root.db().dropDatabase()
    // The one has a stream that is open, and may notice first only that it ended; the other opens one anew.
    for (const place of [heard, start]) {
      const look = () => store.changes(place, 10).catch((error: unknown) => String(error))
      await expect.poll(look, { timeout: 10_000 }).toBeNull()
    }
    const now = await store.position()
    await record([anUpdate({ filename: 'new.csv' })])
    expect((await drain(store, now)).events.map(nameOf)).toEqual(['new.csv'])
  })
})

/** As a server does with a stream that nobody looked at for ten minutes. */
const endStreams = async (
  admin: (command: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>,
): Promise<void> => {
  await admin({ killAllSessions: [] })
}
