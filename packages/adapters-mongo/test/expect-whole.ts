import type { ClientKrn, FileState } from '@pebbles/core'
import { client, fileName, useCases } from '@pebbles/core/testing'
import { expect } from 'vitest'
import type { BenchSubject } from './bench.ts'

/** What a file has to come to, exactly. */
export interface Whole {
  readonly done: number
  readonly errors?: readonly string[]
  readonly completed?: boolean
  readonly of?: ClientKrn
}

/** A file, its journal, its issues and its tables say the same, each read says it, and it is what is expected. */
export const expectWhole = async (
  test: BenchSubject,
  { done, errors = [], completed = false, of = client() }: Whole,
): Promise<FileState> => {
  const { read } = useCases(test)
  const found = await read.get(of, fileName())
  if (found === null) throw new Error('there is no file')
  const { state, tables } = found
  const { fileId, version } = state
  expect(state.counts.done).toBe(done)
  expect(state.completion !== null).toBe(completed)

  const rows = (await read.history(of, fileName(), 1_000, 0))?.rows ?? []
  expect(rows.reduce((sum, row) => sum + row.counts.done, 0)).toBe(done)
  const entries = await test.raw.journal.find({ fileId }).sort({ version: 1 }).toArray()
  expect(entries.map((entry) => entry.version)).toEqual(Array.from({ length: version }, (_, n) => n + 1))
  const ids = entries.flatMap(({ updates }) => updates.map(({ id }) => id))
  expect(new Set(ids).size).toBe(ids.length)

  const page = { kind: 'error', pattern: null, limit: 10_000, after: null } as const
  const issues = (await read.issues(of, fileName(), page))?.issues ?? []
  expect(issues.map(({ message }) => message).sort()).toEqual([...errors].sort())
  expect(state.issues.error.count).toBe(errors.length)
  expect(tables.error.reduce((sum, { count }) => sum + count, 0)).toBe(errors.length)

  const { files } = await read.list({ client: of }, 10, null)
  expect(files).toEqual([state])
  expect((await read.sums(of)).counts.done).toBe(BigInt(done))
  return state
}
