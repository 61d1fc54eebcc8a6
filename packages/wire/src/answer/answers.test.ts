import {
  type Clock,
  createReadProgress,
  createRecorder,
  createRemoveFile,
  type Outcome,
  type PatternRow,
  type RecordUpdate,
  type UpdateId,
} from '@pebbles/core'
import {
  anUpdate,
  client,
  createMemoryStore,
  createTestClock,
  email,
  fileName,
  NOON,
  newFileId,
} from '@pebbles/core/testing'
import { it as base, describe, expect } from 'vitest'
import {
  ClientRowSchema,
  FullRecordSchema,
  HistoryAnswerRowSchema,
  IssueRowSchema,
  ProgressRecordSchema,
  SummarySchema,
  UpdateAnswerSchema,
} from './answer-schema.ts'
import { fullRecordOf, recordOf } from './record.ts'
import { clientRowOf, historyRowOf, issueRowsOf, summaryOf } from './rows.ts'
import { updateAnswerOf } from './update-answer.ts'

const stalledAfterMs = 600_000

const it = base.extend('pebbles', () => {
  const store = createMemoryStore({ newFileId })
  const testClock = createTestClock()
  const clock: Clock = testClock
  const recorder = createRecorder({ store, clock })
  const send = async (update: RecordUpdate): Promise<Outcome> => (await recorder.record([update]))[0] as Outcome
  return {
    clock: testClock,
    send,
    post: async (update: RecordUpdate) => {
      const outcome = await send(update)
      if (outcome.kind !== 'applied' && outcome.kind !== 'duplicate') throw new Error(outcome.kind)
      const answer = updateAnswerOf(outcome, update)
      UpdateAnswerSchema.parse(answer)
      return answer
    },
    read: createReadProgress({ reader: store, clock, stalledAfterMs }),
    remove: createRemoveFile({ store, clock }),
  }
})

describe('the answer to an update', () => {
  it('has the sums, and the patterns and lines of this update only', async ({ pebbles }) => {
    await pebbles.post(anUpdate({ failed: 1, errors: [{ line: 1, message: 'Amount 12 is bad' }] }))
    const answer = await pebbles.post(
      anUpdate({ done: 2, total: 10, errors: [{ line: null, message: 'Amount 13 is bad' }], warnings: ['Late'] }),
    )
    expect(answer).toEqual({
      result: 'updated',
      clientKrn: client(),
      filename: 'orders.csv',
      counts: { done: 3, warn: 0, failed: 1 },
      total: 10,
      isCompleted: false,
      errors: [{ id: 'e1', pattern: 'Amount {AMOUNT} is bad', count: 2, lines: [{ line: null, values: ['13'] }] }],
      warnings: [{ id: 'w1', pattern: 'Late', count: 1, lines: [{ line: 1, values: [] }] }],
    })
  })

  it('repeats the first result, and says when that life ended', async ({ pebbles }) => {
    const update = anUpdate({ id: 'k', end: 'succeeded', errors: ['x'] })
    expect(await pebbles.post(update)).toMatchObject({ result: 'created', isCompleted: true })
    expect(await pebbles.post(update)).toMatchObject({
      result: 'created',
      counts: { done: 1 },
      errors: [{ id: 'e1', count: 1, lines: [{ line: 1, values: [] }] }],
    })
    await pebbles.remove({
      client: client(),
      filename: fileName(),
      by: email(),
      admin: false,
      id: 'inner:gone' as UpdateId,
    })
    expect(await pebbles.post(update)).toEqual({
      result: 'created',
      clientKrn: client(),
      filename: 'orders.csv',
      deleted: true,
    })
  })

  it('says when that life moved away', () => {
    expect(updateAnswerOf({ kind: 'duplicate', life: 'moved', created: false }, anUpdate())).toMatchObject({
      result: 'updated',
      moved: true,
    })
  })

  it('shows at most 1,000 lines, of both kinds', async ({ pebbles }) => {
    const many = (message: string, count: number) => Array.from({ length: count }, () => message)
    const answer = await pebbles.post(anUpdate({ errors: many('bad', 900), warnings: many('odd', 700) }))
    if (!('errors' in answer)) throw new Error('a former life')
    expect(answer.errors[0]).toMatchObject({ count: 900, lines: { length: 500 } })
    expect(answer.warnings[0]).toMatchObject({ count: 700, lines: { length: 500 } })
    expect(answer.linesTruncated).toBe(true)
  })
})

