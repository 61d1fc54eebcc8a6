import type { ClientKrn, FileName, UpdateId } from '@pebbles/core'
import { expect, it, vi } from 'vitest'
import type { DeadLetterRow, Replayed } from '../src/index.ts'
import { anUpdate, CLIENT, type TestStore } from './open-test-store.ts'

/** A way in with a dead-letter destination, and what an operator does with it. */
export interface LetterDriver extends AsyncDisposable {
  readonly store: TestStore['store']
  readonly send: (messages: readonly object[]) => Promise<void>
  /** How many messages are not settled yet. */
  readonly waiting: () => Promise<number>
  readonly letters: () => Promise<readonly DeadLetterRow[]>
  readonly replay: () => Promise<Replayed>
}

const ELSEWHERE = 'krn:zeta:client:1' as ClientKrn
const FILE = 'a.csv' as FileName

/** Holds a way in to what a sender meets whose file an operator moved to another client. */
export const describeMovedFile = (open: () => Promise<LetterDriver>): void => {
  it('puts updates of a file that was moved aside, refuses them again on a replay, and takes them once it is back', async () => {
    await using driver = await open()
    const { store, letters, replay } = driver
    const settled = () =>
      vi.waitFor(async () => expect(await driver.waiting()).toBe(0), { timeout: 60_000, interval: 100 })
    const send = async (...messages: readonly object[]): Promise<void> => {
      await driver.send(messages)
      await settled()
    }
    const move = async (from: ClientKrn, to: ClientKrn, id: UpdateId) =>
      expect(await store.moves.move({ from, to, filename: FILE, at: Date.now(), id })).toMatchObject({ kind: 'moved' })
    const at = async (client: ClientKrn) => {
      const state = (await store.get(client, FILE))?.state
      return state === undefined ? null : [state.counts.done, state.issues.error.count]
    }
    const known = anUpdate({ updateId: 'known' })
    await send(known, anUpdate())
    await move(CLIENT, ELSEWHERE, 'inner:there')

    const late = anUpdate({ updateId: 'late', counts: { done: 10, warn: 0, failed: 0 }, errors: [{ message: 'bad' }] })
    // A repeat of what it has already is no news, wherever it is now.
    await send(late, known, anUpdate({ counts: { done: 100, warn: 0, failed: 0 } }))
    const tried = async () => (await letters()).map(({ code, attempts }) => `${code} ${attempts}`)
    expect(await tried()).toEqual(['FILE_MOVED 1', 'FILE_MOVED 1'])
    expect([await at(CLIENT), await at(ELSEWHERE)]).toEqual([null, [2, 0]])

    expect(await replay()).toMatchObject({ replayed: 2, left: 0 })
    await settled()
    expect(await tried()).toEqual(['FILE_MOVED 2', 'FILE_MOVED 2'])
    // Whoever knows the new place sends it there: it counts, and the letter of the same id is then a repeat.
    await send({ ...late, clientKrn: ELSEWHERE })
    expect([await at(CLIENT), await at(ELSEWHERE)]).toEqual([null, [12, 1]])

    await move(ELSEWHERE, CLIENT, 'inner:back')
    expect(await replay()).toMatchObject({ replayed: 2, left: 0 })
    await settled()
    expect(await letters()).toEqual([])
    expect([await at(CLIENT), await at(ELSEWHERE)]).toEqual([[112, 1], null])
    expect(await replay()).toMatchObject({ replayed: 0, left: 0 })
  })
}
