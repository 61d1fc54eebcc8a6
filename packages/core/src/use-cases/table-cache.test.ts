import { expect, it } from 'vitest'
import { maskMessage } from '../patterns/mask-message.ts'
import { createPatternTable, type PatternTable } from '../patterns/pattern-table.ts'
import type { FileState } from '../progress/file-state.ts'
import { createTableCache } from './table-cache.ts'

const FILES = 100
/** Of a table without a row there is room for some of the files. */
const ROOM = 10_000

const stateOf = (fileId: string): FileState =>
  ({
    fileId,
    issues: {
      error: { count: 0, tableVersion: 3, top: [] },
      warning: { count: 0, tableVersion: 0, top: [] },
    },
  }) as unknown as FileState

const tableOf = (messages: readonly string[]): PatternTable => {
  const table = createPatternTable()
  for (const message of messages) table.add(maskMessage(message))
  return table
}

/** All of one pattern, and no two alike. */
const alike = Array.from({ length: 200 }, (_, n) => `no customer of the name ${'abcdefghij'[n % 10]}${'k'.repeat(n)}`)

const keptOf = (make: () => PatternTable): number => {
  const cache = createTableCache(ROOM)
  const names = Array.from({ length: FILES }, (_, n) => `f${n}`)
  for (const name of names) cache.put(name, 'error', stateOf(name), make())
  // The last is there.
  expect(cache.version(names.at(-1) ?? '', 'error')).toBe(3)
  return names.filter((name) => cache.version(name, 'error') === 3).length
}

it('lets go of the oldest tables, whatever makes them heavy: rows, what they know by heart, or that they are many', () => {
  const [empty, one, many] = [[], alike.slice(0, 1), alike].map((messages) => keptOf(() => tableOf(messages)))
  expect(empty).toBeLessThan(FILES)
  expect(one).toBeLessThan(empty ?? 0)
  expect(many).toBeLessThan((one ?? 0) / 2)
  const rows = Array.from({ length: 100 }, (_, n) => ({ no: n + 1, template: `^word^${n}`, count: 1 }))
  expect(keptOf(() => createPatternTable(rows))).toBeLessThan((one ?? 0) / 2)
})
