import type { IssueColumns } from '@pebbles/core'
import { expect, it } from 'vitest'
import { clock } from '../test/harness.ts'
import { type ChunkBody, chunkNumbers, packIssues } from './issue-chunks.ts'

const columns = (messages: readonly string[], pattern: (n: number) => number): IssueColumns => ({
  lines: messages.map((_, n) => (n % 3 === 0 ? null : n)),
  messages,
  patterns: messages.map((_, n) => pattern(n)),
})
const none = columns([], () => 0)

it('nothing is packed, and nothing awaited, for an entry without issues', () => {
  expect(packIssues({ error: none, warning: none }, clock)).toEqual({ chunks: [], places: [] })
})

for (const count of [1, 256, 257, 20_000]) {
  it(`${count} issues come back in order, each pattern with the chunks that hold it`, async () => {
    const error = columns(
      Array.from({ length: count }, (_, n) => `trouble ${n}`),
      (n) => (n * 7) % 11,
    )
    const { chunks, places } = await packIssues({ error, warning: none }, clock)
    const bodies = chunks.map(({ body }) => JSON.parse(body) as ChunkBody)
    expect(bodies.flatMap(([lines]) => lines)).toEqual(error.lines)
    expect(bodies.flatMap(([, messages]) => messages)).toEqual(error.messages)
    expect(bodies.flatMap(([, , patterns]) => patterns)).toEqual(error.patterns)
    expect(chunks.map(({ no }) => no)).toEqual(chunks.map((_, index) => index))
    const sizes = bodies.map(([, messages]) => messages.length)
    for (const [index, { last }] of chunks.entries()) {
      expect(last + 1).toBe(sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0))
    }
    for (const { pattern, chunks: bits } of places) {
      const holding = bodies.flatMap(([, , patterns], index) => (patterns.includes(pattern) ? [index] : []))
      expect(chunkNumbers(bits)).toEqual(holding)
    }
    expect(new Set(places.map(({ pattern }) => pattern))).toEqual(new Set(error.patterns))
  })
}

it('long messages fill a chunk sooner, and one longer than a chunk has it for itself', async () => {
  const error = columns(['a'.repeat(40_000), 'b'.repeat(40_000), 'c'.repeat(70_000), 'd'], () => 1)
  const warning = columns(['w'], () => 1)
  const { chunks } = await packIssues({ error, warning }, clock)
  expect(chunks.map(({ kind, no, last }) => [kind, no, last])).toEqual([
    ['error', 0, 0],
    ['error', 1, 1],
    ['error', 2, 2],
    ['error', 3, 3],
    ['warning', 0, 0],
  ])
})
