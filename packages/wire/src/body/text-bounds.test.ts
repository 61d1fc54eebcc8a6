import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fitsUtf8 } from './text-bounds.ts'

it('counts the bytes of UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 40 }), (text, max) => {
      expect(fitsUtf8(text, max)).toBe(new TextEncoder().encode(text).length <= max)
    }),
    { seed: 11, numRuns: 1_000 },
  )
})
