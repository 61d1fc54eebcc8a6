import { createRecorder } from '@pebbles/core'
import { anUpdate, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'
import type { MongoStore } from './open-store.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set-3', faults: true }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const FILES = 5

/** Callers that report without end, each one update after the other, and remember what they were told. */
const startLoad = (stores: readonly MongoStore[], { clock }: Pick<BenchSubject, 'clock'>) => {
  const acknowledged = new Set<string>()
  const unknown = new Set<string>()
  const others: string[] = []
  const waiting: { after: number; done: () => void }[] = []
  let sent = 0
  let running = true
  const caller = async (record: ReturnType<typeof createRecorder>['record']): Promise<void> => {
    while (running) {
      const n = sent
      sent += 1
      const update = anUpdate({
        id: `u${n}`,
        filename: `f${n % FILES}.csv`,
        errors: n % 7 === 0 ? [`trouble ${n}`] : [],
      })
      // Every other caller goes on with something else when it got no answer; the rest ask again until they have one.
      do {
        const outcome = word((await record([update]))[0])
        if (outcome === 'unavailable') unknown.add(`caller:u${n}`)
        else if (['created', 'updated', 'duplicate:present'].includes(outcome)) {
          acknowledged.add(`caller:u${n}`)
          unknown.delete(`caller:u${n}`)
          for (const wait of waiting) if (n >= wait.after) wait.done()
        } else others.push(outcome)
      } while (running && n % 2 === 0 && unknown.has(`caller:u${n}`))
    }
  }
  const callers = stores.flatMap((store) => {
    const { record } = createRecorder({ store, clock })
    return Array.from({ length: 6 }, () => caller(record))
  })
  return {
    /** Resolves when an update that was sent from now on is acknowledged. */
    serves: () => new Promise<void>((done) => waiting.push({ after: sent, done })),
    stop: async () => {
      running = false
      await Promise.all(callers)
      return { acknowledged, unknown, others }
    },
  }
}

describe.skipIf(bench === null)('three nodes under load from two processes', () => {
  it.each(['is killed', 'is stopped', 'steps down'] as const)(
    'lose nothing and count nothing twice when the primary %s, and serve again by themselves',
    { timeout: 120_000 },
    async (fault) => {
      await using test = await (bench as NonNullable<typeof bench>).subject()
      await using second = await test.connect()
      const load = startLoad([test.store, second], test)
      await load.serves()
      const primary = (await mongo?.primary()) as NonNullable<Awaited<ReturnType<NonNullable<typeof mongo>['primary']>>>
      const began = performance.now()
      switch (fault) {
        case 'is killed':
          await primary.kill()
          break
        case 'is stopped':
          await primary.pause()
          break
        case 'steps down':
          await primary.command({ replSetStepDown: 5, secondaryCatchUpPeriodSecs: 5 })
      }
      await load.serves()
      const gap = performance.now() - began
      if (fault === 'is killed') await primary.restart()
      if (fault === 'is stopped') await primary.resume()
      // The one that is back may take itself for the primary for a moment.
      await load.serves()
      await load.serves()
      const { acknowledged, unknown, others } = await load.stop()
      expect(others).toEqual([])

      const entries = await test.raw.journal.find({ kind: 'update' }).toArray()
      const applied = entries.flatMap(({ updates }) => updates.map(({ id }) => id))
      expect(new Set(applied).size).toBe(applied.length)
      expect([...acknowledged].filter((id) => !applied.includes(id))).toEqual([])
      expect(applied.filter((id) => !acknowledged.has(id) && !unknown.has(id))).toEqual([])
      await test.store.sweep()
      const files = await test.raw.progress.find().toArray()
      expect(files.reduce((sum, { counts }) => sum + counts.done, 0)).toBe(applied.length)
      for (const { fileId, version } of files)
        expect(
          entries
            .filter((entry) => entry.fileId === fileId)
            .map((entry) => entry.version)
            .sort((a, b) => a - b),
        ).toEqual(Array.from({ length: version ?? 0 }, (_, index) => index + 1))
      process.stdout.write(
        `primary ${fault}: ${acknowledged.size} acknowledged, ${unknown.size} unknown, ${Math.round(gap)} ms\n`,
      )
    },
  )
})
