import { createRecorder, type Outcome, type RecordUpdate, StoreUnavailable } from '@pebbles/core'
import { anUpdate } from '@pebbles/intake/testing'
import { systemClock } from '@pebbles/runtime'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createSqsBench } from '../test/bench.ts'

const server = await orSkip(startElasticMq())
const patience = { timeout: 40_000, interval: 50 }
const FIFO = { FifoQueue: 'true' }

describe.skipIf(server === null)('a FIFO queue', () => {
  if (server === null) return
  afterAll(() => server.stop())

  it('keeps the order of a group through a failure in the middle of it, and does not hold up another group', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates', FIFO)
    const totals = [1, 2, 3, 4, 5, 6]
    await queue.send(
      totals.map((total) => anUpdate({ total })),
      {},
      'one',
    )
    await queue.send(
      totals.map((total) => anUpdate({ filename: 'b.csv', total })),
      {},
      'two',
    )
    const applied: (readonly [string, number | null])[] = []
    let third: string | null = null
    let failures = 0
    const recorder = createRecorder({
      clock: systemClock,
      // So what is handed over together is cut in the middle of a file.
      maxGroupUpdates: 2,
      store: {
        ...bench.store,
        open: async (requests) => {
          if (failures === 2 || !requests.some(({ ids }) => ids.some((id) => id === third)))
            return bench.store.open(requests)
          failures += 1
          throw new StoreUnavailable('away')
        },
      },
    })
    const record = async (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> => {
      third ??= commands.find(({ filename, total }) => filename === 'a.csv' && total === 3)?.id ?? null
      const outcomes = await recorder.record(commands)
      for (const [at, { kind }] of outcomes.entries())
        if (kind === 'applied') applied.push([commands[at]?.filename ?? '', commands[at]?.total ?? null])
      return outcomes
    }
    bench.start(queue, { record })
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    expect(failures).toBe(2)
    for (const filename of ['a.csv', 'b.csv'])
      expect(applied.filter(([of]) => of === filename).map(([, total]) => total)).toEqual(totals)
    expect([await bench.done('a.csv'), await bench.done('b.csv')]).toEqual([6, 6])
  })

  it('is not held up by refused messages, in one group or in two', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const [queue, dead] = [await bench.queue('updates', FIFO), await bench.queue('dead', FIFO)]
    for (const group of ['one', 'two']) {
      const filename = `${group}.csv`
      await queue.send(
        [
          anUpdate({ filename, total: 5 }),
          anUpdate({ filename, email: 'eve@example.com' }),
          '{',
          anUpdate({ filename, isLast: true, total: 9 }),
          anUpdate({ filename, total: 10 }),
        ],
        {},
        group,
      )
    }
    bench.start(queue, { deadLetterUrl: dead.url })
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    for (const filename of ['one.csv', 'two.csv'])
      expect(await bench.state(filename)).toMatchObject({
        email: 'ada@example.com',
        counts: { done: 2 },
        total: 9,
        completion: { outcome: 'succeeded' },
      })
    const letters = await dead.drain()
    const codes = letters.map(({ MessageAttributes: facts = {} }) => facts['pebbles-code']?.StringValue)
    const refused = ['INVALID_BODY', 'NOT_OWNER', 'PROGRESS_COMPLETED']
    expect(codes.sort()).toEqual([...refused, ...refused].sort())
  })

  it('has one letter of what is refused behind an update that waits for the store, however long it waits', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const [queue, dead] = [await bench.queue('updates', FIFO), await bench.queue('dead')]
    await queue.send([anUpdate(), '{', anUpdate({ filename: 'b.csv' })], {}, 'one')
    let tries = 0
    bench.start(queue, {
      deadLetterUrl: dead.url,
      record: async (commands) => {
        if (!commands.some(({ filename }) => filename === 'a.csv') || ++tries > 3) return bench.record(commands)
        const outcomes = await bench.record(commands.filter(({ filename }) => filename !== 'a.csv'))
        const others = outcomes.values()
        return commands.map(({ filename }) =>
          filename === 'a.csv' ? { kind: 'unavailable', cause: null } : (others.next().value as Outcome),
        )
      },
    })
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    expect(tries).toBe(4)
    expect([await bench.done('a.csv'), await bench.done('b.csv'), await dead.left()]).toEqual([1, 1, 1])
  })

  it('may bring the same content twice: that are two updates, whatever their deduplication ids were made of', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates', FIFO)
    const same = Array.from({ length: 8 }, () => anUpdate())
    await queue.send(same, {}, 'one')
    bench.start(queue)
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    expect(await bench.done()).toBe(8)
  })
})
