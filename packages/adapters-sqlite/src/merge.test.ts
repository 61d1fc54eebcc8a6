import { expect, it } from 'vitest'
import { mergeSources, type Source } from './merge.ts'

const source = (...pieces: (readonly number[])[]): Source<number> => ({ next: () => pieces.shift() ?? null })
const ascending = (a: number, b: number): boolean => a < b

it('joins ordered sources into one order, whatever the pieces they come in', () => {
  const merge = mergeSources([source([1, 4], [], [5, 9]), source([]), source([2], [3, 7, 8])], ascending)
  const rows: number[] = []
  expect(merge.take(rows, 100, () => false)).toBe(true)
  expect(rows).toEqual([1, 2, 3, 4, 5, 7, 8, 9])
})

it('stops at the limit without reading on, and goes on from there', () => {
  let reads = 0
  const endless: Source<number> = { next: () => [++reads] }
  const merge = mergeSources([endless], ascending)
  const rows: number[] = []
  expect(merge.take(rows, 2, () => false)).toBe(true)
  expect([rows, reads]).toEqual([[1, 2], 2])
  expect(merge.take(rows, 3, () => false)).toBe(true)
  expect(rows).toEqual([1, 2, 3])
})

it('loses and repeats nothing when it runs out of time between any two pieces', () => {
  const merge = mergeSources([source([1], [3], [5]), source([], [2], [], [4, 6])], ascending)
  const rows: number[] = []
  let turns = 0
  let calls = 0
  while (!merge.take(rows, 100, () => ++calls % 2 === 0)) turns += 1
  expect(rows).toEqual([1, 2, 3, 4, 5, 6])
  expect(turns).toBeGreaterThan(2)
})
