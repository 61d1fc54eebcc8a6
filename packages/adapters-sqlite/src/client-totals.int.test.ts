import { createRecorder, createRemoveFile, type EndState } from '@pebbles/core'
import { anUpdate, client, createTestClock, email, fileName } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { ids, seeded } from '../test/harness.ts'
import { connect } from './connect.ts'
import { IN_MEMORY } from './files.ts'
import { assembleStore } from './open-store.ts'

const HUGE = Number.MAX_SAFE_INTEGER

it('the sums kept with each change are those of the files, however large, after any changes', async () => {
  const clock = createTestClock()
  const db = await connect(IN_MEMORY, clock)
  await using store = assembleStore(db, { path: IN_MEMORY, clock, ids })
  const { record } = createRecorder({ store, clock })
  const remove = createRemoveFile({ store, clock })
  const random = seeded(7)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const of = [client('acme'), client('globex')]

  for (let n = 0; n < 400; n += 1) {
    clock.advance(1_000)
    const filename = `f${Math.floor(random() * 30)}.csv`
    const who = pick(of)
    if (random() < 0.15) {
      await remove({ client: who, filename: fileName(filename), by: email('ada'), admin: true, id: `inner:r${n}` })
    } else {
      const end = random() < 0.1 ? pick<EndState>(['succeeded', 'failed', 'cancelled']) : undefined
      const facts = { client: who, filename, done: pick([0, 1, HUGE]), warn: pick([0, HUGE]), failed: pick([0, 3]) }
      // Many in one transaction: what they add up to there has to be exact, too.
      const more = Array.from({ length: n % 5 }, (_, k) => anUpdate({ ...facts, filename: `m${n}-${k}.csv` }))
      await record([anUpdate({ ...facts, ...(end === undefined ? {} : { end }) }), ...more])
    }
    if (n % 20 !== 0) continue
    for (const each of of) {
      const files = await store.list({ client: each, stalledBefore: 0 }, 1_000, null)
      const ended = (end: EndState): number => files.filter((file) => file.completion?.outcome === end).length
      const sum = (kind: 'done' | 'warn' | 'failed'): bigint =>
        files.reduce((total, file) => total + BigInt(file.counts[kind]), 0n)
      const stalledBefore = clock.now() - 10_000
      const open = files.filter((file) => file.completion === null)
      const stalled = open.filter((file) => file.updatedAt < stalledBefore).length
      expect(await store.sums(each, stalledBefore)).toEqual({
        files: files.length,
        running: open.length - stalled,
        stalled,
        completed: ended('succeeded'),
        failed: ended('failed'),
        cancelled: ended('cancelled'),
        counts: { done: sum('done'), warn: sum('warn'), failed: sum('failed') },
        lastUpdate: files[0]?.updatedAt ?? null,
      })
    }
  }
})
