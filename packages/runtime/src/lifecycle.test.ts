import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConfigError } from './config/parse-config.ts'
import { createLifecycle, exitCodeOf, type Lifecycle, type LifecycleDeps, runProcess } from './lifecycle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const listen = () => {
  const said: string[] = []
  const say = (facts: { part?: string } | string, text?: string): void =>
    void said.push(typeof facts === 'string' ? facts : `${facts.part === undefined ? '' : `${facts.part} `}${text}`)
  return { said, log: { info: say, warn: say, error: say, fatal: say } as unknown as LifecycleDeps['log'] }
}
const never = (): Promise<never> => new Promise(() => undefined)
const lasting = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('stopping', () => {
  const lifecycle = (timeoutMs = 1_000) => {
    const { said, log } = listen()
    const stopped: string[] = []
    const made = createLifecycle({ log, timeoutMs })
    const add = (name: string, ms = 0, deadlineMs?: number): void =>
      made.register(
        name,
        {
          stop: async () => {
            await (ms === Number.POSITIVE_INFINITY ? never() : lasting(ms))
            stopped.push(name)
          },
        },
        deadlineMs === undefined ? {} : { deadlineMs },
      )
    return { ...made, add, stopped, said }
  }

  it('goes from the last to the first, one after the other, once', async () => {
    const { add, stopAll, stopped, said } = lifecycle()
    add('store')
    add('recorder', 50)
    add('http', 100)
    const first = stopAll()
    expect(stopAll()).toBe(first)
    await vi.advanceTimersByTimeAsync(120)
    expect(stopped).toEqual(['http'])
    await vi.runAllTimersAsync()
    expect(await first).toBe(true)
    expect(stopped).toEqual(['http', 'recorder', 'store'])
    expect(said).toEqual([])
  })

  it('leaves behind what hangs, in time to stop the others', async () => {
    const { add, stopAll, stopped, said } = lifecycle()
    add('store', 50)
    add('recorder', Number.POSITIVE_INFINITY)
    add('http', Number.POSITIVE_INFINITY)
    const begun = performance.now()
    const clean = stopAll()
    await vi.runAllTimersAsync()
    expect(await clean).toBe(false)
    expect(performance.now() - begun).toBeLessThanOrEqual(1_000)
    expect(stopped).toEqual(['store'])
    expect(said).toEqual(['http did not stop in time', 'recorder did not stop in time'])
  })

  it('gives a part no more than its own deadline', async () => {
    const { add, stopAll, said } = lifecycle(60_000)
    add('store')
    add('listeners', 5_000, 100)
    const clean = stopAll()
    await vi.advanceTimersByTimeAsync(101)
    expect(await clean).toBe(false)
    expect(said).toEqual(['listeners did not stop in time'])
  })

  it('goes on after what fails, also when it throws at once', async () => {
    const { register, add, stopAll, stopped, said } = lifecycle()
    add('store')
    register('a', { stop: () => Promise.reject(new Error('no')) })
    register('b', {
      stop: () => {
        throw new Error('no')
      },
    })
    const clean = stopAll()
    await vi.runAllTimersAsync()
    expect(await clean).toBe(false)
    expect(stopped).toEqual(['store'])
    expect(said).toEqual(['b failed to stop', 'a failed to stop'])
  })

  it('stops at once what is registered too late', async () => {
    const { add, stopAll, stopped } = lifecycle()
    await stopAll()
    add('late')
    await vi.runAllTimersAsync()
    expect(stopped).toEqual(['late'])
  })
})

