import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import type { ChunkDocument } from './documents.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

describe.skipIf(bench === null)('issues in great number', () => {
  const subject = (): Promise<BenchSubject> => (bench as NonNullable<typeof bench>).subject()

  it('327,000 in one update are all there, by page, by pattern, and cost a list nothing', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    const total = 327_000
    const errors = Array.from({ length: total }, (_, n) => ({ line: n + 1, message: n === 300_000 ? 'rare' : 'a' }))
    expect((await record([anUpdate({ errors, warnings: ['w'] })])).map(word)).toEqual(['created'])
    const state = (await read.list({ client: client() }, 1, null)).files[0]
    if (state === undefined) throw new Error('the file is there')
    expect(state.issues).toMatchObject({ error: { count: total }, warning: { count: 1 } })
    const page = (from: number, limit: number) =>
      test.store.issues(state, 'error', null, limit, { version: 1, index: from - 1 })
    expect((await page(0, 3)).map(({ line }) => line)).toEqual([1, 2, 3])
    expect((await page(3_998, 4)).map(({ line }) => line)).toEqual([3_999, 4_000, 4_001, 4_002])
    expect((await page(total - 2, 10)).map(({ line, index }) => [line, index])).toEqual([
      [total - 1, total - 2],
      [total, total - 1],
    ])
    const rare = await read.issues(client(), fileName(), { kind: 'error', pattern: 'rare', limit: 10, after: null })
    expect(rare?.issues.map(({ line }) => line)).toEqual([300_001])
    const document = await test.raw.progress.findOne({})
    expect(JSON.stringify(document).length).toBeLessThan(10_000)
    const largest = await test.raw.journal
      .aggregate([{ $group: { _id: null, bytes: { $max: { $bsonSize: '$$ROOT' } } } }])
      .toArray()
    expect(largest[0]?.['bytes']).toBeLessThan(100_000)
  })

  it('are sent a part at a time, as a process answers nobody while it makes a command', async () => {
    await using test = await subject()
    const { guard } = bench as NonNullable<typeof bench>
    const sent: number[] = []
    await using store = await test.connect({
      watch: {
        ...guard,
        started: (event) => {
          guard.started(event)
          const { insert, documents } = event.command
          if (insert === 'journal_issues')
            sent.push((documents as ChunkDocument[]).flatMap(({ columns }) => columns.lines).length)
        },
      },
    })
    const errors = Array.from({ length: 100_000 }, () => ({ line: null, message: 'a' }))
    expect((await useCases({ ...test, store }).record([anUpdate({ errors })])).map(word)).toEqual(['created'])
    expect(sent.reduce((sum, lines) => sum + lines, 0)).toBe(100_000)
    expect(Math.max(...sent)).toBeLessThanOrEqual(32_000)
  })

  it('long messages are cut into documents that a server takes', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    const message = 'é'.repeat(32_000)
    const errors = Array.from({ length: 150 }, (_, n) => ({ line: n + 1, message: `${n} ${message}` }))
    expect((await record([anUpdate({ errors })])).map(word)).toEqual(['created'])
    const found = await read.issues(client(), fileName(), { kind: 'error', pattern: null, limit: 200, after: null })
    expect(found?.issues.map((issue) => issue.message)).toEqual(errors.map((issue) => issue.message))
  })

  it('of a commit that lost its version leave nothing behind', async () => {
    await using test = await subject()
    await using second = await test.connect()
    const many = (kind: string) => Array.from({ length: 1_500 }, () => ({ line: null, message: kind }))
    const send = (store: typeof second, id: string) =>
      useCases({ ...test, store }).record([anUpdate({ id, errors: many(id) })])
    await useCases(test).record([anUpdate({ id: 'first' })])
    for (let round = 0; round < 5; round += 1)
      await Promise.all([send(test.store, `one ${round}`), send(second, `two ${round}`)])
    const state = (await useCases(test).read.get(client(), fileName()))?.state
    expect(state?.issues.error.count).toBe(10 * 1_500)
    const chunks = await test.raw.chunks.find().toArray()
    expect(chunks.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(10 * 1_500)
  })

  it('by many pages are each there once', async () => {
    await using test = await subject()
    const { record, read } = useCases(test)
    for (let n = 0; n < 30; n += 1)
      await record([
        anUpdate({ errors: Array.from({ length: 400 }, (_, k) => ({ line: k, message: `kind ${n % 3}` })) }),
      ])
    const seen: string[] = []
    for (let after = null as { version: number; index: number } | null; ; ) {
      const page = await read.issues(client(), fileName(), { kind: 'error', pattern: null, limit: 999, after })
      seen.push(...(page?.issues ?? []).map(({ version, index }) => `${version}/${index}`))
      if (page?.more !== true) break
      after = page.issues.at(-1) ?? null
    }
    expect(new Set(seen).size).toBe(12_000)
    expect(seen).toHaveLength(12_000)
  })
})
