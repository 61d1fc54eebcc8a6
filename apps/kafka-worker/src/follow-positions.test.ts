import { expect, it } from 'vitest'
import type { BrokerRecord } from './broker-record.ts'
import { createFollowPositions } from './follow-positions.ts'
import type { PartitionBatch } from './partition-batch.ts'
import { markOf, type Position } from './position.ts'

const record = (offset: number, value: string): BrokerRecord => ({
  ...{ offset: String(offset), timestamp: '1700000000000', key: null, value: Buffer.from(value), headers: [] },
})
/** What a consumer is asked for, and what is told of gaps. */
const following = (
  positions: () => Promise<ReadonlyMap<number, Position>>,
  onReset: 'stop' | 'earliest' = 'earliest',
) => {
  const [gaps, seeks, passed]: [string[], bigint[], bigint[]] = [[], [], []]
  const { begin, admit, skip } = createFollowPositions({
    log: { warn: () => undefined, error: () => undefined },
    onReset,
    onGap: (kind, count) => void gaps.push(`${kind} ${count}`),
    halt: () => undefined,
  })
  const join = (): void =>
    begin(
      {
        positions,
        seek: (_, offset) => void seeks.push(offset),
        pass: async (_, offset) => void passed.push(offset),
        forget: () => undefined,
        reset: async () => undefined,
        isCompacted: async () => false,
      },
      [0],
    )
  join()
  /** As it is fetched now: it is not current any more once the client was sent elsewhere. */
  const fetched = (...records: readonly BrokerRecord[]): PartitionBatch => {
    const before = seeks.length
    return {
      ...{ partition: 0, records, high: 40n },
      heartbeat: async () => undefined,
      commit: async () => undefined,
      isCurrent: () => seeks.length === before,
    }
  }
  return { join, admit, skip, fetched, gaps, seeks, passed }
}

const fresh: Position = {
  ...{ committed: null, mark: null, isReset: false, isGone: false },
  ...{ low: 0n, high: 40n, stable: 40n },
}

it('takes nothing from a partition that could not be compared, and compares it until it can', async () => {
  const read = record(1, 'read before')
  const committed = { ...fresh, committed: 2n, mark: markOf(read) }
  const looks: (() => Promise<ReadonlyMap<number, Position>>)[] = [
    () => Promise.reject(new Error('the broker is busy')),
    async () => new Map(),
    async () => new Map([[0, committed]]),
    // Whether it expired meanwhile.
    async () => new Map([[0, committed]]),
  ]
  const { admit, fetched, seeks, gaps } = following(() => (looks.shift() as (typeof looks)[number])())
  // The client reads on from where the group stands, in what may be another topic.
  expect(await admit(fetched(record(2, 'another')))).toBeNull()
  expect(seeks).toEqual([2n])
  // Compared now: it looks for the record that was read last, and finds another in its place.
  expect(await admit(fetched(record(2, 'another')))).toBeNull()
  expect(seeks).toEqual([2n, 1n])
  expect(await admit(fetched(record(1, 'another')))).toBeNull()
  expect(seeks).toEqual([2n, 1n, 0n])
  expect(gaps).toEqual(['recreated 0'])
  const whole = fetched(record(0, 'another'), record(1, 'another'))
  expect((await admit(whole))?.records).toEqual(whole.records)
})

it('passes over what nobody sees, but never back behind what was committed meanwhile', async () => {
  const { promise: slow, resolve: answer } = Promise.withResolvers<void>()
  let looks = 0
  const { admit, skip, fetched, passed } = following(async () => {
    looks += 1
    if (looks > 1) await slow
    return new Map([[0, { ...fresh, low: looks > 1 ? 5n : 0n }]])
  })
  const unseen = (first: bigint, next: bigint) => ({ partition: 0, first, next, isCurrent: () => true })
  await admit(fetched(record(0, 'x'), record(1, 'x')))
  const skipping = skip(unseen(7n, 9n))
  await admit(fetched(record(9, 'x'), record(10, 'x')))
  answer()
  await skipping
  expect(passed).toEqual([])
  await skip(unseen(11n, 13n))
  expect(passed).toEqual([13n])
})

it.each([
  ['the record that was read last', markOf(record(1, 'read before'))],
  ['what nobody marked', null],
])(
  'says what expires between a join and the first fetch, and does not take it for a topic made anew: %s',
  async (_, mark) => {
    let low = 0n
    const { admit, fetched, gaps } = following(async () => new Map([[0, { ...fresh, committed: 2n, mark, low }]]))
    await new Promise(setImmediate)
    low = 10n
    const admitted = await admit(fetched(record(10, 'x'), record(11, 'x')))
    expect([admitted?.records.length, gaps]).toEqual([2, ['expired 8']])
  },
)

it.each([
  ['expired 3', { ...fresh, committed: 2n, low: 5n }],
  ['recreated 0', { ...fresh, committed: 0n, isReset: true }],
])('says once where it was told to stop, however often the group changes: %s', async (gap, position) => {
  const { join, gaps, passed } = following(async () => new Map([[0, position]]), 'stop')
  for (let joins = 0; joins < 3; joins += 1) {
    join()
    await new Promise(setImmediate)
  }
  expect([gaps, passed]).toEqual([[gap], []])
})
