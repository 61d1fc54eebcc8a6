import { createLogger } from '@pebbles/runtime'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench } from '../test/bench.ts'
import { outlives } from '../test/outlive-fault.ts'
import { startSlowCommits } from '../test/slow-commits.ts'

const PARTITIONS = 4
/** One after the other on one connection, those of all partitions take less than a request may. */
const BEARABLE_MS = 1_500
/** More than a request may take. */
const UNBEARABLE_MS = 12_000
const patience = { timeout: 100_000, interval: 50 }
const slow = await startSlowCommits()
const server = await orSkip(startKafka({ proxy: slow }))
afterAll(async () => {
  await slow[Symbol.asyncDispose]()
  await server?.stop()
})

describe.skipIf(server === null)('a Kafka worker whose commits of offsets take long', { timeout: 300_000 }, () => {
  if (server === null) return
  const broker = { brokers: [`127.0.0.1:${slow.port}`], ssl: false, sasl: null }
  const heldSo = async (ms: number, commits: number): Promise<void> => {
    const before = slow.held()
    slow.hold(ms)
    await vi.waitFor(() => expect(slow.held()).toBeGreaterThanOrEqual(before + commits), patience)
  }

  it('keeps its place and goes on meanwhile', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', PARTITIONS)
    const said: string[] = []
    const log = createLogger({ name: 'test', level: 'info' }, { write: (line) => said.push(line) })
    await outlives(
      bench,
      topic,
      async (goesOn) => {
        await heldSo(BEARABLE_MS, 3 * PARTITIONS)
        await goesOn()
        slow.hold(0)
      },
      { broker, log },
    )
    const joined = said.findIndex((line) => line.includes('"msg":"joined the group"'))
    const troubles = said.slice(joined + 1).filter((line) => /"msg":"(joined the group|the consumer ended)/.test(line))
    expect(joined).toBeGreaterThanOrEqual(0)
    expect(troubles).toEqual([])
  })

  it('longer than it waits for an answer: it says so, and goes on by itself when they are quick again', async () => {
    await using bench = await createKafkaBench(server.bootstrap)
    const topic = await bench.topic('updates', PARTITIONS)
    await outlives(
      bench,
      topic,
      async (_, worker) => {
        await heldSo(UNBEARABLE_MS, 2)
        await vi.waitFor(async () => expect(await worker.checks.consumer()).toMatchObject({ ok: false }), patience)
        await heldSo(UNBEARABLE_MS, 1)
        slow.hold(0)
      },
      { broker },
    )
  })
})
