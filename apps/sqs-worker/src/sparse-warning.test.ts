import { expect, it } from 'vitest'
import { createSparseWarning } from './sparse-warning.ts'

it('warns at once, and then now and then, with how many there were since', () => {
  let now = 0
  const said: unknown[] = []
  const warn = createSparseWarning(
    { clock: { monotonic: () => now }, log: { warn: (facts: unknown) => said.push(facts) } },
    'lost',
  )
  warn(0)
  for (; now <= 10_000; now += 1_000) warn(3, 'why')
  expect(said).toEqual([
    { messages: 3, code: 'why' },
    { messages: 30, code: 'why' },
  ])
})