describe('a record', () => {
  it('is whole, in lists and alone', async ({ pebbles }) => {
    await pebbles.post(anUpdate({ done: 100, total: 1000 }))
    pebbles.clock.advance(10_000)
    await pebbles.post(anUpdate({ done: 100, errors: ['Row 1 broken', 'Row 2 broken', 'Gone'], warnings: ['Old'] }))
    const { files } = await pebbles.read.list({ client: client() }, 10, null)
    const [state] = files
    if (state === undefined) throw new Error('no file')
    const asOf = { now: pebbles.clock.now(), stalledAfterMs }
    const listed = recordOf(state, asOf)
    expect(ProgressRecordSchema.strict().parse(listed)).toEqual(listed)
    expect(listed).toEqual({
      id: state.fileId,
      clientKrn: client(),
      filename: 'orders.csv',
      email: email(),
      counts: { done: 200, warn: 0, failed: 0 },
      total: 1000,
      isCompleted: false,
      outcome: null,
      reason: null,
      createdAt: '2026-01-15T12:00:00.000Z',
      updatedAt: '2026-01-15T12:00:10.000Z',
      completedAt: null,
      errors: [
        { id: 'e1', pattern: expect.any(String), count: 2 },
        { id: 'e2', pattern: 'Gone', count: 1 },
      ],
      warnings: [{ id: 'w1', pattern: 'Old', count: 1 }],
      issueCounts: { errors: 3, warnings: 1 },
      version: 2,
      rate: 10,
      eta: '2026-01-15T12:01:30.000Z',
      status: 'running',
    })

    const found = await pebbles.read.get(client(), fileName())
    if (found === null) throw new Error('no file')
    const full = fullRecordOf(found, asOf)
    expect(FullRecordSchema.strict().parse(full)).toEqual(full)
    expect(full.errors[0]).toMatchObject({
      id: 'e1',
      count: 2,
      lines: [
        { line: 1, values: ['1'] },
        { line: 2, values: ['2'] },
      ],
    })
    expect(full).not.toHaveProperty('linesTruncated')
    expect({ ...full, errors: [], warnings: [] }).toEqual({ ...listed, errors: [], warnings: [] })
  })

  it('stalls and ends', async ({ pebbles }) => {
    await pebbles.post(anUpdate({ total: 10 }))
    const silent = await pebbles.read.get(client(), fileName())
    if (silent === null) throw new Error('no file')
    expect(fullRecordOf(silent, { now: NOON + stalledAfterMs, stalledAfterMs }).status).toBe('running')
    expect(fullRecordOf(silent, { now: NOON + stalledAfterMs + 1, stalledAfterMs }).status).toBe('stalled')
    pebbles.clock.advance(1_000)
    await pebbles.post(anUpdate({ end: 'cancelled' }))
    const ended = await pebbles.read.get(client(), fileName())
    if (ended === null) throw new Error('no file')
    expect(fullRecordOf(ended, { now: NOON + 10 * stalledAfterMs, stalledAfterMs })).toMatchObject({
      status: 'cancelled',
      isCompleted: true,
      outcome: 'cancelled',
      completedAt: '2026-01-15T12:00:01.000Z',
      eta: null,
    })
  })

  it('gives the issues of a merged pattern to the one that took it over', async ({ pebbles }) => {
    await pebbles.post(anUpdate({ errors: ['a 1', 'b 2'] }))
    const found = await pebbles.read.get(client(), fileName())
    if (found === null) throw new Error('no file')
    const merged: readonly PatternRow[] = [
      { no: 1, template: 'a {NUMBER}', count: 1, into: 3 },
      { no: 2, template: 'b {NUMBER}', count: 1, into: 1 },
      { no: 3, template: 'c {NUMBER}', count: 5 },
      { no: 4, template: 'd {NUMBER}', count: 7 },
    ]
    const tables = { ...found.tables, error: merged }
    const { errors } = fullRecordOf({ ...found, tables }, { now: NOON, stalledAfterMs })
    expect(errors.map(({ id, count, lines }) => [id, count, lines.length])).toEqual([
      ['e4', 7, 0],
      ['e3', 5, 2],
    ])
    const page = { issues: found.issues.error, table: merged, more: false }
    expect(issueRowsOf(page, 'error').map(({ patternId }) => patternId)).toEqual(['e3', 'e3'])
  })

  it('says that there are more lines than it shows', async ({ pebbles }) => {
    await pebbles.post(anUpdate({ errors: Array.from({ length: 1_200 }, () => 'bad') }))
    const found = await pebbles.read.get(client(), fileName())
    if (found === null) throw new Error('no file')
    const full = fullRecordOf(found, { now: NOON, stalledAfterMs })
    expect(full.errors[0]).toMatchObject({ count: 1_200, lines: { length: 1_000 } })
    expect(full.linesTruncated).toBe(true)
  })
})

