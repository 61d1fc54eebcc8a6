import { describe, expect, it } from 'vitest'
import { anUpdate, NOON } from '../../testing/index.ts'
import { decide, type Standing } from './decide.ts'

const standing = (facts: Partial<Standing> = {}): Standing => ({
  email: anUpdate().email,
  counts: { done: 1, warn: 0, failed: 0 },
  total: null,
  completion: null,
  ...facts,
})
const completed = standing({ completion: { outcome: 'succeeded', reason: null, at: NOON, sentAt: NOON } })

describe('a file', () => {
  it('takes anybody as its first reporter', () => {
    expect(decide(null, anUpdate({ by: 'eve' }))).toBeNull()
  })

  it('takes its owner only', () => {
    expect(decide(standing(), anUpdate())).toBeNull()
    expect(decide(standing(), anUpdate({ by: 'eve' }))).toBe('NOT_OWNER')
  })

  it('that is complete takes what was sent before the end, and nothing else', () => {
    expect(decide(completed, anUpdate({ sentAt: NOON - 1 }))).toBeNull()
    expect(decide(completed, anUpdate({ sentAt: NOON }))).toBe('PROGRESS_COMPLETED')
    expect(decide(completed, anUpdate({ sentAt: NOON + 1 }))).toBe('PROGRESS_COMPLETED')
  })

  it('says who may before it says what is', () => {
    expect(decide(completed, anUpdate({ by: 'eve' }))).toBe('NOT_OWNER')
    expect(decide(completed, anUpdate({ done: Number.MAX_SAFE_INTEGER }))).toBe('PROGRESS_COMPLETED')
  })

  it('never counts beyond what is exact', () => {
    expect(decide(standing(), anUpdate({ done: Number.MAX_SAFE_INTEGER - 1 }))).toBeNull()
    expect(decide(standing(), anUpdate({ done: Number.MAX_SAFE_INTEGER }))).toBe('COUNTS_OVERFLOW')
    expect(
      decide(standing({ counts: { done: 0, warn: 5, failed: 0 } }), anUpdate({ warn: Number.MAX_SAFE_INTEGER - 4 })),
    ).toBe('COUNTS_OVERFLOW')
  })
})
