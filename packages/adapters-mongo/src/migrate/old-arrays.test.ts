import { BSON, Long } from 'mongodb'
import { expect, it } from 'vitest'
import { fillArrays, type IssueSource, type RestRow } from './old-arrays.ts'

const MESSAGE = 'x'.repeat(100)

const fill = async (errors: number, warnings: number, mostBytes: number) => {
  const source: IssueSource = async function* (kind) {
    for (let no = 1; no <= (kind === 'error' ? errors : warnings); no += 1) yield { line: no, message: MESSAGE }
  }
  const rest: RestRow[] = []
  const kept = await fillArrays(source, async (row) => void rest.push(row), mostBytes)
  return {
    kept,
    rest,
    bytes: BSON.calculateObjectSize({ e: kept.error }) + BSON.calculateObjectSize({ w: kept.warning }),
  }
}

it.each([
  ['all of it, when there is room', 10, 10, 10, 10],
  ['more errors, when there are few warnings', 100, 10, 63, 10],
  ['more warnings, when there are few errors', 10, 100, 10, 63],
  ['half of each, when there are many of both', 100, 100, 36, 36],
] as const)('keeps %s, from the first on', async (_title, errors, warnings, keptErrors, keptWarnings) => {
  const { kept, rest, bytes } = await fill(errors, warnings, 10_000)
  expect([kept.error.length, kept.warning.length]).toEqual([keptErrors, keptWarnings])
  expect(kept.error[0]).toEqual({ line: 1, message: MESSAGE })
  expect(bytes).toBeLessThanOrEqual(10_000 + 100)
  expect(rest.map(({ kind, no }) => [kind, no])).toEqual([
    ...Array.from({ length: errors - keptErrors }, (_, n) => ['error', keptErrors + n + 1]),
    ...Array.from({ length: warnings - keptWarnings }, (_, n) => ['warning', keptWarnings + n + 1]),
  ])
})

it('leaves a line out where there was none, and writes a long number as an integer', async () => {
  const source: IssueSource = async function* (kind) {
    if (kind === 'warning') return
    yield { line: null, message: 'a' }
    yield { line: 2 ** 40, message: 'b' }
  }
  const { error } = await fillArrays(source, () => Promise.reject(new Error('there is room')))
  expect(error).toEqual([{ message: 'a' }, { line: Long.fromNumber(2 ** 40), message: 'b' }])
})
