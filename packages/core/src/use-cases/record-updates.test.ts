import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  anUpdate,
  client,
  createFaultyStore,
  createMemoryStore,
  createTestClock,
  type Fault,
  fileName,
  NOON,
  newFileId,
  word,
} from '../../testing/index.ts'
import { type ProgressStore, StoreUnavailable } from '../ports/progress-store.ts'
import type { RecordUpdate } from '../progress/update.ts'
import type { Outcome } from './outcome.ts'
import { createReadProgress } from './read-progress.ts'
import { createRecorder } from './record-updates.ts'

const setUp = (wrap: (healthy: ProgressStore) => ProgressStore = (healthy) => healthy) => {
  const clock = createTestClock()
  const healthy = createMemoryStore({ newFileId })
  const store = wrap(healthy)
  return {
    clock,
    healthy,
    store,
    record: createRecorder({ store, clock }).record,
    read: createReadProgress({ reader: healthy, clock, stalledAfterMs: 600_000 }),
  }
}

describe('group commit', () => {
  it('commits what arrives during a commit as one group, one change for each file', async () => {
    const groups: { updates: number; files: number }[] = []
    const clock = createTestClock()
    const store = createMemoryStore({ newFileId })
    const { record } = createRecorder({
      store,
      clock,
      onGroup: ({ updates, files }) => groups.push({ updates, files }),
    })
    const first = record([anUpdate()])
    await clock.pause()
    await clock.pause()
    const rest = Array.from({ length: 40 }, (_, n) =>
      record([anUpdate({ filename: n % 2 === 0 ? 'orders.csv' : 'other.csv' })]),
    )
    await Promise.all([first, ...rest])
    expect(groups[0]).toEqual({ updates: 1, files: 1 })
    expect(groups.reduce((sum, group) => sum + group.updates, 0)).toBe(41)
    expect(groups.length).toBeLessThanOrEqual(3)
  })

  it.for([undefined, 1, 3])('has as many groups under way as the store takes at once: %s', async (groupsAtOnce) => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const begun: string[][] = []
    const { record, clock } = setUp((healthy) => ({
      ...healthy,
      ...(groupsAtOnce === undefined ? {} : { groupsAtOnce }),
      open: async (requests) => {
        begun.push(requests.map(({ filename }) => filename))
        await held
        return healthy.open(requests)
      },
    }))
    const outcomes: Promise<readonly Outcome[]>[] = []
    for (const filename of ['a.csv', 'b.csv', 'a.csv', 'c.csv', 'd.csv']) {
      outcomes.push(record([anUpdate({ filename })]))
      for (let turn = 0; turn < 3; turn += 1) await clock.pause()
    }
    // What comes for a file with updates under way waits for them, whatever else could go on.
    expect(begun).toEqual(groupsAtOnce === 3 ? [['a.csv'], ['b.csv'], ['c.csv']] : [['a.csv']])
    letGo()
    const words = (await Promise.all(outcomes)).flat().map(word)
    expect(words).toEqual(['created', 'created', 'updated', 'created', 'created'])
  })

  it('shares out what waits between groups side by side, and keeps what is for one file together', async () => {
    const groups: number[] = []
    const { store, clock } = setUp((healthy) => ({ ...healthy, groupsAtOnce: 2 }))
    const { record } = createRecorder({ store, clock, onGroup: ({ updates }) => groups.push(updates) })
    await record(Array.from({ length: 10 }, (_, n) => anUpdate({ filename: `f${n}.csv` })))
    await clock.pause()
    expect(groups).toEqual([5, 5])
    await record(Array.from({ length: 10 }, () => anUpdate({ filename: 'one.csv' })))
    await clock.pause()
    expect(groups.slice(2)).toEqual([10])
  })

  it.for([
    [2, 2],
    [1, 0],
  ] as const)(
    'of %s side by side does not wait for the end of a turn once a share of what is usual waits',
    async ([groupsAtOnce, early]) => {
      const begun: number[] = []
      const { record, clock } = setUp((healthy) => ({
        ...healthy,
        groupsAtOnce,
        open: (requests) => {
          begun.push(requests.length)
          return healthy.open(requests)
        },
      }))
      const send = (count: number) =>
        Array.from({ length: count }, (_, n) => record([anUpdate({ filename: `f${n}.csv` })]))
      await Promise.all(send(40))
      await clock.pause()
      begun.length = 0
      const sent = send(45)
      expect(begun.length).toBe(early)
      for (const files of begun) expect(files).toBeGreaterThanOrEqual(8)
      await clock.pause()
      await Promise.all(sent)
      expect(begun.reduce((sum, files) => sum + files, 0)).toBe(45)
    },
  )

  it.for([
    [0, 250],
    [250, 1_000],
  ] as const)('that may linger for %s ms waits while many wait and more come', async ([lingerMs, first]) => {
    const { store } = setUp()
    const clock = createTestClock()
    const groups: number[] = []
    let sent = 0
    let slept = 0
    const send = (record: (updates: RecordUpdate[]) => Promise<unknown>): Promise<unknown> => {
      sent += 250
      return record(Array.from({ length: 250 }, (_, n) => anUpdate({ filename: `f${n}.csv` })))
    }
    const sending: Promise<unknown>[] = []
    const { record } = createRecorder({
      store,
      lingerMs,
      onGroup: ({ updates }) => groups.push(updates),
      clock: {
        ...clock,
        // While it waits another 250 come, until a thousand were sent.
        sleep: async () => {
          slept += 1
          if (sent < 1_000) sending.push(send(record))
        },
      },
    })
    sending.push(send(record))
    await sending[0]
    await Promise.all(sending)
    expect(groups[0]).toBe(first)
    // One that comes alone waits for nobody.
    const before = slept
    await record([anUpdate()])
    expect(slept).toBe(before)
  })

  it('asks again for what nobody can take yet only when something has ended', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    let asked = 0
    const { record, clock } = setUp((healthy) => ({
      ...healthy,
      groupsAtOnce: 2,
      open: async (requests) => {
        asked += 1
        await held
        return healthy.open(requests)
      },
    }))
    const sent = Array.from({ length: 100 }, () => record([anUpdate()]))
    await clock.pause()
    expect(asked).toBe(1)
    letGo()
    expect((await Promise.all(sent)).flat().map(word)).toEqual([
      'created',
      ...Array.from({ length: 99 }, () => 'updated'),
    ])
    expect(asked).toBeLessThanOrEqual(3)
  })

  it('keeps the order within a file, also when an update with many issues takes longer to prepare', async () => {
    const { record } = setUp()
    const errors = Array.from({ length: 20_000 }, (_, n) => `bad value ${n}`)
    const outcomes = await record([anUpdate({ errors }), anUpdate(), anUpdate({ end: 'succeeded' }), anUpdate()])
    expect(outcomes.map(word)).toEqual(['created', 'updated', 'updated', 'PROGRESS_COMPLETED'])
  })

  it('does not let one contested file hold up the others', async () => {
    let contested = true
    const { record } = setUp((healthy) => ({
      open: healthy.open,
      commit: async (changes) =>
        (
          await healthy.commit(
            changes.filter(
              (change) =>
                change.entry.fileId !== null &&
                !(contested && change.kind === 'update' && change.after.filename === 'hot.csv'),
            ),
          )
        ).length === changes.length
          ? changes.map(() => 'committed' as const)
          : changes.map((change) =>
              change.kind === 'update' && change.after.filename === 'hot.csv'
                ? ('conflict' as const)
                : ('committed' as const),
            ),
    }))
    const hot = record([anUpdate({ filename: 'hot.csv' })])
    const others = await Promise.all(
      Array.from({ length: 5 }, (_, n) => record([anUpdate({ filename: `cold-${n}.csv` })])),
    )
    expect(others.flat().map(word)).toEqual(Array.from({ length: 5 }, () => 'created'))
    contested = false
    expect((await hot).map(word)).toEqual(['created'])
  })

  it('cuts a group where it grows too large to commit at once', async () => {
    const groups: number[] = []
    const { store, clock } = setUp()
    const { record } = createRecorder({ store, clock, onGroup: ({ updates }) => groups.push(updates) })
    const message = 'x'.repeat(60_000)
    await record(
      Array.from({ length: 6 }, (_, n) =>
        anUpdate({ filename: `f${n}.csv`, errors: Array.from({ length: 50 }, () => message) }),
      ),
    )
    await clock.pause()
    expect(groups.length).toBeGreaterThan(1)
    expect(groups.reduce((sum, updates) => sum + updates, 0)).toBe(6)
  })
})