describe('a process', () => {
  const run = (start: (lifecycle: Lifecycle) => Promise<void>, timeoutMs = 1_000) => {
    const { said, log } = listen()
    const exits: number[] = []
    const host = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) })
    return { ran: runProcess(log, timeoutMs, start, host), host, exits, said }
  }
  const store = (stopped: string[], ms = 0) => ({
    stop: async () => {
      await lasting(ms)
      stopped.push('store')
    },
  })

  it.for(['SIGTERM', 'SIGINT', 'SIGHUP'])('stops in order on %s and exits 0', async (signal) => {
    const stopped: string[] = []
    const { ran, host, exits, said } = run(async ({ register }) => register('store', store(stopped, 100)))
    await ran
    host.emit(signal)
    expect(exits).toEqual([])
    await vi.runAllTimersAsync()
    expect(stopped).toEqual(['store'])
    expect(exits).toEqual([0])
    expect(said).toEqual(['stopping'])
  })

  it.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('exits at once on a second signal, %s by %i', async ([signal, code]) => {
    const { ran, host, exits } = run(async ({ register }) => register('store', { stop: never }))
    await ran
    host.emit('SIGTERM')
    await vi.advanceTimersByTimeAsync(10)
    expect(exits).toEqual([])
    host.emit(signal)
    expect(exits).toEqual([code])
  })

  it('exits 1 when something did not stop', async () => {
    const { ran, host, exits } = run(async ({ register }) => register('store', { stop: never }))
    await ran
    host.emit('SIGTERM')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(exits).toEqual([1])
  })

  it('awaits a start in flight, then stops what it started', async () => {
    const stopped: string[] = []
    const { host, exits } = run(async ({ register }) => {
      await lasting(200)
      register('store', store(stopped))
    })
    host.emit('SIGTERM')
    await vi.advanceTimersByTimeAsync(199)
    expect(exits).toEqual([])
    await vi.runAllTimersAsync()
    expect(stopped).toEqual(['store'])
    expect(exits).toEqual([0])
  })

  it('does not await a start for ever, and ends in time', async () => {
    const stopped: string[] = []
    const { host, exits, said } = run(({ register }) => {
      register('store', store(stopped))
      return never()
    })
    host.emit('SIGTERM')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stopped).toEqual(['store'])
    expect(exits).toEqual([0])
    expect(said).toEqual(['stopping', 'the start is not awaited any longer'])
  })

  it('stops what was started, and ends by the error, when the start fails', async () => {
    const stopped: string[] = []
    const { ran, exits, said } = run(async ({ register }) => {
      register('store', store(stopped))
      throw new ConfigError(['PORT is wrong'])
    })
    await vi.runAllTimersAsync()
    await ran
    expect(stopped).toEqual(['store'])
    expect(exits).toEqual([78])
    expect(said).toEqual([expect.stringContaining('PORT is wrong')])
  })

  it.for(['uncaughtException', 'unhandledRejection'])('stops in order on an %s and exits 1', async (event) => {
    const stopped: string[] = []
    const { ran, host, exits, said } = run(async ({ register }) => register('store', store(stopped)))
    await ran
    host.emit(event, new Error('bug'))
    await vi.runAllTimersAsync()
    expect(stopped).toEqual(['store'])
    expect(exits).toEqual([1])
    expect(said).toEqual(['a bug that nobody caught'])
  })

  it('exits 1 when a bug shows while it stops', async () => {
    const { ran, host, exits } = run(async ({ register }) => register('store', store([], 100)))
    await ran
    host.emit('SIGTERM')
    host.emit('uncaughtException', new Error('bug'))
    await vi.runAllTimersAsync()
    expect(exits).toEqual([1])
  })
})

it.for([
  ['CONFIG_INVALID', 78],
  ['STORE_CORRUPT', 74],
  ['STORE_NEWER', 74],
  ['STORE_FOREIGN', 74],
  ['STORE_INACCESSIBLE', 74],
  ['SQLITE_TOO_OLD', 74],
  ['URI_INVALID', 78],
  ['URI_UNACKNOWLEDGED', 78],
  ['SHARD_ADDRESSED_DIRECTLY', 78],
  ['NOT_MIGRATED', 78],
  ['LEGACY_CLIENT_CHANGED', 78],
  ['ROLLED_BACK', 78],
  ['SHARDED', 78],
  ['EADDRINUSE', 1],
  ['toString', 1],
] as const)('%s ends a start with %i', ([code, exit]) => {
  expect(exitCodeOf(Object.assign(new Error('x'), { code }))).toBe(exit)
})
