import { setTimeout } from 'node:timers/promises'
import type { RecordUpdate } from '@pebbles/core'
import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'
import type { MongoStore } from './open-store.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const POISON = 'poison'
const NAMES = [...Array.from({ length: 39 }, (_, n) => `sound${n}`), POISON]

/** Fails whoever writes it. */
const unwritable = {
  toBSON: () => {
    throw new TypeError('a bug')
  },
}
const updateOf = (filename: string, step: 'open' | 'commit'): RecordUpdate => {
  const update = anUpdate({ filename, id: filename, done: 2 })
  return filename === POISON && step === 'commit' ? { ...update, channel: unwritable as never } : update
}

/** Calls that come within some milliseconds go at once, as those of a busy process do. */
const sharingTurns = (commit: MongoStore['commit']): MongoStore['commit'] => {
  let turn: Promise<unknown> | null = null
  return async (changes) => {
    turn ??= setTimeout(50).then(() => {
      turn = null
    })
    await turn
    return commit(changes)
  }
}

describe.skipIf(bench === null)('a bug that one file meets', () => {
  it.each(['open', 'commit'] as const)('fails no other of its group, at the %s', { timeout: 30_000 }, async (step) => {
    await using test = await (bench as NonNullable<typeof bench>).subject()
    await using store = await test.connect()
    await useCases(test).record(NAMES.map((filename) => anUpdate({ filename, done: 1 })))
    if (step === 'open')
      await test.raw.progress.updateOne({ filename: fileName(POISON) }, { $set: { issues: 'spoilt' as never } })
    const { record, read } = useCases({ ...test, store: { ...store, commit: sharingTurns(store.commit) } })
    const ends = await Promise.allSettled(NAMES.map((filename) => record([updateOf(filename, step)])))
    expect(ends.map((end) => (end.status === 'fulfilled' ? word(end.value[0]) : 'rejected'))).toEqual(
      NAMES.map((name) => (name === POISON ? 'rejected' : 'updated')),
    )
    for (const name of NAMES.filter((name) => name !== POISON))
      expect((await read.get(client(), fileName(name)))?.state.counts.done).toBe(3)
  })
})