describe('a store that fails', () => {
  const commands = (): RecordUpdate[] => [
    anUpdate({ id: 'one', errors: ['bad value 1'] }),
    anUpdate({ id: 'two', filename: 'other.csv', done: 2 }),
    anUpdate({ id: 'three', errors: ['bad value 2'], end: 'succeeded' }),
  ]

  it.for(['before', 'after', 'hangs'] as const)(
    'at its n-th call, %s: every caller gets an outcome, and a repeat makes it right',
    async (fault: Fault) => {
      for (let nth = 1; nth <= 4; nth += 1) {
        const { record, read, healthy, clock } = setUp((store) => createFaultyStore(store, nth, fault))
        const firsts = (await record(commands())).map(word)
        for (const outcome of firsts) expect(['created', 'updated', 'unavailable']).toContain(outcome)
        const repeats = await createRecorder({ store: healthy, clock }).record(commands())
        for (const outcome of repeats.map(word)) expect(['created', 'updated', 'duplicate:present']).toContain(outcome)
        expect((await read.get(client(), fileName()))?.state).toMatchObject({
          counts: { done: 2 },
          issues: { error: { count: 2 } },
          completion: { outcome: 'succeeded' },
        })
        expect((await read.get(client(), fileName('other.csv')))?.state.counts.done).toBe(2)
      }
    },
  )

  it.for([
    ['unknown', ['created', 'duplicate:present']],
    ['conflict', ['duplicate:present', 'duplicate:present']],
  ] as const)('finds an update and its repeat after their commit was %s: %s', async ([result, expected]) => {
    let first = true
    const { record, read } = setUp((healthy) => ({
      ...healthy,
      commit: async (changes) => {
        const results = await healthy.commit(changes)
        if (!first) return results
        first = false
        // Stored: by this very commit, whose answer was lost, or by another process that had the update, too.
        return changes.map(() => result)
      },
    }))
    expect((await record([anUpdate({ id: 'k' }), anUpdate({ id: 'k' })])).map(word)).toEqual(expected)
    expect((await read.get(client(), fileName()))?.state.counts.done).toBe(1)
  })

  it('by a bug rejects, and does not answer', async () => {
    const { record } = setUp((healthy) => ({ ...healthy, commit: () => Promise.reject(new TypeError('a bug')) }))
    await expect(record([anUpdate()])).rejects.toThrow('a bug')
  })

  it('by a bug that one file meets answers the others of its group, each once', async () => {
    const { record, read } = setUp((healthy) => ({
      ...healthy,
      commit: async (changes) => {
        const sound = changes.filter((change) => change.kind !== 'update' || change.after.filename !== 'poison.csv')
        const results = await healthy.commit(sound)
        if (sound.length < changes.length) throw new TypeError('a bug')
        return results
      },
    }))
    const names = ['one.csv', 'poison.csv', 'other.csv']
    const ends = await Promise.allSettled(
      names.map((filename) => record([anUpdate({ filename, id: filename, done: 1 })])),
    )
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(ends.flatMap((end) => (end.status === 'fulfilled' ? end.value.map(word) : []))).toEqual([
      'created',
      'created',
    ])
    for (const name of ['one.csv', 'other.csv'])
      expect((await read.get(client(), fileName(name)))?.state.counts.done).toBe(1)
  })

  it.for(['open', 'commit'] as const)('by a bug in a %s tells a repeat from a first application', async (where) => {
    let ill = false
    const { record } = setUp((healthy) => ({
      ...healthy,
      open: async (requests) => {
        if (ill && where === 'open' && requests.length > 1) throw new TypeError('a bug')
        return healthy.open(requests)
      },
      commit: async (changes) => {
        const results = await healthy.commit(changes)
        if (ill && where === 'commit' && changes.length > 1) throw new TypeError('a bug')
        return results
      },
    }))
    const known = anUpdate({ id: 'known' })
    await record([known])
    ill = true
    // The repeat stands beside one of its own file that is new, and was in the commit whose fate was open.
    const group = [known, anUpdate({ id: 'new' }), anUpdate({ id: 'other', filename: 'other.csv' })]
    expect((await record(group)).map(word)).toEqual(['duplicate:present', 'updated', 'created'])
  })

  it.for([
    ['conflict', 'the file is written by others all the time'],
    ['unknown', 'the store did not say what became of a commit'],
  ] as const)('at each commit of a file with %s gives up in the end: %s', async ([result, why]) => {
    const { healthy, clock } = setUp()
    let now = 0
    const { record } = createRecorder({
      store: { ...healthy, commit: async (changes) => changes.map(() => result) },
      clock: {
        ...clock,
        monotonic: () => now,
        sleep: async (ms) => {
          now += ms
        },
      },
    })
    expect(await record([anUpdate()])).toMatchObject([{ kind: 'unavailable', cause: { message: why } }])
  })

  it.for(['has no answer', 'fails'] as const)(
    'after a while, when it %s: answers in time, also who waited behind',
    async (how) => {
      const { healthy, clock } = setUp()
      let now = 0
      const said: string[] = []
      const send = async (filename: string): Promise<void> => {
        for (const outcome of await record([anUpdate({ filename })]))
          said.push(`${filename} ${word(outcome)} at ${now}`)
      }
      let sending: Promise<unknown> = Promise.resolve()
      const { record } = createRecorder({
        store: {
          ...healthy,
          commit: async (changes) => {
            if (now > 0) return healthy.commit(changes)
            const behind = send('behind.csv')
            now = 8_000
            sending = Promise.all([behind, send('late.csv')])
            if (how === 'fails') throw new StoreUnavailable('no primary')
            return changes.map(() => 'conflict' as const)
          },
        },
        clock: { ...clock, monotonic: () => now },
      })
      await send('first.csv')
      await sending
      // The one that came so late has its own try, and finds the store well again.
      expect(said.sort()).toEqual([
        'behind.csv unavailable at 8000',
        'first.csv unavailable at 8000',
        'late.csv created at 8000',
      ])
    },
  )
})

