import { describe, expect, it } from 'vitest'
import { widthOf } from './fit-text.ts'
import { type BarState, formatBar, formatBarPlain } from './format-bar.ts'

const state = (changes: Partial<BarState> = {}): BarState => ({
  label: 'orders.csv',
  counts: { done: 480, warn: 15, failed: 5 },
  total: 1000,
  rate: 118.4,
  etaMs: 4_200,
  status: 'running',
  ...changes,
})

describe('a bar', () => {
  it('shows name, segments and figures', () => {
    expect(formatBar(state(), 120, false)).toBe(
      'orders.csv                   ██████████▓▒░░░░░░░░░░░░ 50 % 500/1,000 · 15 warn · 5 failed · 118/s · eta 4 s',
    )
  })

  it('colours the segments only when asked', () => {
    expect(formatBar(state(), 120, true)).toContain('\u001b[31m▒')
    expect(formatBar(state(), 120, false)).not.toContain('\u001b')
  })

  it.each([20, 30, 40, 60, 80, 200])('fits into %i cells', (width) => {
    for (const label of ['orders.csv', '売上'.repeat(30), 'x'.repeat(300), '👩‍👩‍👧'.repeat(20)])
      for (const counts of [
        { done: 0, warn: 0, failed: 0 },
        { done: 9e15, warn: 9e15, failed: 9e15 },
      ])
        expect(widthOf(formatBar(state({ label, counts }), width, true))).toBeLessThanOrEqual(width)
  })

  it('never looks full before the end, nor empty of failures that there are', () => {
    const almost = formatBar(state({ counts: { done: 99_998, warn: 0, failed: 1 }, total: 100_000 }), 120, false)
    expect(almost).toContain('99.9 %')
    expect(almost).toContain('▒░')
    const whole = formatBar(state({ counts: { done: 1000, warn: 0, failed: 0 }, status: 'completed' }), 120, false)
    expect(whole).toContain('100 % 1,000/1,000 · completed')
    expect(whole).not.toContain('░')
  })

  it('may pass its total', () => {
    const passed = formatBar(state({ counts: { done: 1500, warn: 0, failed: 0 } }), 120, false)
    expect(passed).toContain('150 % 1,500/1,000')
    expect(passed).toContain('█'.repeat(24))
  })

  it('says what it knows without a total', () => {
    const running = formatBar(state({ total: null, etaMs: null }), 120, false)
    expect(running).toContain('500 lines')
    expect(running).not.toMatch(/%|eta/)
    expect(formatBar(state({ total: null, unit: 'documents' }), 120, false)).toContain('500 documents')
  })

  it('stands alone as a line of a log', () => {
    expect(formatBarPlain(state({ status: 'failed', note: 'too many' }))).toBe(
      'orders.csv: 50 % 500/1,000 · 15 warn · 5 failed · failed · too many',
    )
  })
})
