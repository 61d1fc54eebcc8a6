import { describe, expect, it } from 'vitest'
import { advancePace, etaOf, NO_PACE, type Pace, rateOf } from './pace.ts'

const lines = (done: number) => ({ done, warn: 0, failed: 0 })
const paced = (reports: readonly (readonly [ms: number, done: number])[]): Pace =>
  reports.reduce<Pace>((pace, [ms, done]) => advancePace(pace, ms, lines(done)), NO_PACE)

describe('the rate', () => {
  it('is unknown before there is a second report', () => {
    expect(rateOf(NO_PACE)).toBeNull()
    expect(rateOf(paced([[0, 500]]))).toBeNull()
  })

  it('of a steady reporter is its speed, once a second or once an hour', () => {
    expect(rateOf(paced(Array.from({ length: 50 }, () => [1_000, 100] as const)))).toBeCloseTo(100, 5)
    expect(rateOf(paced(Array.from({ length: 50 }, () => [3_600_000, 7_200] as const)))).toBeCloseTo(2, 5)
  })

  it('follows a change of speed within a few intervals', () => {
    const slow = Array.from({ length: 100 }, () => [1_000, 10] as const)
    const fast = Array.from({ length: 120 }, () => [1_000, 1_000] as const)
    expect(rateOf(paced([...slow, ...fast]))).toBeGreaterThan(900)
  })

  it('sinks while heartbeats bring no lines', () => {
    const pace = paced([
      ...Array.from({ length: 20 }, () => [1_000, 100] as const),
      ...Array.from({ length: 60 }, () => [1_000, 0] as const),
    ])
    expect(rateOf(pace)).toBeLessThan(30)
  })
})

describe('the eta', () => {
  const steady = paced(Array.from({ length: 50 }, () => [1_000, 100] as const))

  it('is when the rest is done at this pace', () => {
    expect(etaOf(steady, lines(5_000), 6_000, 1_000_000)).toBeCloseTo(1_010_000, -2)
    expect(etaOf(steady, lines(6_000), 6_000, 1_000_000)).toBe(1_000_000)
  })

  it('is never a guess: none without total, beyond the total, without pace, or years away', () => {
    expect(etaOf(steady, lines(5_000), null, 0)).toBeNull()
    expect(etaOf(steady, lines(6_001), 6_000, 0)).toBeNull()
    expect(etaOf(NO_PACE, lines(1), 6_000, 0)).toBeNull()
    expect(etaOf(steady, lines(1), Number.MAX_SAFE_INTEGER, 0)).toBeNull()
  })
})
