import { createRemoveFile, type Email, type FileName, type RecordUpdate } from '@pebbles/core'
import { anUpdate, CLIENT, keptOf } from '@pebbles/intake/testing'
import { systemClock } from '@pebbles/runtime'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createSqsBench, type Queue, type SqsBench } from '../test/bench.ts'
import { type HandleDeadLettersDeps, listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'

const server = await orSkip(startElasticMq())
const patience = { timeout: 40_000, interval: 50 }
/** In the dead-letter queue, and as many in the store. */
const LETTERS = 35

/** While this file is there, its name is another's. */
const ownedByEve: RecordUpdate = {
  client: CLIENT,
  filename: 'a.csv' as FileName,
  email: 'eve@example.com' as Email,
  id: 'inner:first',
  hash: '',
  counts: { done: 0, warn: 0, failed: 0 },
  total: null,
  errors: [],
  warnings: [],
  sentAt: 0,
  channel: 'http',
}

const depsOf = ({ client, store }: SqsBench, queue: Queue, dead: Queue): HandleDeadLettersDeps => ({
  ...{ client, queueUrl: queue.url, deadLetterUrl: dead.url },
  ...{ rejected: store.rejected, now: Date.now },
})

const remove = async ({ store }: SqsBench): Promise<void> => {
  const removed = await createRemoveFile({ store, clock: systemClock })({
    client: CLIENT,
    filename: 'a.csv' as FileName,
    by: 'eve@example.com' as Email,
    admin: false,
    id: 'inner:removal',
  })
  expect(removed).toEqual({ kind: 'removed' })
}

const refuse = async (bench: SqsBench, queue: Queue, dead: Queue): Promise<void> => {
  await bench.record([ownedByEve])
  const messages = Array.from({ length: LETTERS }, () => anUpdate())
  const toQueue = bench.start(queue, { deadLetterUrl: dead.url })
  await queue.send(messages)
  await vi.waitFor(async () => expect([await dead.depth(), await queue.left()]).toEqual([LETTERS, 0]), patience)
  await toQueue.stop()
  const toStore = bench.start(queue)
  await queue.send(messages)
  const kept = async () => (await bench.store.rejected.size()).messages
  await vi.waitFor(async () => expect([await kept(), await queue.left()]).toEqual([LETTERS, 0]), patience)
  await toStore.stop()
}

describe.skipIf(server === null)('dlq replay', () => {
  if (server === null) return
  afterAll(() => server.stop())

  it('lists dead letters and leaves them, and replays each once, from the queue and from the store', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
    const first = bench.start(queue, { deadLetterUrl: dead.url })
    await bench.record([ownedByEve])
    await queue.send([anUpdate(), anUpdate({ counts: { done: 2, warn: 0, failed: 0 } }), '{'])
    await vi.waitFor(async () => expect(await dead.depth()).toBe(3), patience)
    await first.stop()
    const second = bench.start(queue)
    await queue.send([anUpdate({ counts: { done: 4, warn: 0, failed: 0 } })])
    await vi.waitFor(async () => expect(await bench.store.rejected.size()).toMatchObject({ messages: 1 }), patience)
    await second.stop()

    const { store } = bench
    const deps = depsOf(bench, queue, dead)
    const { total, rows } = await listDeadLetters(deps, 100)
    expect(total).toBe(4)
    expect(rows.map(({ place, code }) => `${place} ${code}`).sort()).toEqual([
      'sqs INVALID_BODY',
      'sqs NOT_OWNER',
      'sqs NOT_OWNER',
      'store NOT_OWNER',
    ])
    expect(await dead.depth()).toBe(3)

    // The cause is gone: the file is, and its name is free.
    await remove(bench)
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 4, left: 0, newer: 0 })
    expect(await store.rejected.size()).toMatchObject({ messages: 0 })
    bench.start(queue, { deadLetterUrl: dead.url })
    await vi.waitFor(async () => expect(await bench.done()).toBe(7), patience)
    await vi.waitFor(async () => expect(await dead.depth()).toBe(1), patience)
    const [again] = await dead.drain()
    expect(again?.MessageAttributes?.['pebbles-attempts']?.StringValue).toBe('2')
  })

  it('has each effect once, however often and at once with others it is run', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
    await refuse(bench, queue, dead)
    await remove(bench)
    const deps = depsOf(bench, queue, dead)
    bench.start(queue, { deadLetterUrl: dead.url })
    await Promise.all([replayDeadLetters(deps), replayDeadLetters(deps)])
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 0, left: 0, newer: 0 })
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    expect(await bench.done()).toBe(2 * LETTERS)
    expect([await dead.left(), (await bench.store.rejected.size()).messages]).toEqual([0, 0])
  })

  it('replays letters of two files that use the same ids, however often each was refused', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
    for (const [filename, attempts] of [
      ['a.csv', '1'],
      ['b.csv', '2'],
    ] as const)
      await dead.send([anUpdate({ filename, updateId: '1' })], {
        'pebbles-update-id': { DataType: 'String', StringValue: 'caller:1' },
        'pebbles-attempts': { DataType: 'String', StringValue: attempts },
      })
    // What came within the same millisecond is taken for newer than the replay.
    await systemClock.sleep(5)
    expect(await replayDeadLetters(depsOf(bench, queue, dead))).toEqual({ replayed: 2, left: 0, newer: 0 })
    expect(await dead.left()).toBe(0)
  })

  it('goes on past letters that are too long for the queue, together or alone, and so does a worker', async () => {
    await using bench = await createSqsBench(server.endpoint)
    // ElasticMQ takes 256 KiB in one request, as queues of AWS do that were made before they took more.
    const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
    const large = Array.from({ length: 6 }, (_, n) => `${n}`.padEnd(100_000, '.'))
    for (const body of large) await queue.send([body])
    await queue.send(['{little'])
    const worker = bench.start(queue, { deadLetterUrl: dead.url })
    await vi.waitFor(async () => expect([await dead.depth(), await queue.left()]).toEqual([7, 0]), patience)
    await worker.stop()
    expect([await worker.checks.deadLetters(), (await bench.store.rejected.size()).messages]).toEqual([{ ok: true }, 0])
    // From a queue that takes more, which this one was before.
    const body = new Uint8Array(256 * 1024 + 1).fill(0x2e)
    await bench.store.rejected.keep(
      keptOf('sqs', 1).map((kept) => ({ ...kept, body })),
      1_000_000,
    )
    await systemClock.sleep(5)
    expect(await replayDeadLetters(depsOf(bench, queue, dead))).toEqual({ replayed: 7, left: 1, newer: 0 })
    expect([await queue.left(), await dead.left(), (await bench.store.rejected.size()).messages]).toEqual([7, 0, 1])
  })

  it.each([
    ['right', 0, { replayed: 2 * LETTERS, left: 0, newer: 0 }],
    ['an hour ahead', 3_600_000, { replayed: 2 * LETTERS, left: 0, newer: 0 }],
    ['an hour behind', -3_600_000, { replayed: LETTERS, left: 0, newer: LETTERS }],
  ])('sends each back once when all are refused again at once, by a clock that is %s', async (_, ahead, told) => {
    await using bench = await createSqsBench(server.endpoint)
    const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
    await refuse(bench, queue, dead)
    bench.start(queue, { deadLetterUrl: dead.url })
    const deps = { ...depsOf(bench, queue, dead), now: () => Date.now() + ahead }
    const found = await replayDeadLetters(deps)
    expect(found).toEqual(told)
    await vi.waitFor(async () => expect([await queue.left(), await dead.depth()]).toEqual([0, 2 * LETTERS]), patience)
    const letters = (await dead.drain()).map(({ MessageAttributes: facts = {} }) => facts)
    const again = letters.filter((facts) => facts['pebbles-attempts']?.StringValue === '2')
    expect([letters.length, again.length]).toEqual([2 * LETTERS, found.replayed])
    expect(new Set(letters.map((facts) => facts['pebbles-update-id']?.StringValue)).size).toBe(2 * LETTERS)
    expect((await bench.store.rejected.size()).messages).toBe(0)
  })
})
