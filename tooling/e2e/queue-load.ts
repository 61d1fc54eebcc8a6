import { setTimeout as delay } from 'node:timers/promises'
import type { FileName } from '@pebbles/core'
import { createRandom } from '@pebbles/core/testing'
import { anUpdate, CLIENT, type TestStore, type WorkerProcess } from '@pebbles/intake/testing'
import { expect } from 'vitest'

export interface LoadFacts {
  readonly messages: number
  readonly files: number
  /** The share that repeats an earlier message with the same `updateId`. */
  readonly repeated: number
  readonly malformed: number
}

export interface Load {
  /** In the order of sending. */
  readonly messages: readonly { readonly key: string; readonly body: string }[]
  /** The sum that each file has to come to. */
  readonly sums: ReadonlyMap<FileName, number>
  /** Bodies that are to be refused, and the code of each. */
  readonly refused: ReadonlyMap<string, string>
}

const MALFORMED: readonly (readonly [code: string, write: (n: number) => string])[] = [
  ['INVALID_BODY', (n) => `{"n": ${n}, "filename": `],
  ['INVALID_BODY', (n) => JSON.stringify(anUpdate({ n, counts: { done: -1, warn: 0, failed: 0 } }))],
  ['NO_EMAIL', (n) => JSON.stringify(anUpdate({ n, email: undefined }))],
  ['INVALID_CLIENT_KRN', (n) => JSON.stringify(anUpdate({ n, clientKrn: 'acme' }))],
]

/** The seed of the run: another each time, or the one of `PEBBLES_SEED`. It is printed, to run the same again. */
export const seedOfRun = (): number => {
  const seed = Number(process.env['PEBBLES_SEED'] ?? Math.floor(Math.random() * 1e9))
  process.stdout.write(`PEBBLES_SEED=${seed}\n`)
  return seed
}

/** The same load for the same seed. */
export const planLoad = (seed: number, { messages: count, files, repeated, malformed }: LoadFacts): Load => {
  const random = createRandom(seed)
  const messages: { key: string; body: string }[] = []
  const known: { key: string; body: string }[] = []
  const sums = new Map<FileName, number>()
  const refused = new Map<string, string>()
  for (let n = 0; n < count; n += 1) {
    const drawn = random()
    const filename = `f${Math.floor(random() * files)}.csv` as FileName
    const key = `${CLIENT}/${filename}`
    if (drawn < malformed) {
      const [code, write] = MALFORMED[n % MALFORMED.length] as (typeof MALFORMED)[number]
      const body = write(n)
      refused.set(body, code)
      messages.push({ key, body })
      continue
    }
    const again = known[Math.floor(random() * known.length)]
    if (drawn < malformed + repeated && again !== undefined) {
      messages.push(again)
      continue
    }
    const done = 1 + Math.floor(random() * 5)
    const named = random() < 0.5
    const update = anUpdate({ filename, counts: { done, warn: 0, failed: 0 }, ...(named ? { updateId: `u${n}` } : {}) })
    const message = { key, body: JSON.stringify(update) }
    if (named) known.push(message)
    sums.set(filename, (sums.get(filename) ?? 0) + done)
    messages.push(message)
  }
  return { messages, sums, refused }
}

/** The files whose sum is another than it has to be. */
export const wrongSums = async ({ store }: TestStore, sums: Load['sums']): Promise<readonly unknown[]> => {
  const wrong: unknown[] = []
  for (const [filename, sum] of sums) {
    const done = (await store.get(CLIENT, filename))?.state.counts.done ?? null
    if (done !== sum) wrong.push({ filename, done, sum })
  }
  return wrong
}

export interface Letter {
  readonly body: string
  readonly code: string | undefined
  readonly reason: string | undefined
  readonly updateId: string | undefined
}

/** A letter may be there twice when its sender was killed before it was acknowledged: under one id. */
export const expectLetters = (letters: readonly Letter[], refused: Load['refused']): void => {
  const byId = new Map(letters.map((letter) => [letter.updateId, letter]))
  expect(letters.filter(({ reason, updateId }) => !reason || !updateId)).toEqual([])
  expect(byId.size).toBe(refused.size)
  expect(new Map([...byId.values()].map(({ body, code }) => [body, code]))).toEqual(refused)
}

export interface LivesFacts {
  readonly start: () => WorkerProcess
  /** What it logs when it has begun to take messages. */
  readonly begun: string
  readonly random: () => number
  readonly kills: number
  /** A life lasts at most so long beyond its beginning. */
  readonly lastsMs: number
  readonly onKilled: () => Promise<void>
}

/** Starts a worker and kills it, again and again: at its work, or before it has begun. */
export const liveAndDie = async ({ start, begun, random, kills, lastsMs, onKilled }: LivesFacts): Promise<void> => {
  for (let life = 0; life < kills; life += 1) {
    const [early, lasts] = [random() < 0.4, random() * lastsMs]
    await using worker = start()
    if (!early) await worker.logged(begun)
    await delay(lasts)
    worker.child.kill('SIGKILL')
    expect(await worker.ended, worker.said()).toBe('SIGKILL')
    await onKilled()
  }
}
