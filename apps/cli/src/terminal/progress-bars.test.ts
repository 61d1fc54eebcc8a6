import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BarState } from './format-bar.ts'
import { type BarStream, createProgressBars } from './progress-bars.ts'

const bar = (done: number, status: BarState['status'] = 'running'): BarState => ({
  label: 'a.csv',
  counts: { done, warn: 0, failed: 0 },
  total: 100,
  rate: null,
  etaMs: null,
  status,
})

/** A terminal that only knows what the bars use. */
const createTerminal = (columns: number, rows: number) => {
  const lines: string[] = ['']
  let row = 0
  const listeners = new Set<() => void>()
  const stream: BarStream & { columns: number; rows: number } = {
    isTTY: true,
    columns,
    rows,
    write: (text) => {
      for (const part of text.match(/\u001b\[\d*[A-Z]|\n|\r|[^\u001b\n\r]+/g) ?? []) {
        if (part === '\n') lines[++row] ??= ''
        else if (part === '\u001b[2K') lines[row] = ''
        else if (part === '\u001b[0J') lines.splice(row, lines.length, '')
        else if (part.startsWith('\u001b')) row -= Number(part.slice(2, -1))
        else if (part !== '\r') lines[row] += part
      }
    },
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
  }
  const resize = (): void => {
    for (const listener of listeners) listener()
  }
  return { stream, lines, resize, listeners }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('live bars', () => {
  it('keep one line for each file and redraw it in place', () => {
    const { stream, lines } = createTerminal(80, 24)
    const bars = createProgressBars({ stream, color: false, now: Date.now })
    bars.set('a', bar(10))
    bars.set('b', { ...bar(20), label: 'b.csv' })
    vi.advanceTimersByTime(100)
    bars.set('a', bar(50))
    vi.advanceTimersByTime(100)
    bars.close()
    expect(lines.filter((line) => line !== '')).toEqual([
      expect.stringMatching(/^a\.csv .* 50 % 50\/100$/),
      expect.stringMatching(/^b\.csv .* 20 % 20\/100$/),
    ])
  })

  it('print text above themselves', () => {
    const { stream, lines } = createTerminal(80, 24)
    const bars = createProgressBars({ stream, color: false, now: Date.now })
    bars.set('a', bar(10))
    bars.log('a word')
    bars.set('a', bar(20))
    bars.close()
    expect(lines[0]).toBe('a word')
    expect(lines[1]).toContain('20 %')
    expect(lines[2]).toBe('')
  })

  it('draw at most every 80 ms, and what came last', () => {
    const writes: string[] = []
    const stream: BarStream = { isTTY: true, columns: 80, rows: 24, write: (text) => writes.push(text) }
    const bars = createProgressBars({ stream, color: false, now: Date.now })
    for (let done = 0; done < 100; done++) {
      bars.set('a', bar(done))
      vi.advanceTimersByTime(1)
    }
    vi.advanceTimersByTime(100)
    expect(writes.length).toBeLessThanOrEqual(3)
    expect(writes.at(-1)).toContain('99/100')
    bars.close()
  })

  it('never take more lines than the terminal has', () => {
    const { stream, lines } = createTerminal(80, 5)
    const bars = createProgressBars({ stream, color: false, now: Date.now })
    for (let at = 0; at < 20; at++) bars.set(`${at}`, bar(at))
    bars.close()
    const shown = lines.filter((line) => line !== '')
    expect(shown).toHaveLength(4)
    expect(shown[3]).toBe('… and 17 more')
  })

  it('begin anew when the terminal is resized, and forget it when they are closed', () => {
    const { stream, lines, resize, listeners } = createTerminal(80, 24)
    const bars = createProgressBars({ stream, color: false, now: Date.now })
    bars.set('a', bar(10))
    vi.advanceTimersByTime(100)
    stream.columns = 40
    resize()
    expect(lines.at(-2)?.length).toBeLessThanOrEqual(39)
    bars.close()
    bars.close()
    expect(listeners.size).toBe(0)
  })
})

describe('bars without a terminal', () => {
  const collect = () => {
    const text: string[] = []
    const bars = createProgressBars({ stream: { write: (part) => text.push(part) }, color: false, now: Date.now })
    return { bars, text }
  }

  it('are plain lines, now and then and at the end', () => {
    const { bars, text } = collect()
    for (let done = 0; done <= 60; done++) {
      bars.set('a', bar(done))
      vi.advanceTimersByTime(100)
    }
    bars.set('a', bar(100, 'completed'))
    bars.close()
    expect(text).toEqual(['a.csv: 0 % 0/100\n', 'a.csv: 50 % 50/100\n', 'a.csv: 100 % 100/100 · completed\n'])
  })

  it('show what was not shown yet when they are closed', () => {
    const { bars, text } = collect()
    bars.set('a', bar(1))
    bars.set('a', bar(2))
    bars.close()
    expect(text.at(-1)).toBe('a.csv: 2 % 2/100\n')
  })
})
