import { anUpdate, client, email, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set', faults: true }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

/** The named commands fail in the given way, the next so many times; only those of the stores under test. */
const failNext = async (failCommands: readonly string[], times: number, how: object): Promise<void> => {
  const node = await mongo?.primary()
  await node?.command({
    configureFailPoint: 'failCommand',
    mode: times === 0 ? 'off' : { times },
    data: { failCommands, appName: 'pebbles', ...how },
  })
}

/** Less than a call may take by itself. */
const STILL_MS = 5_000
const CLOSED = { closeConnection: true }
const NOT_PRIMARY = { errorCode: 10_107 }
const OVERLOADED = { errorCode: 365 }
const STEPPED_DOWN = { errorCode: 189, errorLabels: ['RetryableWriteError'] }
/** Applied, and majority unknown: the document is there in both. */
const UNKNOWN_91 = { writeConcernError: { code: 91, errmsg: 'shutting down' } }
const UNKNOWN_64 = { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } }

describe.skipIf(bench === null)('a commit without an answer', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()

  // Once is hidden by the driver's own retry, five times is not.
  it.each([
    ['insert', 1, CLOSED],
    ['insert', 5, CLOSED],
    ['insert', 3, NOT_PRIMARY],
    ['insert', 3, STEPPED_DOWN],
    ['insert', 3, OVERLOADED],
    ['insert', 1, UNKNOWN_64],
    ['insert', 4, UNKNOWN_91],
    ['update', 1, CLOSED],
    ['update', 5, CLOSED],
    ['update', 1, UNKNOWN_64],
    ['update', 4, UNKNOWN_91],
    ['find', 1, CLOSED],
  ] as const)('by %s, %i times: %j, is settled by reading back, and counts once', async (command, times, how) => {
    await using test = await subject()
    const { record, read } = useCases(test)
    await record([anUpdate({ done: 1 })])
    await failNext([command], times, how)
    const outcomes = await record([
      anUpdate({ id: 'k1', done: 10, errors: ['trouble'] }),
      anUpdate({ filename: 'new.csv', by: 'eve', done: 5 }),
    ])
    await failNext([command], 0, how)
    expect(outcomes.map(word)).toEqual(['updated', 'created'])
    expect((await read.get(client(), fileName()))?.state).toMatchObject({
      counts: { done: 11 },
      issues: { error: { count: 1 } },
    })
    expect((await read.get(client(), fileName('new.csv')))?.state).toMatchObject({ counts: { done: 5 } })
    expect((await record([anUpdate({ id: 'k1', done: 10, errors: ['trouble'] })])).map(word)).toEqual([
      'duplicate:present',
    ])
    const versions = (await test.raw.journal.find({ kind: 'update' }).toArray()).map(({ version }) => version)
    expect(versions.sort()).toEqual([1, 1, 2])
  })

  it('of a removal is settled the same way', async () => {
    for (const command of ['insert', 'update', 'delete']) {
      await using test = await subject()
      const { record, remove, read } = useCases(test)
      await record([anUpdate()])
      await failNext([command], 5, CLOSED)
      const removal = await remove({
        ...{ client: client(), filename: fileName(), by: email('ada'), admin: false },
        id: `inner:${command}`,
      })
      await failNext([command], 0, CLOSED)
      expect(removal).toEqual({ kind: 'removed' })
      expect(await read.get(client(), fileName())).toBeNull()
      expect(await test.raw.journal.countDocuments({ kind: 'deleted' })).toBe(1)
    }
  })

  it.each([CLOSED, OVERLOADED])(
    'for as long as a caller waits, by %j, is `unavailable`, and a repeat is safe',
    async (how) => {
      await using test = await subject()
      const { record, read } = useCases(test)
      await record([anUpdate({ done: 1 })])
      await failNext(['find', 'insert', 'update'], 1_000, how)
      expect((await record([anUpdate({ id: 'k1', done: 10 })])).map(word)).toEqual(['unavailable'])
      await expect(read.get(client(), fileName())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await failNext(['find', 'insert', 'update'], 0, how)
      await record([anUpdate({ id: 'k1', done: 10 })])
      expect((await read.get(client(), fileName()))?.state.counts.done).toBe(11)
    },
  )

  it.each(['find', 'insert'] as const)(
    'by when its caller waits, as a server stands still at %s, is `unavailable` by then, and a repeat is safe',
    async (command) => {
      await using test = await subject()
      const { record, read } = useCases(test)
      await record([anUpdate({ done: 1 })])
      // Another process: this one remembers the file.
      await using second = await test.connect()
      const { open, commit } = second
      const hasty = { open: (given: never) => open(given, 300), commit: (given: never) => commit(given, 300) }
      const impatient = useCases({ ...test, store: { ...second, ...hasty } as typeof second })
      await failNext([command], 1, { blockConnection: true, blockTimeMS: STILL_MS })
      const began = performance.now()
      expect((await impatient.record([anUpdate({ id: 'k1', done: 10 })])).map(word)).toEqual(['unavailable'])
      expect(performance.now() - began).toBeLessThan(STILL_MS)
      await failNext([command], 0, {})
      await record([anUpdate({ id: 'k1', done: 10 })])
      expect((await record([anUpdate({ id: 'k1', done: 10 })])).map(word)).toEqual(['duplicate:present'])
      expect((await read.get(client(), fileName()))?.state.counts.done).toBe(11)
    },
  )
})

describe.skipIf(bench === null)('a change stream that cannot be opened', () => {
  // Out of time, and anything else that a server may say.
  it.each([50, 8])('by code %i, leaves the store unavailable, and no place unknown', async (errorCode) => {
    await using test = await (bench as NonNullable<typeof bench>).subject()
    await failNext(['aggregate'], 10, { errorCode })
    await expect(test.store.position()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await failNext(['aggregate'], 0, { errorCode })
    expect(await test.store.changes(await test.store.position(), 1)).toMatchObject({ events: [] })
  })
})
