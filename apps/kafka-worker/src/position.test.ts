import { describe, expect, it } from 'vitest'
import { isMarked, judgePosition, markOf, readMark, writeMark } from './position.ts'

const record = { offset: '41', timestamp: '1768478400000', value: Buffer.from('x') }
const mark = markOf(record)

describe('the position of a group', () => {
  it.for([
    ['nothing was committed', { committed: null, mark: null, low: 5n, high: 9n }, 'fine'],
    [
      'what was committed went with its topic',
      { committed: null, mark: null, isGone: true, low: 0n, high: 9n },
      'recreated',
    ],
    ['nobody decided yet', { committed: 0n, mark: null, isReset: true, low: 0n, high: 9n }, 'recreated'],
    ['it is at the end', { committed: 42n, mark: null, low: 0n, high: 42n }, 'fine'],
    ['it is behind the end', { committed: 43n, mark, low: 0n, high: 42n }, 'recreated'],
    ['messages went unread', { committed: 42n, mark, low: 50n, high: 60n }, 'expired'],
    ['the last record can be looked at', { committed: 42n, mark, low: 0n, high: 60n }, 'look'],
    ['the last record went after it was read', { committed: 42n, mark, low: 42n, high: 60n }, 'fine'],
    ['it was set back by hand', { committed: 7n, mark, low: 0n, high: 60n }, 'fine'],
  ] as const)('when %s', ([, position, kind]) => {
    expect(judgePosition({ isReset: false, isGone: false, ...position }).kind).toBe(kind)
  })

  it('says how many messages went', () => {
    expect(
      judgePosition({ committed: 42n, mark: null, isReset: false, isGone: false, low: 50n, high: 60n }),
    ).toMatchObject({
      messages: 8n,
    })
  })
})

describe('a mark', () => {
  it('comes back from what was committed, and not from what others commit', () => {
    expect(readMark(writeMark(mark))).toEqual(mark)
    for (const foreign of [null, undefined, '', 'consumer-1', 'pebbles:x:y', 'pebbles:1:'])
      expect(readMark(foreign)).toBeNull()
  })

  it('knows its record by offset, time and value', () => {
    expect(isMarked(record, mark)).toBe(true)
    expect(isMarked({ ...record, timestamp: '1768478400001' }, mark)).toBe(false)
    expect(isMarked({ ...record, value: Buffer.from('y') }, mark)).toBe(false)
    expect(isMarked({ ...record, value: null }, mark)).toBe(false)
    expect(isMarked({ ...record, offset: '40' }, mark)).toBe(false)
  })
})
