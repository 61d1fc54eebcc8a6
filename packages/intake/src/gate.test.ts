import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTestClock } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { createGate } from './gate.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The heap when nothing is in it that could go. */
const heapInUse = (): number => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

it('who looks again and again whether it is open takes no memory, however long it is shut', async () => {
  const clock = { ...createTestClock(), sleep: async () => undefined }
  // It stays shut: the store never answers.
  const gate = createGate({ probe: () => new Promise(() => undefined), clock, log: quiet })
  gate.close('STORE_UNAVAILABLE')
  const look = async (times: number): Promise<number> => {
    for (let turn = 0; turn < times; turn += 1) await gate.passable(1_000)
    return heapInUse()
  }
  const before = await look(1_000)
  expect((await look(100_000)) - before).toBeLessThan(2_000_000)
  expect(gate.isOpen()).toBe(false)
  gate.stop()
})
