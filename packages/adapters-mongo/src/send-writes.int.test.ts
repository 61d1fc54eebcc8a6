import type { UpdateId } from '@pebbles/core'
import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'
import type { CommandWatch } from './index.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

/** Of a CJK text each character takes three bytes. */
const LONG = '漢'.repeat(62_000)

describe.skipIf(bench === null)('a group that is larger than a command may be', () => {
  it('is written by several, each update once', async () => {
    const test = await (bench as NonNullable<typeof bench>).subject()
    await using _ = test
    const refused: unknown[] = []
    const commit: typeof test.store.commit = (changes) =>
      test.store.commit(changes).catch((error: unknown) => {
        refused.push(error)
        throw error
      })
    const { record, read } = useCases({ ...test, store: { ...test.store, commit } })
    const names = Array.from({ length: 60 }, (_, n) => `large ${n}.csv`)
    for (const round of [1, 2]) {
      const updates = names.map((filename) =>
        record([
          {
            ...anUpdate({ filename, done: 1, errors: Array.from({ length: 4 }, (_, n) => `${n} ${LONG}`) }),
            id: `inner:${round} ${filename}` as UpdateId,
          },
        ]),
      )
      const words = (await Promise.all(updates)).flat().map(word)
      expect(new Set(words)).toEqual(new Set([round === 1 ? 'created' : 'updated']))
    }
    expect(refused).toEqual([])
    for (const name of names)
      expect((await read.get(client(), fileName(name)))?.state).toMatchObject({
        counts: { done: 2 },
        issues: { error: { count: 8 } },
      })
  })

  it('is looked up by several, where it has more clients than one is planned well for', async () => {
    await using test = await (bench as NonNullable<typeof bench>).subject()
    const branches: number[] = []
    const watch: CommandWatch = {
      ...bench?.guard,
      started: (event) => {
        bench?.guard.started(event)
        branches.push((event.command['filter']?.['$or'] as readonly unknown[] | undefined)?.length ?? 0)
      },
    }
    const clients = Array.from({ length: 1_500 }, (_, n) => client(`many${n}`))
    for (const ends of ['created', 'updated', 'duplicate:present']) {
      await using store = await test.connect({ watch })
      const id = ends === 'created' ? 'k1' : 'k2'
      const outcomes = await useCases({ ...test, store }).record(
        clients.map((of) => ({ ...anUpdate({ id, done: 1 }), client: of })),
      )
      expect(new Set(outcomes.map(word))).toEqual(new Set([ends]))
    }
    expect(Math.max(...branches)).toBe(500)
    expect((await useCases(test).read.get(client('many1499'), fileName()))?.state.counts.done).toBe(2)
  })
})
