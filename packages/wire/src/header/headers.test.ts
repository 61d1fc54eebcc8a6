import { describe, expect, it } from 'vitest'
import { parseIdempotencyKey } from './idempotency-key.ts'
import { parseRequestId, parseTraceparent } from './tracing.ts'

describe('Idempotency-Key', () => {
  it.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    [' "abc" ', 'abc'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"abc";p=1', 'abc'],
    ['a b', 'a b'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('reads %s', (header, key) => {
    expect(parseIdempotencyKey(header)).toEqual({ ok: true, key })
  })

  it.each(['', ' ', '""', '"abc', '"a"b"', '"a\\nb"', 'é', 'a\tb', 'x'.repeat(256), `"${'x'.repeat(256)}"`])(
    'refuses %j',
    (header) => {
      expect(parseIdempotencyKey(header)).toMatchObject({ ok: false })
    },
  )

  it('is no key when there is no header', () => {
    expect(parseIdempotencyKey(undefined)).toEqual({ ok: true, key: null })
  })
})

describe('X-Request-Id', () => {
  it('is taken when it is harmless', () => {
    for (const id of ['a', 'A-b_c~d.9', 'x'.repeat(128)]) expect(parseRequestId(id)).toBe(id)
    for (const id of [undefined, '', 'x'.repeat(129), 'a b', 'a\r\nb', 'é', '{{7*7}}', 'a, b'])
      expect(parseRequestId(id)).toBeUndefined()
  })
})

describe('traceparent', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const parent = '00f067aa0ba902b7'

  it('is read', () => {
    expect(parseTraceparent(`00-${trace}-${parent}-01`)).toEqual({ traceId: trace, parentId: parent, sampled: true })
    expect(parseTraceparent(`00-${trace}-${parent}-00`)).toMatchObject({ sampled: false })
    expect(parseTraceparent(`01-${trace}-${parent}-03-more`)).toMatchObject({ sampled: true })
  })

  it.each([
    undefined,
    '',
    `00-${trace}-${parent}`,
    `00-${trace}-${parent}-01-more`,
    `ff-${trace}-${parent}-01`,
    `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${parent}-01`,
  ])('is none when it is %j', (header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })
})
