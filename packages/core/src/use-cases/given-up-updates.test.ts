import { describe, expect, it } from 'vitest'
import { anUpdate, createMemoryStore, createTestClock, newFileId, word } from '../../testing/index.ts'
import { type Change, StoreUnavailable } from '../ports/progress-store.ts'
import type { RecordUpdate } from '../progress/update.ts'
import { createRecorder } from './record-updates.ts'

describe('an update that is given up', () => {
  /** Groups of two. The first update meets this until all is well; the others would not. Each look at the clock takes time. */
  const setUpIll = (how: 'an outage' | 'other writers' | 'a bug') => {
    const healthy = createMemoryStore({ newFileId })
    const clock = createTestClock()
    let [ill, now] = [true, 0]
    const { record } = createRecorder({
      store: {
        ...healthy,
        commit: async (changes) => {
          if (!ill || !changes.some(holdsFirst)) return healthy.commit(changes)
          if (how === 'other writers') return changes.map(() => 'conflict' as const)
          throw how === 'an outage' ? new StoreUnavailable('no primary') : new TypeError('a bug')
        },
      },
      clock: {
        ...clock,
        monotonic: () => {
          now += 11
          return now
        },
        sleep: async (ms) => {
          now += ms
        },
      },
      maxGroupUpdates: 2,
    })
    const getWell = (): void => {
      ill = false
    }
    return { record, getWell }
  }
  /** The third would own the file if it came first. */
  const commands = (issues = 0): RecordUpdate[] =>
    ['ada', 'ada', 'eve', 'ada'].map((by, n) =>
      anUpdate({ id: `u${n}`, by, errors: n === 3 ? Array.from({ length: issues }, (_, n) => `bad value ${n}`) : [] }),
    )
  const holdsFirst = (change: Change): boolean =>
    change.kind === 'update' && change.entry.updates.some(({ id }) => id === 'caller:u0')
  const inOrder = ['created', 'updated', 'NOT_OWNER', 'updated']

  it.for([
    ['an outage', 0],
    // The last is being prepared still when the first are given up.
    ['an outage', 50_000],
    ['other writers', 0],
  ] as const)('by %s is not overtaken by what its call brings after it, with %s issues', async ([how, issues]) => {
    const { record, getWell } = setUpIll(how)
    expect((await record(commands(issues))).map(word)).toEqual(Array.from({ length: 4 }, () => 'unavailable'))
    getWell()
    expect((await record(commands(issues))).map(word)).toEqual(inOrder)
  })

  it('by a bug takes along what its call brings after it', async () => {
    const { record, getWell } = setUpIll('a bug')
    await expect(record(commands())).rejects.toThrow('a bug')
    getWell()
    expect((await record(commands())).map(word)).toEqual(inOrder)
  })

  it('holds up no other file of its call, and no other call', async () => {
    const { record } = setUpIll('an outage')
    const [its, another] = await Promise.all([
      record([...commands(), anUpdate({ filename: 'other.csv' })]),
      record([anUpdate()]),
    ])
    expect(its.map(word)).toEqual([...Array.from({ length: 4 }, () => 'unavailable'), 'created'])
    expect(another.map(word)).toEqual(['created'])
  })
})
