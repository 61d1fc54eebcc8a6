import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { UpdateId } from '@pebbles/core'
import { anUpdate, client, createRandom, createTestClock, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { MongoClient } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'
import { reservationOf } from './snapshots.ts'

const MOVER = fileURLToPath(new URL('../test/mover.ts', import.meta.url))
const FROM = client('acme')
const TO = client('zeta')
const FILES = 20
const KILLS = 6
const SEED = 20_261_126
const DAY = 86_400_000

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))

const startMover = (uri: string, from: string, to: string): ChildProcess =>
  spawn(process.execPath, [MOVER, uri, from, to], { stdio: ['ignore', 'pipe', 'inherit'] })

describe.skipIf(mongo === null)('files that move to another client', () => {
  if (mongo === null) return
  const bench = createBench(mongo)
  afterAll(() => bench.stop())

  it('are wholly in one, whenever the process that moves them is killed', { timeout: 240_000 }, async () => {
    await using subject = await bench.subject()
    // On its defaults, a server keeps what a killed process had begun for a minute.
    const client = new MongoClient(subject.uri)
    await client.db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds: 2 })
    await client.close()
    const random = createRandom(SEED)
    const { record, read } = useCases({ store: subject.store, clock: { ...createTestClock(), now: Date.now } })
    const names = Array.from({ length: FILES }, (_, n) => `f${n}.csv`)
    await record(names.map((filename) => anUpdate({ filename, errors: ['value 1 is bad'] })))

    let over = false
    let sent = 0
    const applied = new Map<string, number>(names.map((name) => [name, 1]))
    const write = async (): Promise<void> => {
      while (!over) {
        const filename = names[sent % FILES] as string
        sent += 1
        const id = `u${sent}`
        // Whoever does not know where a file is tries here, then there.
        for (const at of [FROM, TO]) {
          if ((await subject.store.get(at, fileName(filename))) === null) continue
          const [outcome] = await record([anUpdate({ filename, client: at, id, errors: ['value 2 is bad'] })])
          const said = word(outcome)
          if (said === 'created') throw new Error(`${filename} was made anew at ${at}`)
          if (said === 'updated') applied.set(filename, (applied.get(filename) ?? 0) + 1)
          if (said !== 'FILE_MOVED') break
        }
      }
    }
    const writers = [write(), write()]
    for (let kills = 0; kills < KILLS; kills += 1) {
      const [from, to] = kills % 2 === 0 ? [FROM, TO] : [TO, FROM]
      const movers = [startMover(subject.uri, from, to), startMover(subject.uri, from, to)]
      const ended = movers.map((mover) => once(mover, 'exit'))
      await Promise.all(movers.map((mover) => once(mover.stdout as NodeJS.ReadableStream, 'data')))
      await wait(random() * 400)
      for (const mover of movers) mover.kill('SIGKILL')
      await Promise.all(ended)
    }
    // Undisturbed, it comes to its end, and nothing is left behind.
    const last = startMover(subject.uri, FROM, TO)
    expect(await once(last, 'exit')).toEqual([0, null])
    over = true
    await Promise.all(writers)

    expect((await read.list({ client: FROM }, 2 * FILES, null)).files).toEqual([])
    for (const filename of names) {
      const found = await read.get(TO, fileName(filename))
      expect(found?.state.counts.done, filename).toBe(applied.get(filename))
      const errors = await subject.store.issues(found?.state ?? never(), 'error', null, 100_000, null)
      expect(errors).toHaveLength(applied.get(filename) ?? -1)
    }
    // What was reserved under a name whose file had just moved away is looked after, too.
    await subject.store.sweep()
    expect(await subject.raw.progress.countDocuments()).toBe(FILES)
    expect(sent).toBeGreaterThan(FILES)
  })

  it('take a name from a reservation that nobody committed on', async () => {
    await using subject = await bench.subject()
    const { record } = useCases(subject)
    await record([anUpdate()])
    const fileId = subject.store === null ? never() : ('a'.repeat(24) as never)
    const reserved = { client: TO, filename: fileName(), email: 'eve@example.com' as never, fileId }
    await subject.raw.progress.insertOne(reservationOf(reserved) as never)
    const id: UpdateId = 'inner:one'
    expect(await subject.store.moves.move({ from: FROM, to: TO, filename: fileName(), at: 1, id })).toMatchObject({
      kind: 'moved',
    })
    // A repeat after a lost answer.
    expect(await subject.store.moves.move({ from: FROM, to: TO, filename: fileName(), at: 1, id })).toMatchObject({
      kind: 'moved',
    })
  })

  it('have a hundred thousand issues and are whole', async () => {
    await using subject = await bench.subject()
    const { record, read } = useCases(subject)
    const errors = Array.from({ length: 50_000 }, (_, n) => `amount ${n}.00 is bad`)
    await record([anUpdate({ errors })])
    await record([anUpdate({ errors })])
    const id: UpdateId = 'inner:many'
    expect(await subject.store.moves.move({ from: FROM, to: TO, filename: fileName(), at: 1, id })).toMatchObject({
      kind: 'moved',
    })
    const state = (await read.get(TO, fileName()))?.state ?? never()
    expect(state.issues.error.count).toBe(100_000)
    expect(await subject.store.issues(state, 'error', null, 200_000, null)).toHaveLength(100_000)
  })

  it('leave a name that is free after 15 days, and lose nothing by that', async () => {
    await using subject = await bench.subject()
    const { record, read } = useCases(subject)
    await record([anUpdate({ id: 'k1', errors: ['value 1 is bad'] })])
    await subject.store.moves.move({ from: FROM, to: TO, filename: fileName(), at: 1, id: 'inner:first' })
    subject.clock.advance(15 * DAY - 1_000)
    await subject.store.sweep()
    expect((await record([anUpdate({ id: 'k2' })])).map(word)).toEqual(['FILE_MOVED'])
    subject.clock.advance(2_000)
    expect((await subject.store.sweep()).purged).toBeGreaterThan(0)
    expect((await record([anUpdate({ id: 'k2', by: 'eve' })])).map(word)).toEqual(['created'])
    const there = (await read.get(TO, fileName()))?.state ?? never()
    expect(await subject.store.issues(there, 'error', null, 10, null)).toHaveLength(1)
    expect((await record([anUpdate({ id: 'k1', client: TO, errors: ['value 1 is bad'] })])).map(word)).toEqual([
      'duplicate:present',
    ])
  })

  it('wait for the migration', async () => {
    await using subject = await bench.subject()
    await subject.raw.progress.insertOne({ filename: 'old.csv', email: 'ada@example.com' } as never)
    expect(await subject.store.moves.obstacle()).toBe('NOT_MIGRATED')
    await subject.raw.progress.updateMany({}, { $set: { clientKrn: null } } as never)
    expect(await subject.store.moves.obstacle()).toBe('NOT_MIGRATED')
    await subject.raw.progress.deleteMany({})
    expect(await subject.store.moves.obstacle()).toBeNull()
    await subject.raw.progress.createIndex({ filename: 1, email: 1 }, { unique: true })
    expect(await subject.store.moves.obstacle()).toBe('NOT_MIGRATED')
    await subject.raw.progress.dropIndex('filename_1_email_1')
  })
})

const never = (): never => {
  throw new Error('the file is there')
}
