import { expect, it } from 'vitest'
import { createLogThrottle } from './log-throttle.ts'

const setUp = () => {
  const passing = { ms: 0 }
  return { passing, due: createLogThrottle({ monotonic: () => passing.ms }, 10_000) }
}

it('tells of each thing at once, and then once in a while how often it was', () => {
  const { passing, due } = setUp()
  expect([due('lost', 3), due('late')]).toEqual([3, 1])
  for (; passing.ms < 10_000; passing.ms += 1_000) expect(due('lost', 3)).toBe(0)
  expect([due('lost', 3), due('late')]).toEqual([33, 1])
  expect(due('lost')).toBe(0)
})

it('remembers a few hundred things, however many there are', () => {
  const { due } = setUp()
  for (let n = 0; n < 1_000; n += 1) expect(due(`of ${n}`)).toBe(1)
  expect([due('of 999'), due('of 0')]).toEqual([0, 1])
})
