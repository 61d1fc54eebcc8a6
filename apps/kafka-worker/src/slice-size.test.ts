import { expect, it } from 'vitest'
import { createSliceSize } from './slice-size.ts'

it('grows while whole slices are quick, and no further than memory allows', () => {
  const slices = createSliceSize()
  const sizes = Array.from({ length: 3 }, () => {
    slices.took(100, slices.size())
    return slices.size()
  })
  expect(sizes).toEqual([4_000, 8_000, 8_000])
})

it('stays as it is after a small slice, and after one that was neither quick nor slow', () => {
  const slices = createSliceSize()
  slices.took(1, 1_999)
  slices.took(1_000, 2_000)
  slices.took(2_000, 2_000)
  expect(slices.size()).toBe(2_000)
})

it('shrinks while the store is slow, so that a stop need not wait', () => {
  const slices = createSliceSize()
  const sizes = Array.from({ length: 4 }, () => {
    slices.took(2_001, slices.size())
    return slices.size()
  })
  expect(sizes).toEqual([1_000, 500, 250, 250])
})
