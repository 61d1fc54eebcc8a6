import { expect, it } from 'vitest'
import { createInnerIds, randomFileId, systemClock } from './clock.ts'

it('pauses so long that everything else that is ready runs first', async () => {
  const order: string[] = []
  setImmediate(() => order.push('ready'))
  await systemClock.pause()
  order.push('went on')
  expect(order).toEqual(['ready', 'went on'])
})

it('has a wall clock, and one that never goes back', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000)
  const times = Array.from({ length: 1_000 }, () => systemClock.monotonic())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

it('draws file ids of 24 hexadecimal digits', () => {
  const ids = Array.from({ length: 1_000 }, randomFileId)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/)
  expect(new Set(ids).size).toBe(ids.length)
})

it('counts inner ids in a space of the process', () => {
  const [one, other] = [createInnerIds(), createInnerIds()]
  const ids = [one(), one(), other(), other()]
  expect(new Set(ids).size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^inner:[A-Za-z0-9_-]{12}-[0-9a-z]+$/)
})
