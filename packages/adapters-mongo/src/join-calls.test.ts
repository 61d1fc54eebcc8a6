import { setImmediate } from 'node:timers/promises'
import { StoreUnavailable } from '@pebbles/core'
import { describe, expect, it } from 'vitest'
import { joinCalls } from './join-calls.ts'

describe('calls that come at once', () => {
  it('go as few, and each gets its own answers in order', async () => {
    const runs: number[] = []
    const call = joinCalls({
      run: async (items: readonly number[]) => {
        runs.push(items.length)
        await setImmediate()
        return items.map((item) => item * 10)
      },
    })
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => call([n, n + 1])))
    expect(answers).toEqual(Array.from({ length: 100 }, (_, n) => [n * 10, n * 10 + 10]))
    expect(runs).toEqual([2, 2, 2, 2, 192])
  })

  it('fail together, and the next goes on', async () => {
    let fails = true
    const call = joinCalls({
      run: async (items: readonly number[]) => {
        await setImmediate()
        if (fails) throw new StoreUnavailable('away')
        return items
      },
      onBug: 'apart',
    })
    const first = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((n) => call([n])))
    expect(first.every(({ status }) => status === 'rejected')).toBe(true)
    fails = false
    expect(await call([7])).toEqual([7])
  })

  const POISON = 13
  const poisoned = async (items: readonly number[]) => {
    await setImmediate()
    if (items.includes(POISON)) throw new TypeError('a bug')
    return items
  }
  const numbers = Array.from({ length: 40 }, (_, n) => n)

  it('go apart where one meets a bug, and only that one fails', async () => {
    const call = joinCalls({ run: poisoned, onBug: 'apart' })
    const ends = await Promise.allSettled(numbers.map((n) => call([n])))
    expect(ends).toEqual(
      numbers.map((n) =>
        n === POISON ? { status: 'rejected', reason: new TypeError('a bug') } : { status: 'fulfilled', value: [n] },
      ),
    )
  })

  it('are in doubt where one meets a bug and the others may be done; the one by itself fails', async () => {
    const call = joinCalls({ run: poisoned, onBug: { doubtful: -1 } })
    const answers = await Promise.all(numbers.map((n) => call([n])))
    expect(answers).toEqual(numbers.map((n) => [n < 4 ? n : -1]))
    await expect(call([POISON])).rejects.toThrow('a bug')
  })
})
