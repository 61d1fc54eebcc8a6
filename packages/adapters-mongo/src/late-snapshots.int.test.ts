import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { UpdateId } from '@pebbles/core'
import { anUpdate, client, createTestClock, fileName, MINUTE, useCases, word } from '@pebbles/core/testing'
import { type MongoTopology, orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'

const TOPOLOGIES: readonly MongoTopology[] = ['standalone', 'replica-set', 'sharded']
const servers = await Promise.all(TOPOLOGIES.map((topology) => orSkip(startMongo({ topology }))))

let drawn = 0
const next = (facts: Parameters<typeof anUpdate>[0] = {}) => {
  drawn += 1
  return { ...anUpdate({ done: 1, ...facts }), id: `inner:late${drawn}` as UpdateId }
}

const versionOf = async ({ raw }: Pick<BenchSubject, 'raw'>, filename = fileName()): Promise<number> =>
  (await raw.progress.findOne({ clientKrn: client(), filename }))?.version ?? 0

/** Writes a file so often that its document may wait: then it has a mark. */
const heat = async (test: BenchSubject, facts: Parameters<typeof anUpdate>[0] = {}): Promise<number> => {
  const { record } = useCases(test)
  for (let version = 1; ; version += 1) {
    await record([next(facts)])
    const marks = await test.raw.behind.countDocuments({ filename: facts.filename ?? fileName() })
    if (marks > 0 && version > 8) return version
    if (version > 500) throw new Error('no mark was set')
  }
}

for (const [index, topology] of TOPOLOGIES.entries()) {
  const mongo = servers[index] ?? null
  describe.skipIf(mongo === null)(`a file that is written again and again, ${topology}`, () => {
    if (mongo === null) return
    const bench = createBench(mongo)
    afterAll(() => bench.stop())

    it('is never behind for whoever reads it, though its document is', async () => {
      await using test = await bench.subject()
      await using other = await test.connect()
      const [here, there] = [useCases(test), useCases({ ...test, store: other })]
      await here.record([next({ filename: 'quiet.csv' })])
      test.clock.advance(1)
      let version = await heat(test)
      let behind = 0
      const filter = { client: client(), stalledBefore: 0 }
      for (let round = 0; round < 60; round += 1) {
        expect((await here.record([next()])).map(word)).toEqual(['updated'])
        version += 1
        if ((await versionOf(test)) < version) behind += 1
        const { read } = round % 2 === 0 ? here : there
        const reader = round % 2 === 0 ? test.store : other
        switch (round % 5) {
          case 0:
            expect((await read.get(client(), fileName()))?.state).toMatchObject({ version, counts: { done: version } })
            break
          case 1:
            expect((await reader.list(filter, 1, null)).map((file) => [file.filename, file.version])).toEqual([
              [fileName(), version],
            ])
            break
          case 2:
            expect((await reader.scan(filter, 10, null)).map((file) => file.counts.done).sort((a, b) => b - a)[0]).toBe(
              version,
            )
            break
          case 3:
            expect((await reader.sums(client(), 0)).counts.done).toBe(BigInt(version + 1))
            break
          case 4:
            expect((await read.history(client(), fileName(), 1_000, 0))?.rows.length).toBe(version)
            break
        }
      }
      expect(behind).toBeGreaterThan(0)
      expect((await other.clients()).map((one) => one.files)).toEqual([2])
    })

    it('answers a repeat with all that was added since, from this process or another', async () => {
      await using test = await bench.subject()
      await using other = await test.connect()
      let version = await heat(test)
      for (const { record } of [useCases(test), useCases({ ...test, store: other })]) {
        const keyed = anUpdate({ id: `key-${version}`, done: 1 })
        expect((await useCases(test).record([keyed])).map(word)).toEqual(['updated'])
        version += 1
        for (let n = 0; n < 8; n += 1, version += 1) await useCases(test).record([next()])
        const [outcome] = await record([keyed])
        expect(word(outcome)).toBe('duplicate:present')
        expect(outcome).toMatchObject({ file: { counts: { done: version } } })
      }
    })

    it('is soon written on without a refusal again, when another process wrote it once', async () => {
      await using test = await bench.subject()
      let inserts = 0
      const started = (event: Parameters<typeof bench.guard.started>[0]): void => {
        bench.guard.started(event)
        if (event.command['insert'] === 'journal') inserts += 1
      }
      await using store = await test.connect({ watch: { ...bench.guard, started } })
      const [here, there] = [useCases({ ...test, store }), useCases(test)]
      await heat({ ...test, store })
      expect((await there.record([next()])).map(word)).toEqual(['updated'])
      await here.record([next()])
      // From now on its document is written with each commit: none rests on one that lags.
      inserts = 0
      for (let n = 0; n < 12; n += 1) expect((await here.record([next()])).map(word)).toEqual(['updated'])
      expect(inserts).toBe(12)
    })

    it('follows its journal a moment later, and its mark goes when it rests', async () => {
      await using test = await bench.subject()
      let version = await heat(test)
      const { record } = useCases(test)
      for (let n = 0; n < 20; n += 1) await record([next()])
      version += 20
      await vi.waitFor(async () => expect(await versionOf(test)).toBe(version), 20_000)
      await vi.waitFor(async () => expect(await test.raw.behind.countDocuments()).toBe(0), 20_000)
    })

    it('is up to date, and without a mark, when its process has stopped', async () => {
      await using test = await bench.subject()
      const store = await test.connect()
      const version = await heat({ ...test, store })
      await useCases({ ...test, store }).record([next()])
      await store.close()
      expect(await versionOf(test)).toBe(version + 1)
      expect(await test.raw.behind.countDocuments()).toBe(0)
    })

    it('keeps its mark though the process that sweeps is a quarter of an hour ahead', async () => {
      await using test = await bench.subject()
      test.clock.advance(Date.now() - test.clock.now())
      const ahead = createTestClock(Date.now() + 16 * MINUTE)
      await using other = await test.connect({ clock: ahead, serverTime: async () => Date.now() })
      const [here, there] = [useCases(test), useCases({ ...test, store: other })]
      let version = await heat(test)
      const mark = await test.raw.behind.findOne({})
      let swept = false
      const sweeping = other.sweep().finally(() => {
        swept = true
      })
      // One that rests loses its mark.
      for (; !swept; version += 1) await here.record([next()])
      await sweeping
      expect((await test.raw.behind.find().toArray()).map(({ _id }) => _id)).toEqual([mark?._id])
      for (let n = 0; n < 10; n += 1) {
        await here.record([next()])
        version += 1
        expect((await there.read.get(client(), fileName()))?.state).toMatchObject({ version })
      }
    })

    it('tells an end, a total and issues at once', async () => {
      await using test = await bench.subject()
      const { record } = useCases(test)
      let version = await heat(test)
      for (const facts of [{ total: 90_000 }, { errors: ['bad value 1'] }, { end: 'succeeded' as const }]) {
        await record([next()])
        await record([next(facts)])
        version += 2
        expect(await versionOf(test)).toBe(version)
      }
      expect(await test.raw.progress.findOne({ filename: fileName() })).toMatchObject({
        counts: { done: version },
        total: 90_000,
        isCompleted: true,
      })
    })
  })
}

const writer = fileURLToPath(new URL('../test/writer.ts', import.meta.url))
const ROUNDS = 8
const FILES = 4

const apart = await orSkip(startMongo({ topology: 'replica-set' }))

describe.skipIf(apart === null)('files whose process was killed', () => {
  if (apart === null) return
  const bench = createBench(apart)
  afterAll(() => bench.stop())

  it('are read with all that was answered, though nobody writes them again; the sweep takes the marks', async () => {
    let behind = 0
    for (let round = 0; round < ROUNDS && behind === 0; round += 1) {
      await using test = await bench.subject()
      const child: ChildProcess = spawn(process.execPath, [writer, test.uri, 'killed', '100000', `${FILES}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const answered = new Map<string, number>()
      let lines = 0
      const reader = createInterface(child.stdout as NonNullable<typeof child.stdout>)
      reader.on('line', (line) => {
        const [name = '', lot = ''] = line.split(' ')
        answered.set(name, (answered.get(name) ?? 0) + Number(lot))
        lines += 1
        if (lines === 400) child.kill('SIGKILL')
      })
      await once(reader, 'close')
      const { read } = useCases(test)
      for (const [name, sum] of answered) {
        const filename = fileName(name)
        const heads = await test.raw.journal.aggregate<{ version: number; done: number }>([
          { $match: { fileId: (await test.raw.progress.findOne({ filename }))?.fileId } },
          { $group: { _id: null, version: { $max: '$version' }, done: { $sum: '$delta.done' } } },
        ])
        const [head] = await heads.toArray()
        if ((await versionOf(test, filename)) < (head?.version ?? 0)) behind += 1
        const found = await read.get(client(), filename)
        expect(found?.state).toMatchObject({ version: head?.version, counts: { done: head?.done } })
        expect(found?.state.counts.done).toBeGreaterThanOrEqual(sum)
      }
      expect(answered.size).toBe(FILES)
      expect(await test.raw.behind.countDocuments()).toBeGreaterThan(0)
      // The marks carry real time, the clock of this test a time of its own.
      test.clock.advance(Date.now() - test.clock.now() + 14 * MINUTE)
      await test.store.sweep()
      expect(await test.raw.behind.countDocuments()).toBeGreaterThan(0)
      test.clock.advance(2 * MINUTE)
      await test.store.sweep()
      expect(await test.raw.behind.countDocuments()).toBe(0)
    }
    expect(behind).toBeGreaterThan(0)
  })
})
