import { anUpdate, client, createMemoryStore, createTestClock, fileName, newFileId } from '@pebbles/core/testing'
import { it as base, expect } from 'vitest'
import type { ProgressReader } from '../ports/progress-reader.ts'
import { createReadPlain } from './read-plain.ts'
import { createRecorder } from './record-updates.ts'

const LONG = 'x'.repeat(20_000)

const it = base.extend('pebbles', () => {
  const store = createMemoryStore({ newFileId })
  const clock = createTestClock()
  return {
    clock,
    store,
    record: createRecorder({ store, clock }).record,
    plain: createReadPlain({ reader: store, clock, stalledAfterMs: 600_000 }),
  }
})

it('a whole list keeps the order of its first moment, and shows what files are when they are read', async ({
  pebbles: { clock, plain, record },
}) => {
  for (let n = 0; n < 130; n += 1) {
    await record([anUpdate({ filename: `f${n}.csv` })])
    clock.advance(1000)
  }
  const pages = plain.whole({ client: client() })
  const first = (await pages.next()).value ?? []
  await record([
    anUpdate({ filename: 'f0.csv', done: 9 }),
    anUpdate({ filename: 'f129.csv' }),
    anUpdate({ filename: 'new' }),
  ])
  const second = (await pages.next()).value ?? []
  expect([...first, ...second].map(({ filename }) => filename)).toEqual(
    Array.from({ length: 130 }, (_, n) => `f${129 - n}.csv`),
  )
  expect(second.at(-1)).toMatchObject({ filename: 'f0.csv', counts: { done: 10 } })
  expect(await pages.next()).toEqual({ done: true, value: undefined })
})

it('issues are plain and in order of arrival, up to 1,000 of a kind and some megabytes', async ({
  pebbles: { clock, plain, record, store },
}) => {
  const numbered = (from: number, count: number, text = '') =>
    Array.from({ length: count }, (_, n) => ({ line: from + n, message: `${from + n} ${text}` }))
  await record([
    anUpdate({ errors: numbered(1, 600), warnings: numbered(1, 3) }),
    anUpdate({ errors: numbered(601, 400) }),
  ])
  const whole = await plain.get(client(), fileName())
  expect(whole?.issues.error.map(({ line }) => line)).toEqual(Array.from({ length: 1000 }, (_, n) => n + 1))
  expect([whole?.issues.warning.length, whole?.truncated]).toEqual([3, false])
  await record([anUpdate({ errors: numbered(1001, 1) })])
  const more = await plain.get(client(), fileName())
  expect([more?.issues.error.length, more?.truncated]).toEqual([1000, true])

  const reader: ProgressReader = {
    ...store,
    issues: async (...query) => (await store.issues(...query)).map((issue) => ({ ...issue, message: LONG })),
  }
  const long = await createReadPlain({ reader, clock, stalledAfterMs: 600_000 }).get(client(), fileName())
  // 8 Mi characters hold 419 of them.
  expect([long?.issues.error.length, long?.truncated]).toEqual([419, true])
})

it('files are given with their issues in the order they came in, light ones and heavy ones', async ({
  pebbles: { clock, plain, record, store },
}) => {
  const counts = [3, 900, 200, 0, 1200, 1, ...Array.from({ length: 30 }, () => 1)]
  for (const [n, count] of counts.entries()) {
    const errors = Array.from({ length: count }, (_, at) => `f${n} issue ${at}`)
    await record([anUpdate({ filename: `f${n}`, errors })])
    clock.advance(1000)
  }
  const states = await store.list({ client: client(), stalledBefore: 0 }, 100, null)
  const seen: [string, number][] = []
  for await (const { state, issues } of plain.withIssues(states)) {
    for (const { message } of issues.error) expect(message.startsWith(`${state.filename} `)).toBe(true)
    seen.push([state.filename, issues.error.length])
  }
  expect(seen).toEqual(counts.map((count, n) => [`f${n}`, Math.min(count, 1000)]).reverse())
  const nothing = []
  for await (const file of plain.withIssues([])) nothing.push(file)
  expect(nothing).toEqual([])
})

it('a total that must be kept stays, whoever set it; else it may change', async ({ pebbles: { plain, record } }) => {
  const totalAfter = async (total: number | null, keepTotal?: true) => {
    await record([{ ...anUpdate(total === null ? {} : { total }), ...(keepTotal === undefined ? {} : { keepTotal }) }])
    return (await plain.get(client(), fileName()))?.state.total
  }
  expect(await totalAfter(null, true)).toBeNull()
  expect(await totalAfter(10, true)).toBe(10)
  expect(await totalAfter(20, true)).toBe(10)
  expect(await totalAfter(30)).toBe(30)
  expect(await totalAfter(40, true)).toBe(30)
  await record([
    { ...anUpdate({ filename: 'b', total: 1 }), keepTotal: true },
    { ...anUpdate({ filename: 'b', total: 2 }), keepTotal: true },
  ])
  expect((await plain.get(client(), fileName('b')))?.state.total).toBe(1)
})
