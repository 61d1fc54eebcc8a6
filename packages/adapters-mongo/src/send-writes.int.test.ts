import type { UpdateId } from '@pebbles/core'
import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'

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
})
