import { describe, expect, it } from 'vitest'
import type { OutgoingUpdate } from '../service/send-update.ts'
import { importRows, type RowImport } from './import-rows.ts'
import { openRowStream } from './open-rows.ts'

interface Sent extends OutgoingUpdate {
  readonly key: string
}

const run = async (text: string, options: Partial<RowImport> & { total?: number } = {}) => {
  async function* chunks() {
    yield Buffer.from(text)
  }
  const { total = null, ...job } = options
  const source = { ...(await openRowStream(chunks(), { header: true })), total, digest: 'd' }
  const sent: Sent[] = []
  const result = await importRows({
    source,
    filename: 'f.csv',
    rules: null,
    every: 100,
    failAbove: null,
    keyPrefix: 'k',
    send: async (update, key) => {
      sent.push({ ...update, key })
      return { answer: { result: 'updated', clientKrn: 'krn:a:b', filename: 'f.csv' }, replayed: false }
    },
    onRows: () => undefined,
    ...job,
  })
  return { result, sent }
}

/** Rows of which some are broken in a known way, and what must come out, written down while they are made. */
const makeCsv = (rows: number) => {
  const lines = ['id,price,day']
  const failing: number[] = []
  const warned: number[] = []
  for (let at = 0; at < rows; at++) {
    const line = at + 2
    if (at % 41 === 7) failing.push(line) && lines.push(`${at},"12,x",2026-01-05`)
    else if (at % 53 === 9) failing.push(line) && lines.push(`${at},1`)
    else if (at % 61 === 11) failing.push(line) && lines.push(`${at},1,2026-02-30`)
    else if (at % 67 === 13) warned.push(line) && lines.push(`${at},,2026-01-05`)
    else lines.push(`${at},${at / 4},2026-01-05`)
  }
  return { text: `${lines.join('\n')}\n`, failing, warned }
}

describe('importing rows', () => {
  it('reports exactly the rows that were made, at their lines', async () => {
    const { text, failing, warned } = makeCsv(3_000)
    const { result, sent } = await run(text, { total: 3_000 })
    const done = 3_000 - failing.length - warned.length
    expect(result.counts).toEqual({ done, warn: warned.length, failed: failing.length })
    const sum = (kind: 'done' | 'warn' | 'failed'): number => sent.reduce((all, { counts }) => all + counts[kind], 0)
    expect({ done: sum('done'), warn: sum('warn'), failed: sum('failed') }).toEqual(result.counts)
    expect(sent.flatMap(({ errors = [] }) => errors.map(({ line }) => line))).toEqual(failing)
    expect(sent.flatMap(({ warnings = [] }) => warnings.map(({ line }) => line))).toEqual(warned)
    expect(new Set(sent.flatMap(({ errors = [] }) => errors.map(({ message }) => message)))).toEqual(
      new Set([
        'Invalid amount "12,x" in column "price"',
        'The row has 2 columns instead of 3',
        'Invalid date "2026-02-30" in column "day"',
      ]),
    )
  })

  it('sends the same updates under the same keys, whenever it is run', async () => {
    const { text } = makeCsv(700)
    const [first, second] = [await run(text, { total: 700 }), await run(text, { total: 700 })]
    expect(second.sent).toEqual(first.sent)
    expect(first.sent.map(({ key }) => key)).toEqual(['k:0', 'k:1', 'k:2', 'k:3', 'k:4', 'k:5', 'k:6', 'k:7'])
    expect(first.sent.map(({ isLast }) => isLast === true)).toEqual([...Array(7).fill(false), true])
  })

  it('says the total first, and corrects it last', async () => {
    const { text } = makeCsv(250)
    expect((await run(text, { total: 250 })).sent.map(({ total }) => total)).toEqual([250, undefined, undefined])
    expect((await run(text)).sent.map(({ total }) => total)).toEqual([undefined, undefined, 250])
    expect((await run(text, { total: 260 })).sent.map(({ total }) => total)).toEqual([260, undefined, 250])
  })

  it('completes a file without rows, whose total no number can say', async () => {
    const { result, sent } = await run('a,b\n', { total: 0 })
    expect(result).toMatchObject({ rows: 0, outcome: 'succeeded' })
    expect(sent).toEqual([
      {
        key: 'k:0',
        filename: 'f.csv',
        counts: { done: 0, warn: 0, failed: 0 },
        errors: [],
        warnings: [],
        isLast: true,
        outcome: 'succeeded',
      },
    ])
  })

  it.each([
    [0.9, 'failed'],
    [1, 'succeeded'],
  ])('ends by the share of failed rows: more than %d %% is %s', async (failAbove, outcome) => {
    const rows = Array.from({ length: 100 }, (_, at) => (at === 50 ? 'x' : String(at)))
    expect((await run(`n\n${rows.join('\n')}\n`, { failAbove })).result.outcome).toBe(outcome)
  })

  it('can be cancelled, and has then reported what it read', async () => {
    const { result, sent } = await run(makeCsv(500).text, { total: 500, cancelAt: 120 })
    expect(result).toMatchObject({ rows: 120, outcome: 'cancelled', reason: 'Stopped after 120 rows' })
    expect(sent.at(-1)).toMatchObject({ isLast: true, outcome: 'cancelled' })
    expect(sent.at(-1)).not.toHaveProperty('total')
  })

  it('sends early when the issues of an update grow large', async () => {
    const bad = 'x'.repeat(70)
    const rules = new Map(['a', 'b', 'c', 'd'].map((column) => [column, { type: 'number' as const }]))
    const rows = Array.from({ length: 4_000 }, () => `${bad},${bad},${bad},${bad}`)
    const { sent, result } = await run(`a,b,c,d\n${rows.join('\n')}\n`, { every: 1_000_000, rules })
    expect(result.counts.failed).toBe(4_000)
    expect(sent.length).toBeGreaterThan(2)
    for (const update of sent) expect(JSON.stringify(update).length).toBeLessThan(2_000_000)
  })
})
