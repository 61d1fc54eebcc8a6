import type { Outcome, RecordUpdate } from '@pebbles/core'
import { anUpdate } from '@pebbles/intake/testing'
import { systemClock } from '@pebbles/runtime'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createSqsBench, type Queue, type SqsBench } from '../test/bench.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'
import type { QueueClient } from './queue-client.ts'

const server = await orSkip(startElasticMq())
const patience = { timeout: 100_000, interval: 50 }
const FIFO = { FifoQueue: 'true' }
const GROUPS = ['one', 'two']
/** More than a queue gives of a group before some are deleted. */
const TOTALS = Array.from({ length: 25 }, (_, n) => n + 1)
/** Of a group. */
const SHOWN = 10

const newBench = async (endpoint: string) => {
  const bench = await createSqsBench(endpoint)
  const [queue, dead] = [await bench.queue('updates', FIFO), await bench.queue('dead', FIFO)]
  const deps = {
    ...{ client: bench.client, queueUrl: queue.url, deadLetterUrl: dead.url },
    ...{ rejected: bench.store.rejected, now: Date.now },
  }
  return { bench, queue, dead, deps }
}

/** Keeps what was applied, in the order it came in. */
const recordInto = (bench: SqsBench, applied: RecordUpdate[]) => {
  return async (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> => {
    const outcomes = await bench.record(commands)
    applied.push(...commands.filter((_, at) => outcomes[at]?.kind === 'applied'))
    return outcomes
  }
}

/** Fills the dead letters; resolves with how many they are. */
const refuse = async (bench: SqsBench, queue: Queue, dead: Queue): Promise<number> => {
  // It takes the updates of another client only.
  const worker = bench.start(queue, { deadLetterUrl: dead.url, narrowedBy: /^krn:other:/ })
  for (const group of GROUPS)
    await queue.send(
      TOTALS.map((total) => anUpdate({ filename: `${group}.csv`, total })),
      {},
      group,
    )
  const all = GROUPS.length * TOTALS.length
  await vi.waitFor(async () => expect([await dead.left(), await queue.left()]).toEqual([all, 0]), patience)
  await worker.stop()
  // What came within the same millisecond is taken for newer than the replay.
  await systemClock.sleep(5)
  return all
}

describe.skipIf(server === null)('the dead letters of a FIFO queue', { timeout: 200_000 }, () => {
  if (server === null) return
  afterAll(() => server.stop())

  it('are replayed in the order of their groups, each once, however many a group has', async () => {
    const { bench, queue, dead, deps } = await newBench(server.endpoint)
    await using _ = bench
    const all = await refuse(bench, queue, dead)
    const { total, rows } = await listDeadLetters(deps, 100)
    // It gives no more of a group while some of it are in hand.
    expect([total, rows.length, await dead.depth()]).toEqual([all, GROUPS.length * SHOWN, all])

    expect(await replayDeadLetters(deps)).toEqual({ replayed: all, left: 0, newer: 0 })
    expect(await dead.left()).toBe(0)
    const applied: RecordUpdate[] = []
    bench.start(queue, { deadLetterUrl: dead.url, record: recordInto(bench, applied) })
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    for (const group of GROUPS) {
      const its = applied.filter(({ filename }) => filename === `${group}.csv`)
      expect(its.map(({ total }) => total)).toEqual(TOTALS)
      expect(await bench.state(`${group}.csv`)).toMatchObject({ counts: { done: TOTALS.length }, total: TOTALS.length })
    }
    expect(await dead.left()).toBe(0)
  })
  it('do not wait for one of their group that its queue does not take', async () => {
    const { bench, queue, dead, deps } = await newBench(server.endpoint)
    await using _ = bench
    const all = await refuse(bench, queue, dead)
    const isTaken = (body = ''): boolean => !/"one.csv".*"total":[39]}/.test(body)
    const send: QueueClient['send'] = async (url, entries) => {
      const taken = entries.filter(({ MessageBody }) => isTaken(MessageBody))
      if (taken.length > 0) expect(await bench.client.send(url, taken)).toEqual(new Map())
      const untaken = entries.flatMap(({ MessageBody }, at) => (isTaken(MessageBody) ? [] : [at]))
      return new Map(untaken.map((at) => [at, { code: 'InvalidParameterValue', senderFault: true }]))
    }
    const picky = { ...deps, client: { ...bench.client, send } }
    expect(await replayDeadLetters(picky)).toEqual({ replayed: all - 2, left: 2, newer: 0 })
    expect([await queue.left(), await dead.depth()]).toEqual([all - 2, 2])
    expect(await replayDeadLetters(deps)).toEqual({ replayed: 2, left: 0, newer: 0 })
    bench.start(queue, { deadLetterUrl: dead.url })
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    expect([await bench.done('one.csv'), await bench.done('two.csv')]).toEqual([TOTALS.length, TOTALS.length])
  })
})
