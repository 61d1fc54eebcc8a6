import {
  aHeavyMessage,
  HEAVY_MESSAGES,
  heavySums,
  heavySumsOf,
  LITTLE_HEAP_MIB,
  LITTLE_MEMORY,
  startStoreKinds,
  watchMemory,
} from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench, type KafkaBench } from '../test/bench.ts'
import { startWorker } from '../test/start-worker.ts'

const MIB = 1024 * 1024
const PARTITIONS = 4
/** Into each partition: a broker takes no more than a mebibyte together. */
const AT_ONCE = 4
const patience = { timeout: 150_000, interval: 250 }

// What a process has in memory only Linux tells.
const server = process.platform === 'linux' ? await orSkip(startKafka()) : null
const stores = await startStoreKinds()
afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

/** How many bytes there are. */
const sendBacklog = async ({ producer }: KafkaBench, topic: string): Promise<number> => {
  let bytes = 0
  for (let sent = 0; sent < HEAVY_MESSAGES; sent += PARTITIONS * AT_ONCE) {
    const messages = Array.from({ length: PARTITIONS * AT_ONCE }, (_, index) => ({
      value: aHeavyMessage(sent + index),
      partition: index % PARTITIONS,
    }))
    for (const { value } of messages) bytes += value.length
    await producer.send({ topic, messages })
  }
  return bytes
}

describe.skipIf(server === null).each(stores.kinds)('a Kafka worker with little memory on $name', (kind) => {
  if (server === null) return

  it('reads a backlog of many times its heap in one life, and the second half takes no more than the first', {
    timeout: 400_000,
  }, async () => {
    await using bench = await createKafkaBench(server.bootstrap, kind)
    const topic = await bench.topic('updates', PARTITIONS)
    const backlog = await sendBacklog(bench, topic)
    expect(backlog).toBeGreaterThan(4 * LITTLE_HEAP_MIB * MIB)
    await using worker = startWorker(bench, topic, server.bootstrap, LITTLE_MEMORY)
    await worker.logged('joined the group')
    await using memory = watchMemory(worker.child.pid as number)
    await vi.waitFor(
      async () => expect((await heavySums(bench)).done, worker.said()).toBeGreaterThan(HEAVY_MESSAGES / 2),
      patience,
    )
    const first = memory.takePeak()
    await vi.waitFor(async () => expect(await bench.lag(topic), worker.said()).toBe(0), patience)
    const second = memory.takePeak()
    expect(await heavySums(bench)).toEqual(heavySumsOf(HEAVY_MESSAGES))
    expect(second).toBeLessThan(first * 1.25 + 32 * MIB)
    expect(second).toBeLessThan(backlog)
    // It is the process that was started, and the member that joined.
    expect([worker.child.exitCode, worker.said().match(/"msg":"joined the group"/g)?.length]).toEqual([null, 1])
  })
})
