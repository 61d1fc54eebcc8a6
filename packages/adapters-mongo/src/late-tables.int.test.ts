import type { FileId, UpdateId } from '@pebbles/core'
import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { type MongoTopology, orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'

const TOPOLOGIES: readonly MongoTopology[] = ['standalone', 'replica-set', 'sharded']
const servers = await Promise.all(TOPOLOGIES.map((topology) => orSkip(startMongo({ topology }))))

let drawn = 0
const anId = (): UpdateId => {
  drawn += 1
  return `inner:table${drawn}` as UpdateId
}
const withIssues = (...errors: string[]) => ({ ...anUpdate({ failed: errors.length, errors }), id: anId() })

/** Each begins with a sign, as it lies there. */
const wordsOf = (template: string): string => template.replaceAll('^', '')

/** How often each pattern of the file was met, by whoever reads it. */
const countsBy = async (test: Parameters<typeof useCases>[0]): Promise<Readonly<Record<string, number>>> => {
  const found = await useCases(test).read.get(client(), fileName())
  const rows = found?.tables.error ?? []
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(found?.state.issues.error.count)
  return Object.fromEntries(rows.map(({ template, count }) => [wordsOf(template), count]))
}

/** The same as it lies there. */
const storedCounts = async ({ raw }: BenchSubject): Promise<Readonly<Record<string, number>>> => {
  const stored = await raw.tables.findOne({ kind: 'error' })
  return Object.fromEntries(Object.values(stored?.rows ?? {}).map(({ t, c }) => [wordsOf(t), c]))
}

const KINDS = ['red apple is sour', 'no pears here', 'plum too soft'] as const

for (const [index, topology] of TOPOLOGIES.entries()) {
  const mongo = servers[index] ?? null
  describe.skipIf(mongo === null)(`tables of patterns, ${topology}`, () => {
    if (mongo === null) return
    const bench = createBench(mongo)
    afterAll(() => bench.stop())

    it('are read whole by every process while they wait to be written, and are written when one stops', async () => {
      await using test = await bench.subject()
      const store = await test.connect()
      const writes = useCases({ ...test, store })
      for (let n = 0; n < 5; n += 1) expect((await writes.record([withIssues(...KINDS)])).length).toBe(1)
      expect(await storedCounts(test)).toEqual({})
      const expected = Object.fromEntries(KINDS.map((kind) => [kind, 5]))
      expect(await countsBy(test)).toEqual(expected)
      // Whoever read it brought it forward; its writer goes on from before.
      expect(await storedCounts(test)).toEqual(expected)
      await writes.record([withIssues(KINDS[0])])
      expect(await countsBy({ ...test, store })).toEqual({ ...expected, [KINDS[0]]: 6 })
      await writes.record([withIssues(KINDS[1])])
      await store.close()
      expect(await storedCounts(test)).toEqual({ ...expected, [KINDS[0]]: 6, [KINDS[1]]: 6 })
    })

    it('that lag are brought forward many at once, whichever of the two a file has', async () => {
      await using test = await bench.subject()
      let looks = 0
      const started = (event: Parameters<typeof bench.guard.started>[0]): void => {
        bench.guard.started(event)
        const { find, projection } = event.command
        if (find === 'journal' && projection?.['patterns'] === 1) looks += 1
      }
      await using first = await test.connect()
      await using second = await test.connect({ watch: { ...bench.guard, started } })
      const names = Array.from({ length: 60 }, (_, n) => `f${n}.csv`)
      const update = (filename: string, n: number, round: number) => {
        const [errors, warnings] = [n % 3 === 0 ? [] : [KINDS[round % 3] as string], n % 3 === 1 ? [] : [KINDS[0]]]
        return { ...anUpdate({ filename, errors, warnings, failed: errors.length, warn: warnings.length }), id: anId() }
      }
      for (let round = 0; round < 4; round += 1)
        await useCases({ ...test, store: first }).record(names.map((name, n) => update(name, n, round)))
      const { record, read } = useCases({ ...test, store: second })
      const outcomes = await record(names.map((name, n) => update(name, n, 4)))
      expect(new Set(outcomes.map(word))).toEqual(new Set(['updated']))
      // Of a group, and of each of the two that it may be cut into.
      expect(looks).toBeGreaterThan(0)
      expect(looks).toBeLessThanOrEqual(3)
      for (const [n, name] of names.entries()) {
        const found = await read.get(client(), fileName(name))
        const counts = ['error', 'warning'].map((kind) =>
          (found?.tables[kind as 'error'] ?? []).map(({ count }) => count).sort(),
        )
        expect(counts).toEqual([n % 3 === 0 ? [] : [1, 2, 2], n % 3 === 1 ? [] : [5]])
      }
    })

    it('are all written, though another process was first with some, and though one was left far behind', async () => {
      await using test = await bench.subject()
      let passed = 0
      const clock = { ...test.clock, monotonic: () => passed }
      await using store = await test.connect({ clock })
      const { record } = useCases({ ...test, store })
      // More than one command holds.
      const names = Array.from({ length: 1_100 }, (_, n) => `f${n}.csv`)
      const [read = '', left = ''] = [names[0], names.at(-1)]
      const update = (filename: string) => ({ ...anUpdate({ filename, failed: 1, errors: [KINDS[0]] }), id: anId() })
      await record(names.map(update))
      await useCases(test).read.get(client(), fileName(read))
      passed += 6_000
      await expect.poll(() => test.raw.tables.countDocuments(), { timeout: 30_000 }).toBe(names.length)

      const { fileId } = (await test.raw.progress.findOne({ filename: left })) ?? {}
      const ofLeft = { fileId: fileId as FileId }
      await test.raw.tables.deleteOne(ofLeft)
      await record([read, left].map(update))
      passed += 6_000
      const stored = async () => {
        const { version, rows = {} } = (await test.raw.tables.findOne(ofLeft)) ?? {}
        return [version, ...Object.values(rows).map(({ c }) => c)]
      }
      await expect.poll(stored, { timeout: 30_000 }).toEqual([2, 2])
    })

    it('are exact when two processes write by chance, both read, and one ends without a word', async () => {
      await using test = await bench.subject()
      const stores = [await test.connect(), await test.connect(), await test.connect()] as const
      const processes = stores.map((store) => useCases({ ...test, store }))
      const random = numbers(17)
      const expected: Record<string, number> = {}
      for (let n = 0; n < 120; n += 1) {
        // The third is heard of no more: what it gathered is lost with it.
        const process = random(n < 60 ? 3 : 2)
        const messages = Array.from({ length: 1 + random(3) }, () => KINDS[random(3)] as string)
        const [outcome] = (await processes[process]?.record([withIssues(...messages)])) ?? []
        expect(['created', 'updated']).toContain(word(outcome))
        for (const message of messages) expected[message] = (expected[message] ?? 0) + 1
        if (random(8) === 0)
          expect(await countsBy({ ...test, store: stores[random(2)] as typeof test.store })).toEqual(expected)
      }
      expect(await countsBy(test)).toEqual(expected)
      await Promise.all([stores[0].close(), stores[1].close()])
      expect(await storedCounts(test)).toEqual(expected)
      // What one had gathered is older than what is there by now.
      await stores[2].close()
      expect(await storedCounts(test)).toEqual(expected)
    })
  })
}

/** The same numbers each time, below a bound. */
const numbers = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}
