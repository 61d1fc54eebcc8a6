import { createTestClock, heapInUse } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { createGate } from './gate.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

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

it('a store that answers and takes nothing is asked less and less often, and is not ready until it took something', async () => {
  let now = 0
  const sleep = async (ms: number): Promise<void> => {
    now += ms
  }
  const clock = { ...createTestClock(), monotonic: () => now, sleep }
  const lines: string[] = []
  const say = (_: object, text?: string): void => void lines.push(text ?? '')
  const gate = createGate({ probe: async () => undefined, clock, log: { info: say, warn: say, error: say } })
  while (now < 60_000) {
    gate.close('STORE_UNAVAILABLE')
    await gate.passable()
    expect([gate.isOpen(), gate.state().ok]).toEqual([true, false])
  }
  expect(lines.length).toBeLessThan(60)
  gate.proved()
  expect(gate.state()).toEqual({ ok: true })
  // The next trouble is another one.
  const began = now
  gate.close('STORE_UNAVAILABLE')
  await gate.passable()
  expect(now - began).toBeLessThan(1_000)
  // Where nothing came since, nobody knows of any trouble.
  await sleep(60_000)
  expect(gate.state()).toEqual({ ok: true })
})
