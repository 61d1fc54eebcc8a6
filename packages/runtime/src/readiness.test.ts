import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createReadiness } from './readiness.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('is ok when each component is', async () => {
  const ready = createReadiness({
    store: async () => undefined,
    queue: async () => ({ ok: true, detail: 'caught up' }),
  })
  expect(await ready()).toEqual({
    status: 'ok',
    components: { store: { ok: true }, queue: { ok: true, detail: 'caught up' } },
  })
})

it('tells which one is not, and of an error only the code', async () => {
  const ready = createReadiness({
    store: (): Promise<void> =>
      Promise.reject(Object.assign(new Error('mongodb://root:hush@db'), { code: 'STORE_UNAVAILABLE' })),
    keys: (): Promise<void> => {
      throw new Error('hush')
    },
    topic: async () => ({ ok: false, detail: 'the topic was recreated' }),
    disk: async () => undefined,
  })
  expect(await ready()).toEqual({
    status: 'unavailable',
    components: {
      store: { ok: false, detail: 'STORE_UNAVAILABLE' },
      keys: { ok: false, detail: 'failed' },
      topic: { ok: false, detail: 'the topic was recreated' },
      disk: { ok: true },
    },
  })
})

it('asks a component once a second, however often it is asked', async () => {
  const check = vi.fn(async () => undefined)
  const ready = createReadiness({ store: check })
  await Promise.all([ready(), ready(), ready()])
  await vi.advanceTimersByTimeAsync(900)
  await ready()
  expect(check).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(200)
  await ready()
  expect(check).toHaveBeenCalledTimes(2)
})

it('does not wait for one that hangs, asks it again only after it answered, and leaves no timer', async () => {
  const answers: (() => void)[] = []
  const check = vi.fn(() => new Promise<void>((resolve) => void answers.push(resolve)))
  const ready = createReadiness({ store: check, disk: async () => undefined })
  for (let second = 0; second < 5; second++) {
    const report = ready()
    await vi.advanceTimersByTimeAsync(2_001)
    expect(await report).toMatchObject({
      status: 'unavailable',
      components: { store: { ok: false, detail: 'no answer within 2000 ms' }, disk: { ok: true } },
    })
  }
  expect(check).toHaveBeenCalledTimes(1)
  answers[0]?.()
  await vi.advanceTimersByTimeAsync(1_001)
  const report = ready()
  expect(check).toHaveBeenCalledTimes(2)
  answers[1]?.()
  expect(await report).toMatchObject({ status: 'ok' })
  expect(vi.getTimerCount()).toBe(0)
})
