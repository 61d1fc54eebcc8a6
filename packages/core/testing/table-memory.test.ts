import { createPatternTable, maskMessage } from '@pebbles/core'
import { expect, it } from 'vitest'
import { heapInUse } from './heap-in-use.ts'

const MESSAGES = 400
const LENGTH = 65_536

const word = (n: number): string => n.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')

/** As one comes out of a body. */
const longMessage = (n: number): string => {
  const begin = Array.from({ length: 12 }, (_, at) => word(n * 7_919 + at * 104_729 + 3_000_000).repeat(3)).join(' ')
  return JSON.parse(JSON.stringify(begin.padEnd(LENGTH, ' and so on')))
}

it('a table keeps of long messages what it needs of them, and not the whole', () => {
  const table = createPatternTable()
  const before = heapInUse()
  for (let n = 0; n < MESSAGES; n += 1) table.add(maskMessage(longMessage(n)))
  const grown = heapInUse() - before
  expect(table.rows().length).toBeGreaterThan(MESSAGES / 10)
  expect(grown).toBeLessThan((MESSAGES * LENGTH) / 4)
})
