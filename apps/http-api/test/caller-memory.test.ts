import { expect, it } from 'vitest'
import { createCallerMemory } from '../src/routes/caller-memory.ts'

it('a caller is new once a minute, and no more than so many are remembered', () => {
  let now = 0
  const isNew = createCallerMemory({ monotonic: () => now })
  expect([isNew('ada'), isNew('ada'), isNew('eve')]).toEqual([true, false, true])
  now = 59_999
  expect([isNew('ada'), isNew('bob')]).toEqual([false, true])
  now = 60_000
  expect([isNew('ada'), isNew('bob')]).toEqual([true, false])

  now = 200_000
  let named = 0
  for (let n = 0; n < 12_000; n += 1) if (isNew(`caller ${n}`)) named += 1
  expect(named).toBe(10_000)
  now = 260_000
  expect(isNew('caller 11999')).toBe(true)
})
