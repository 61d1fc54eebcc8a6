import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exceedsDepth, parseJson, parseJsonInSteps } from './parse-json.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const why = (json: Uint8Array | string): string | undefined => {
  const result = parseJson(json)
  return result.ok ? undefined : result.errors[0]?.message
}
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('a body of JSON', () => {
  it('is read as it is', () => {
    expect(parseJson(bytes('{"a":[1,"é","\\ud83d\\ude00"]}'))).toEqual({ ok: true, value: { a: [1, 'é', '😀'] } })
    expect(parseJson('[1]')).toEqual({ ok: true, value: [1] })
  })

  it('is read with pauses when it is long, and with none when it is short', async () => {
    let pauses = 0
    const pause = async (): Promise<void> => {
      pauses += 1
    }
    for (const [text, expected] of [
      ['[1]', 0],
      ['[1', 0],
      [`["${'é'.repeat(100_000)}"]`, 0],
      [`["${'x'.repeat(300_000)}"`, 1],
      ['['.repeat(100_000), 0],
    ] as const) {
      pauses = 0
      expect(await parseJsonInSteps(bytes(text), { pause })).toEqual(parseJson(bytes(text)))
      expect(pauses).toBe(expected)
    }
  })

  it('is the same when it is long enough to be read in pieces', async () => {
    const pause = async (): Promise<void> => undefined
    const items = (length: number): string =>
      Array.from({ length }, (_, n) => `{"line":${n},"message":"é ] , [ ${n}"}`).join()
    const long = items(10_000)
    const half = '{"message":"\\ud800"}'
    for (const text of [
      `{"filename":"a","errors":[${long}],"counts":{"done":1}}`,
      `{"warnings": [ ${long} ] , "errors":[${long}]}`,
      `{"errors":[${long}],"errors":[0]}`,
      `{"errors":[0],"\\u0065rrors":[${long}]}`,
      `{"errors":[${long}],"errors":[${long},1]}`,
      `{"__proto__":[${long}],"":[${long}]}`,
      `[["x"],"errors",[${long}]]`,
      `{"a":{"errors":[${long}]}}`,
      `{"errors":[${long},]}`,
      `{"errors":[,${long}]}`,
      `{"errors":[${' '.repeat(70_000)},${long}]}`,
      `{"errors":[${long},,${long}]}`,
      `{"errors":[${long}}`,
      `{"errors":[${long}`,
      `{"errors":[${long}]]`,
      `{"errors":[${long}]} 1`,
      `{"errors" [${long}]}`,
      `{[${long}]}`,
      `{"errors":[${long},${half},${long}]}`,
      `{"errors":[${long},${'['.repeat(70)}${']'.repeat(70)}]}`,
    ]) {
      let whole: unknown
      try {
        whole = { ok: true, value: JSON.parse(text) }
      } catch {
        whole = { ok: false, errors: [expect.objectContaining({ message: 'must be valid JSON' })] }
      }
      if (text.includes('ud800') || text.includes('[[[')) whole = { ok: false, errors: [expect.anything()] }
      expect(parseJson(bytes(text))).toEqual(whole)
      expect(await parseJsonInSteps(bytes(text), { pause })).toEqual(whole)
    }
    const broken = bytes(`{"errors":[${long},"\u0000",${long}]}`)
    broken[broken.indexOf(0)] = 0xff
    expect(why(broken)).toBe('must be valid UTF-8')
    expect(why(`{"errors":[${long},"\ud800",${long}]}`)).toBe('must not hold half of a surrogate pair')
  })

  it('is refused with a reason', () => {
    expect(why(bytes('{"a":1,}'))).toBe('must be valid JSON')
    expect(why(bytes('NaN'))).toBe('must be valid JSON')
    expect(why(bytes(''))).toBe('must be valid JSON')
    expect(why(bytes('\ufeff{}'))).toBe('must be valid JSON')
    expect(why(new Uint8Array([0x22, 0xff, 0xfe, 0x22]))).toBe('must be valid UTF-8')
    expect(why(new Uint8Array([0x7b, 0, 0x7d, 0]))).toBe('must be valid JSON')
  })

  it('is refused for half a surrogate pair anywhere', () => {
    for (const text of ['{"unknown":"\\ud800"}', '{"\\uDFFF":1}', '[["\\ud83d"]]'])
      expect(why(bytes(text))).toBe('must not hold half of a surrogate pair')
    expect(why('"\ud800"')).toBe('must not hold half of a surrogate pair')
    expect(why(bytes('"\\\\ud800"'))).toBeUndefined()
  })

  it('is read to 64 levels, and no deeper', () => {
    expect(why(nested(64))).toBeUndefined()
    expect(why(nested(65))).toBe('must not be deeper than 64 levels')
    expect(why(bytes(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`))).toBe('must not be deeper than 64 levels')
    expect(why(bytes('['.repeat(5_000_000)))).toBe('must not be deeper than 64 levels')
  })
})

describe('the depth scan', () => {
  it('does not count brackets in text', () => {
    expect(exceedsDepth('["[[[\\"[[[\\\\","{{{"]', 1)).toBe(false)
    expect(exceedsDepth('"[[[', 1)).toBe(false)
    expect(exceedsDepth('"\\', 1)).toBe(false)
  })

  it('finds the depth of any value', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const json = JSON.stringify(value)
        const depth = depthOf(value)
        expect(exceedsDepth(json, depth)).toBe(false)
        if (depth > 0) expect(exceedsDepth(bytes(json), depth - 1)).toBe(true)
      }),
      { seed: 7 },
    )
  })
})
