import { setTimeout as delay } from 'node:timers/promises'
import { type ClientKrn, createRecorder, type FileName, type ProgressReader, type RejectedMessage } from '@pebbles/core'
import { createMemoryStore, createTestClock, newFileId } from '@pebbles/core/testing'
import { expect, it, vi } from 'vitest'
import { DRIVEN_FILES, DRIVEN_PHASES } from './driven-updates.ts'
import { type DrivenMessage, recordByHand } from './record-by-hand.ts'

type Refused = Pick<RejectedMessage, 'body' | 'code'>

/** A way in, from its sender to its store, with no dead-letter destination set. */
export interface Driver extends AsyncDisposable {
  readonly store: Pick<ProgressReader, 'get'> & {
    readonly rejected: { readonly list: (limit: number, after: number) => Promise<readonly Refused[]> }
  }
  /** Sends messages, which arrive in order. */
  readonly send: (messages: readonly object[]) => Promise<void>
  /** How many messages are not settled yet. */
  readonly waiting: () => Promise<number>
}

/** Holds a way in to what the use case itself makes of the same updates: the same state, the same refusals and codes. */
export const describeDriver = (open: () => Promise<Driver>): void => {
  it('makes of each update what the use case makes of it', async () => {
    await using driver = await open()
    const expected = await byUseCase()
    for (const phase of DRIVEN_PHASES) {
      // What is sent after an update is sent later, by any clock.
      await delay(20)
      await driver.send(phase)
      await vi.waitFor(async () => expect(await driver.waiting()).toBe(0), { timeout: 30_000, interval: 100 })
    }
    const kept = await driver.store.rejected.list(1_000, 0)
    const refusals = kept.map(({ body, code }) => [numberIn(body), code] as const).sort((a, b) => a[0] - b[0])
    expect(refusals).toEqual(expected.refusals)
    expect(await filesOf(driver.store, DRIVEN_FILES)).toEqual(expected.files)
  })
}

const numberIn = (body: Uint8Array | null): number =>
  (JSON.parse(new TextDecoder().decode(body ?? new Uint8Array())) as { n: number }).n

const byUseCase = async () => {
  const clock = createTestClock()
  const store = createMemoryStore({ newFileId })
  const { record } = createRecorder({ store, clock })
  const refusals: (readonly [number, string])[] = []
  for (const message of DRIVEN_PHASES.flat() as DrivenMessage[]) {
    clock.advance(20)
    const outcome = await recordByHand(record, message, clock.now())
    if (outcome !== 'applied' && outcome !== 'duplicate') refusals.push([message.n, outcome])
  }
  return { refusals, files: await filesOf(store, DRIVEN_FILES) }
}

/** What can be read of these files, but for times and ids. */
export const filesOf = async (
  store: Pick<ProgressReader, 'get'>,
  names: typeof DRIVEN_FILES,
): Promise<readonly unknown[]> => {
  const files: unknown[] = []
  for (const [client, filename] of names) {
    const found = await store.get(client as ClientKrn, filename as FileName)
    if (found === null) {
      files.push(null)
      continue
    }
    const { email, counts, total, completion, issues } = found.state
    const ended = completion === null ? null : { outcome: completion.outcome, reason: completion.reason }
    files.push({
      filename,
      email,
      counts,
      total,
      ended,
      issues: [issues.error.count, issues.warning.count],
      tables: found.tables,
    })
  }
  return files
}
