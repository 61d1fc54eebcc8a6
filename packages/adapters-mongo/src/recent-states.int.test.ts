import type { UpdateId } from '@pebbles/core'
import { anUpdate, client, email, fileName, NOON, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const removal = { client: client(), filename: fileName(), by: email('ada'), admin: false, id: 'inner:gone' } as const

/** Two processes on one database, and what the first asks of it. */
const open = async () => {
  const test = await (bench as NonNullable<typeof bench>).subject()
  const asked: string[] = []
  const { guard } = bench as NonNullable<typeof bench>
  const watch = {
    ...guard,
    started: (event: Parameters<typeof guard.started>[0]) => {
      asked.push(`${event.commandName} ${event.command[event.commandName]}`)
      guard.started(event)
    },
  }
  const store = await test.connect({ watch })
  asked.length = 0
  return {
    one: useCases({ store, clock: test.clock }),
    other: useCases(test),
    raw: test.raw,
    asked,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await test[Symbol.asyncDispose]()
    },
  }
}
let drawn = 0
/** An update whose caller chose no key. */
const next = (facts: Parameters<typeof anUpdate>[0] = {}) => {
  drawn += 1
  return { ...anUpdate(facts), id: `inner:${drawn}` as UpdateId }
}

describe.skipIf(bench === null)('a file that this process wrote a moment ago', () => {
  it('is written on without a look at it, with all that belongs to it', async () => {
    await using test = await open()
    const { record, read } = test.one
    await record([next({ done: 1, errors: ['bad value 1'] })])
    test.asked.length = 0
    expect((await record([next({ done: 2, errors: ['bad value 2'], total: 9 })])).map(word)).toEqual(['updated'])
    expect(test.asked).toEqual(['insert journal', 'update progress'])
    expect((await record([next({ done: 4, end: 'succeeded' })])).map(word)).toEqual(['updated'])
    const seen = await read.get(client(), fileName())
    expect(seen).toMatchObject({
      state: {
        counts: { done: 7 },
        total: 9,
        version: 3,
        issues: { error: { count: 2 } },
        completion: { outcome: 'succeeded' },
      },
      tables: { error: [{ count: 2 }] },
    })
    const [first, , third] = await test.raw.journal.find().sort({ version: 1 }).toArray()
    expect([first?.at, third?.at].map((at) => at?.getTime())).toEqual([seen?.state.createdAt, seen?.state.updatedAt])
  })

  it('is looked at for a key that its caller chose, and for a refusal', async () => {
    await using test = await open()
    const { record } = test.one
    await record([next()])
    expect((await test.other.record([anUpdate({ id: 'k1', done: 5 })])).map(word)).toEqual(['updated'])
    expect((await record([anUpdate({ id: 'k1', done: 5 })])).map(word)).toEqual(['duplicate:present'])

    // Its owner of a moment ago is not the one of now.
    await test.other.remove(removal)
    expect((await test.other.record([next({ by: 'eve' })])).map(word)).toEqual(['created'])
    await record([next({ filename: 'b.csv' })])
    expect((await record([next({ by: 'eve', done: 3 })])).map(word)).toEqual(['updated'])
    expect((await record([next({ by: 'ada' })])).map(word)).toEqual(['NOT_OWNER'])
  })

  it('is not looked at for a key that its caller chose anew: only the key is', async () => {
    await using test = await open()
    const { record, read } = test.one
    for (let n = 0; n < 40; n += 1) await record([anUpdate({ id: `key ${n}` })])
    test.asked.length = 0
    expect((await record([anUpdate({ id: 'another' })])).map(word)).toEqual(['updated'])
    // Its document may be written meanwhile, for what came before.
    expect(test.asked.filter((one) => one.endsWith(' journal'))).toEqual(['find journal', 'insert journal'])
    expect(test.asked).not.toContain('find progress')
    expect((await record([anUpdate({ id: 'key 7' })])).map(word)).toEqual(['duplicate:present'])
    expect((await read.get(client(), fileName()))?.state.counts.done).toBe(41)
  })

  it('that lags behind a last update of a process that died is not taken for one that refuses its repeat', async () => {
    await using test = await open()
    const { one, other, raw } = test
    await one.record([anUpdate({ id: 'end', done: 1, end: 'succeeded', sentAt: NOON + 1_000 })])
    const before = await raw.progress.findOne({})
    const late = { id: 'late', done: 2 }
    expect((await one.record([anUpdate({ ...late, sentAt: NOON })])).map(word)).toEqual(['updated'])
    await raw.progress.updateMany({}, { $set: { version: before?.version, counts: before?.counts } } as object)
    expect((await other.record([anUpdate({ ...late, sentAt: NOON + 5_000 })])).map(word)).toEqual(['duplicate:present'])
    expect((await other.read.get(client(), fileName()))?.state.counts.done).toBe(3)
  })

  it('counts exactly what two processes add by turns, and is looked at from then on', async () => {
    await using test = await open()
    for (let n = 0; n < 10; n += 1) {
      expect((await test.one.record([next({ done: 1 })])).map(word)).toEqual([n === 0 ? 'created' : 'updated'])
      expect((await test.other.record([next({ done: 100 })])).map(word)).toEqual(['updated'])
    }
    expect((await test.other.read.get(client(), fileName()))?.state).toMatchObject({
      version: 20,
      counts: { done: 1_010 },
    })
    test.asked.length = 0
    await test.one.record([next({ done: 1 })])
    expect(test.asked.slice(0, 2)).toEqual(['find progress', 'insert journal'])
  })

  it('that another removed is begun anew', async () => {
    await using test = await open()
    await test.one.record([next({ done: 1 })])
    await test.other.remove(removal)
    expect((await test.one.record([next({ done: 2 })])).map(word)).toEqual(['created'])
    expect((await test.one.read.get(client(), fileName()))?.state).toMatchObject({ version: 1, counts: { done: 2 } })
  })

  it('whose document was taken away is not written on a second time', async () => {
    await using test = await open()
    await test.one.record([next({ done: 1 })])
    await test.raw.progress.deleteMany({})
    await test.one.record([next({ done: 2 })])
    test.asked.length = 0
    await test.one.record([next({ done: 4 })])
    expect(test.asked[0]).toBe('find progress')
  })
})
