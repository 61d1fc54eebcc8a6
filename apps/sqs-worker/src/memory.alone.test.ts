import {
  aHeavyMessage,
  heavySums,
  heavySumsOf,
  LITTLE_HEAP_MIB,
  LITTLE_MEMORY,
  watchMemory,
} from '@pebbles/intake/testing'
import { describe, expect, it, vi } from 'vitest'
import { createSqsBench } from '../test/bench.ts'
import { startFakeSqs } from '../test/fake-sqs.ts'
import { startWorker } from '../test/start-worker.ts'

const MIB = 1024 * 1024
/** In all 300 MiB. */
const MESSAGES = 1_600
/** In all 150 MiB; more than fifty receives bring. */
const BACKLOG = 800
/** So many may be in the queue, which is in memory, too. */
const WAITING = 200
const LOOK_EVERY = 10
const SENDERS = 4
const patience = { timeout: 100_000, interval: 50 }

// What a process has in memory only Linux tells.
describe.skipIf(process.platform !== 'linux')('an SQS worker with little memory', () => {
  it('takes more than three times its heap in one life, and the second half takes no more than the first', {
    timeout: 400_000,
  }, async () => {
    await using server = await startFakeSqs()
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates')
    await using worker = startWorker(bench, queue, server.endpoint, LITTLE_MEMORY)
    await worker.logged('taking messages')
    await using memory = watchMemory(worker.child.pid as number)
    const [peaks, half] = [[] as number[], MESSAGES / 2]
    let bytes = 0
    for (const end of [half, MESSAGES]) {
      let next = end - half
      const send = async (): Promise<void> => {
        while (next < end) {
          const message = aHeavyMessage(next++)
          bytes += message.length
          await queue.send([message])
          if (next % LOOK_EVERY === 0)
            await vi.waitFor(async () => expect(await queue.left(), worker.said()).toBeLessThan(WAITING), patience)
        }
      }
      await Promise.all(Array.from({ length: SENDERS }, send))
      await vi.waitFor(async () => expect(await queue.left(), worker.said()).toBe(0), patience)
      peaks.push(memory.takePeak())
    }
    const [first = 0, second = 0] = peaks
    expect(await heavySums(bench)).toEqual(heavySumsOf(MESSAGES))
    expect(bytes).toBeGreaterThan(3 * LITTLE_HEAP_MIB * MIB)
    expect(second).toBeLessThan(first * 1.25 + 32 * MIB)
    expect([worker.child.exitCode, worker.said().match(/"msg":"taking messages"/g)?.length]).toEqual([null, 1])
  })

  it('takes a backlog that is there before it, though each receive brings as much as it may', {
    timeout: 400_000,
  }, async () => {
    await using server = await startFakeSqs()
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates')
    for (let n = 0; n < BACKLOG; n += 1) await queue.send([aHeavyMessage(n)])
    await using worker = startWorker(bench, queue, server.endpoint, LITTLE_MEMORY)
    await vi.waitFor(async () => {
      expect(worker.child.signalCode, worker.said()).toBeNull()
      expect(await queue.left()).toBe(0)
    }, patience)
    expect(await heavySums(bench)).toEqual(heavySumsOf(BACKLOG))
  })
})
