import { describe, expect, it } from 'vitest'
import { batchId, callerId, canonicalChunks, canonicalUpdate } from './canonical-update.ts'
import { type ParsedUpdate, parseUpdateBody } from './parse-update.ts'

const update = (fields: object = {}): ParsedUpdate => {
  const parsed = parseUpdateBody({ filename: 'a.csv', counts: { done: 1, warn: 0, failed: 0 }, ...fields })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return parsed.update
}
const text = (fields: object = {}): string => canonicalUpdate(update(fields))

describe('the text of an update', () => {
  it('is the same for what says the same', () => {
    expect(text({ filename: 'b.csv', updateId: 'x', unknown: 1 })).toBe(text())
    expect(text({ total: null, isLast: false, errors: [], warnings: [] })).toBe(text())
    expect(text({ counts: { failed: -0, done: 1.0, warn: 0 } })).toBe(text())
    expect(text({ isLast: true, outcome: 'succeeded' })).toBe(text({ isLast: true }))
    expect(text({ errors: [{ message: 'x', line: null }] })).toBe(text({ errors: [{ message: 'x' }] }))
  })

  it('differs for what says something else', () => {
    const bodies = [
      {},
      { counts: { done: 2, warn: 0, failed: 0 } },
      { counts: { done: 0, warn: 1, failed: 0 } },
      { total: 1 },
      { isLast: true },
      { isLast: true, outcome: 'failed' },
      { isLast: true, reason: '' },
      { isLast: true, reason: 'x' },
      { errors: [{ message: 'x' }] },
      { warnings: [{ message: 'x' }] },
      { errors: [{ line: 1, message: 'x' }] },
      { errors: [{ message: '' }, { message: '' }] },
      { errors: [{ message: '\n:0:' }] },
      { errors: [{ message: 'x\n:1:y' }] },
      { errors: [{ message: 'x' }, { message: 'y' }] },
      { errors: [{ message: 'y' }, { message: 'x' }] },
    ]
    expect(new Set(bodies.map(text)).size).toBe(bodies.length)
  })

  it('never changes, as its digests are stored', () => {
    expect(text()).toBe('[[1,0,0],null,false,null,null,0,0]')
    expect(text({ total: 2 ** 53 - 1, errors: [{ message: 'x' }], warnings: [{ line: 7, message: 'é"' }] })).toBe(
      '[[1,0,0],9007199254740991,false,null,null,1,1]\n:1:x\n7:2:é"',
    )
    expect(text({ isLast: true, outcome: 'failed', reason: 'a "b"\n' })).toBe(
      '[[1,0,0],null,true,"failed","a \\"b\\"\\n",0,0]',
    )
  })

  it('comes in pieces', () => {
    const long = update({ errors: Array.from({ length: 12_000 }, (_, line) => ({ line: line + 1, message: 'x' })) })
    const chunks = [...canonicalChunks(long)]
    expect(chunks.length).toBe(9)
    expect(chunks.join('')).toBe(canonicalUpdate(long))
  })
})

it('gives ids of callers and of batches no way to meet', () => {
  expect(callerId('k#1')).toBe('caller:k#1')
  expect(batchId('k', 1)).toBe('batch:k#1')
  expect(batchId('k#1', 1)).not.toBe(batchId('k', 11))
})
