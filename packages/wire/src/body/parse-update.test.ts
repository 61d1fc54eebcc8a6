import { MAX_COUNT } from '@pebbles/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ParsedBody, parseBatchBody, parseUpdateBody, parseUpdateBodyInSlices } from './parse-update.ts'
import { BatchBodySchema, UpdateBodySchema } from './update-schema.ts'

const body = (fields: object = {}): unknown => ({
  filename: 'a.csv',
  counts: { done: 1, warn: 0, failed: 0 },
  ...fields,
})
const counted = (json: string): unknown =>
  JSON.parse(`{"filename":"a.csv","counts":{"done":${json},"warn":0,"failed":0}}`)
const paths = (parsed: ParsedBody): readonly string[] => (parsed.ok ? [] : parsed.errors.map(({ path }) => path))
const parsed = (value: unknown) => {
  const result = parseUpdateBody(value)
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  return result.update
}

describe('an update', () => {
  it('gets the defaults of what was left out', () => {
    expect(parsed(body())).toEqual({
      filename: 'a.csv',
      counts: { done: 1, warn: 0, failed: 0 },
      total: null,
      errors: [],
      warnings: [],
      updateId: null,
    })
    expect(parsed(body({ isLast: true })).end).toEqual({ outcome: 'succeeded', reason: null })
    expect(parsed(body({ isLast: false, total: null }))).not.toHaveProperty('end')
    expect(
      parsed(body({ errors: [{ message: 'x' }, { line: null, message: 'y' }, { line: 3, message: '' }] })).errors,
    ).toEqual([
      { line: null, message: 'x' },
      { line: null, message: 'y' },
      { line: 3, message: '' },
    ])
  })

  it.each(['1.0', '1e2', '0', '9007199254740991', '9007199254740991.4'])('takes the count %s', (json) => {
    expect(paths(parseUpdateBody(counted(json)))).toEqual([])
  })

  it('takes -0 as 0', () => {
    expect(Object.is(parsed(counted('-0')).counts.done, 0)).toBe(true)
  })

  it.each(['-1', '1.5', '"1"', 'true', 'null', '9007199254740992', '1e400', '[]', '{}'])(
    'refuses the count %s at its place',
    (json) => {
      expect(parseUpdateBody(counted(json))).toEqual({
        ok: false,
        errors: [
          { path: 'counts.done', pointer: '#/counts/done', message: `must be an integer from 0 to ${MAX_COUNT}` },
        ],
      })
    },
  )

  it.each<[string, object, readonly string[]]>([
    ['a missing count', { counts: { done: 1, warn: 0 } }, ['counts.failed']],
    ['counts that are no object', { counts: [] }, ['counts']],
    ['an operator for a filename', { filename: { $gt: '' } }, ['filename']],
    ['an empty filename', { filename: '' }, ['filename']],
    ['a filename of 1025 bytes', { filename: `${'é'.repeat(512)}a` }, ['filename']],
    ['a control character', { filename: 'a\u0085b' }, ['filename']],
    ['half a surrogate pair', { filename: 'a\ud800' }, ['filename']],
    ['a total of 0', { total: 0 }, ['total']],
    ['isLast as text', { isLast: 'true' }, ['isLast']],
    ['an outcome without isLast', { outcome: 'failed' }, ['outcome']],
    ['a reason with isLast false', { isLast: false, reason: 'x' }, ['reason']],
    ['an unknown outcome', { isLast: true, outcome: 'done' }, ['outcome']],
    ['a reason of more than 1 KiB', { isLast: true, reason: 'é'.repeat(513) }, ['reason']],
    ['errors that are no array', { errors: { 0: { message: 'x' } } }, ['errors']],
    ['null for warnings', { warnings: null }, ['warnings']],
    ['an issue that is text', { errors: [{ message: 'x' }, 'x'] }, ['errors.1']],
    ['line 0 and no message', { errors: [{ line: 0 }] }, ['errors.0.line', 'errors.0.message']],
    ['a message of more than 64 KiB', { errors: [{ message: 'é'.repeat(32_769) }] }, ['errors.0.message']],
    ['a message that is not well-formed', { warnings: [{ message: '\udfff' }] }, ['warnings.0.message']],
    ['an empty updateId', { updateId: '' }, ['updateId']],
    ['an updateId of 256 characters', { updateId: 'x'.repeat(256) }, ['updateId']],
    ['a line break in an updateId', { updateId: 'a\nb' }, ['updateId']],
    ['several at once', { filename: 1, total: -1, errors: 1 }, ['filename', 'total', 'errors']],
  ])('is refused for %s', (_, fields, expected) => {
    expect(paths(parseUpdateBody(body(fields)))).toEqual(expected)
  })

  it.each([null, 'text', 1, [], [body()]])('is refused when it is %j', (value) => {
    expect(parseUpdateBody(value)).toEqual({
      ok: false,
      errors: [{ path: '', pointer: '#', message: 'must be an object' }],
    })
  })

  it('keeps names byte for byte', () => {
    for (const filename of [
      'e\u0301',
      'é',
      '../../etc',
      '<img onerror>',
      '=cmd()',
      '%2e%2e',
      ' ',
      'a\u2028b',
      '\u202e',
      '\u200d',
    ]) {
      expect(parsed(body({ filename })).filename).toBe(filename)
    }
    expect(parsed(body({ filename: 'é'.repeat(512) })).filename).toHaveLength(512)
  })

  it('ignores what it does not know, however it is named', () => {
    const hostile = JSON.parse(
      '{"filename":"a.csv","counts":{"done":1,"warn":0,"failed":0,"__proto__":{"polluted":1}},"__proto__":{"polluted":1,"isLast":true},"constructor":{"prototype":{"polluted":1}},"toJSON":1}',
    )
    expect(parsed(hostile)).toEqual(parsed(body()))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('names places from where it stands in a batch', () => {
    expect(parseUpdateBody(body({ errors: [1] }), { at: ['updates', 3] })).toMatchObject({
      errors: [{ path: 'updates.3.errors.0', pointer: '#/updates/3/errors/0' }],
    })
  })

  it('reports at most 100 errors', () => {
    expect(paths(parseUpdateBody(body({ errors: new Array(5_000).fill(0), warnings: [0] })))).toHaveLength(100)
  })
})

describe('a long update', () => {
  const long = body({ errors: Array.from({ length: 327_000 }, () => ({ message: 'a' })) })

  it('is parsed whole, with pauses', async () => {
    let pauses = 0
    const pause = async (): Promise<void> => {
      pauses += 1
    }
    const result = await parseUpdateBodyInSlices(long, { pause })
    expect(result.ok && result.update.errors.length).toBe(327_000)
    expect(pauses).toBeGreaterThan(3)
    expect(result).toEqual(parseUpdateBody(long))
  })

  it('does not pause when it is short', async () => {
    const result = await parseUpdateBodyInSlices(body({ errors: [{ message: 'a' }] }), {
      pause: () => Promise.reject(new Error('paused')),
    })
    expect(result.ok).toBe(true)
  })
})

describe('a batch', () => {
  it('is opened only, so that its items stand alone', () => {
    expect(parseBatchBody({ updates: [1, body()] })).toEqual({ ok: true, items: [1, body()] })
  })

  it.each([[{}], [{ updates: {} }], [{ updates: [] }], [{ updates: new Array(1_001).fill(body()) }]])(
    'is refused unless it has 1 to 1,000 updates',
    (value) => {
      expect(parseBatchBody(value)).toMatchObject({ ok: false, errors: [{ path: 'updates', pointer: '#/updates' }] })
      expect(BatchBodySchema.safeParse(value).success).toBe(false)
    },
  )
})

describe('the plain loop and the schema', () => {
  const odd = fc.constantFrom<unknown>(
    ...[
      undefined,
      null,
      true,
      false,
      0,
      -0,
      -1,
      1,
      1.5,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '',
      'a',
      '\ud800',
      [],
      {},
    ],
  )
  const text = fc.oneof(
    { weight: 10, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('x'.repeat(256), 'é'.repeat(600), 'é'.repeat(32_769), '\u0000'),
    },
  )
  const number = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom(-2, -0, 0, MAX_COUNT, MAX_COUNT + 1, 0.5) },
  )
  const maybe = <T>(good: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 60, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd })
  const issues = fc.array(
    maybe(fc.record({ line: maybe(number), message: maybe(text), more: odd }, { requiredKeys: [] })),
    { maxLength: 4 },
  )
  const update = maybe(
    fc.record(
      {
        filename: maybe(text),
        counts: maybe(
          fc.record({ done: maybe(number), warn: maybe(number), failed: maybe(number) }, { requiredKeys: ['done'] }),
        ),
        total: maybe(number),
        isLast: maybe(fc.constantFrom(true, true, false)),
        outcome: maybe(fc.constantFrom('succeeded', 'failed', 'cancelled', 'ended')),
        reason: maybe(text),
        updateId: maybe(text),
        errors: maybe(issues),
        warnings: maybe(issues),
        unknown: odd,
      },
      { requiredKeys: ['filename', 'counts'] },
    ),
  )

  it('take and refuse the same bodies, at the same places', () => {
    let taken = 0
    fc.assert(
      fc.property(update, (value) => {
        const result = UpdateBodySchema.safeParse(value)
        const bySchema = new Set(result.error?.issues.map(({ path }) => path.join('.')))
        const byLoop = parseUpdateBody(value)
        taken += byLoop.ok ? 1 : 0
        expect(byLoop.ok).toBe(result.success)
        expect([...paths(byLoop)].sort()).toEqual([...bySchema].sort())
      }),
      { seed: 20_260_115, numRuns: 2_000 },
    )
    expect(taken).toBeGreaterThan(100)
  })
})