/** The rules at their plainest: one file, one update after the other. */
const model = (updates: readonly RecordUpdate[]): { words: string[]; done: number } => {
  let owner: string | null = null
  let done = 0
  let endSentAt: number | null = null
  const seen = new Map<string, string>()
  const words = updates.map((update) => {
    const key = `${update.id} ${update.email}`
    const known = seen.get(key)
    if (known !== undefined) return known === update.hash ? 'duplicate:present' : 'IDEMPOTENCY_KEY_REUSED'
    if (owner !== null && owner !== update.email) return 'NOT_OWNER'
    if (endSentAt !== null && update.sentAt >= endSentAt) return 'PROGRESS_COMPLETED'
    const result = owner === null ? 'created' : 'updated'
    owner = update.email
    done += update.counts.done
    if (update.end !== undefined) endSentAt ??= update.sentAt
    seen.set(key, update.hash)
    return result
  })
  return { words, done }
}

const updateOf = fc.record({
  id: fc.integer({ min: 0, max: 6 }),
  body: fc.integer({ min: 1, max: 2 }),
  by: fc.constantFrom('ada', 'ada', 'ada', 'eve'),
  end: fc.boolean(),
  sentAt: fc.integer({ min: 0, max: 5 }),
  batch: fc.boolean(),
})

describe('any sequence of updates', () => {
  it('comes to what the plain model says, however it is cut into groups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(updateOf, { maxLength: 14 }), async (facts) => {
        const { record, read } = setUp()
        const updates = facts.map(({ id, body, by, end, sentAt }) =>
          anUpdate({
            id: String(id),
            hash: String(body),
            done: body,
            by,
            sentAt: NOON + sentAt,
            ...(end && body === 2 ? { end: 'succeeded' as const } : {}),
          }),
        )
        const words: string[] = []
        let batch: RecordUpdate[] = []
        for (const [index, update] of updates.entries()) {
          batch.push(update)
          if (facts[index]?.batch === true && index < updates.length - 1) continue
          words.push(...(await record(batch)).map(word))
          batch = []
        }
        const expected = model(updates)
        expect(words).toEqual(expected.words)
        expect((await read.get(client(), fileName()))?.state.counts.done ?? 0).toBe(expected.done)
      }),
      { numRuns: 300, seed: 20260115 },
    )
  })
})
