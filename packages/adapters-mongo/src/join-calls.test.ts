import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { joinCalls } from './join-calls.ts'

describe('calls that come at once', () => {
  it('go as few, and each gets its own answers in order', async () => {
    const runs: number[] = []
    const call = joinCalls(async (items: readonly number[]) => {
      runs.push(items.length)
      await setImmediate()
      return items.map((item) => item * 10)
    })
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => call([n, n + 1])))
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => [n * 10, n * 10 + 10]))
    expect(runs).toEqual([2, 2, 2, 2, 192])
  })

  it('fail together, and the next goes on', async () => {
    let fails = true
    const call = joinCalls(async (items: readonly number[]) => {
      await setImmediate()
      if (fails) throw new Error('away')
      return items
    })
    const first = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((n) => call([n])))
    expect(first.every(({ status }) => status === 'rejected')).toBe(true)
    fails = false
    expect(await call([7])).toEqual([7])
  })
})
