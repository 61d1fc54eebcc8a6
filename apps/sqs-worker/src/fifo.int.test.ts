import type { Outcome, RecordUpdate } from '@pebbles/core'
import { anUpdate } from '@pebbles/intake/testing'
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
    let failures = 0
    const record = async (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> => {
      // The third of a group, and so all behind it in its file, as a recorder promises; twice.
      const failing = failures < 2
      const doing = commands.filter(({ filename, total }) => !failing || filename !== 'a.csv' || (total ?? 0) < 3)
      if (doing.length < commands.length) failures += 1
      const outcomes = await bench.record(doing)
      for (const [at, { kind }] of outcomes.entries())
        if (kind === 'applied') applied.push([doing[at]?.filename ?? '', doing[at]?.total ?? null])
      return commands.map((command) => {
        const at = doing.indexOf(command)
        return at === -1 ? { kind: 'unavailable', cause: new Error('away') } : (outcomes[at] as Outcome)
      })
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