describe('rows', () => {
  it('of issues have the message, its pattern and its values', async ({ pebbles }) => {
    await pebbles.post(anUpdate({ warnings: [{ line: 7, message: 'Row 7 is odd' }] }))
    const page = await pebbles.read.issues(client(), fileName(), {
      kind: 'warning',
      pattern: null,
      limit: 10,
      after: null,
    })
    if (page === null) throw new Error('no file')
    const rows = issueRowsOf(page, 'warning')
    expect(IssueRowSchema.strict().array().parse(rows)).toEqual(rows)
    expect(rows).toMatchObject([
      { line: 7, message: 'Row 7 is odd', patternId: 'w1', values: ['7'], at: '2026-01-15T12:00:00.000Z' },
    ])
  })

  it('of a history add up', async ({ pebbles }) => {
    await pebbles.post(anUpdate({ done: 3, total: 9 }))
    await pebbles.post(anUpdate({ failed: 1, end: 'failed' }))
    const history = await pebbles.read.history(client(), fileName(), 10, 0)
    const rows = (history?.rows ?? []).map(historyRowOf)
    expect(HistoryAnswerRowSchema.strict().array().parse(rows)).toEqual(rows)
    expect(rows).toMatchObject([
      { version: 1, updates: 1, counts: { done: 3 }, total: 9, isLast: false, sources: ['http'] },
      { version: 2, counts: { failed: 1 }, isLast: true },
    ])
  })

  it('of clients name them', () => {
    const row = clientRowOf({ client: client(), files: 2, lastUpdate: NOON })
    expect(ClientRowSchema.strict().parse(row)).toEqual(row)
    expect(row).toEqual({ clientKrn: client(), files: 2, lastUpdate: '2026-01-15T12:00:00.000Z' })
  })

  it('of sums stop at the largest exact number, and say so', () => {
    const sums = { files: 2, running: 1, stalled: 0, completed: 1, failed: 0, cancelled: 0, lastUpdate: null }
    const largest = BigInt(Number.MAX_SAFE_INTEGER)
    const summary = summaryOf({ ...sums, counts: { done: largest * 2n, warn: largest, failed: 0n } })
    expect(SummarySchema.strict().parse(summary)).toEqual(summary)
    expect(summary).toEqual({
      ...sums,
      counts: { done: Number.MAX_SAFE_INTEGER, warn: Number.MAX_SAFE_INTEGER, failed: 0 },
      overflow: true,
    })
    expect(summaryOf({ ...sums, counts: { done: 1n, warn: largest, failed: 0n } })).not.toHaveProperty('overflow')
  })
})
