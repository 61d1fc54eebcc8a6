import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Clock, FileId } from '@pebbles/core'
import { openSqliteStore, type SqliteStore } from '../src/index.ts'

/** A folder of one test, gone after it. */
export const temporaryFolder = (): Disposable & { readonly path: string; readonly file: string } => {
  const path = mkdtempSync(join(tmpdir(), 'pebbles-sqlite-'))
  return {
    path,
    file: join(path, 'store.db'),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => setTimeout(ms),
  pause: () => setImmediate(),
  random: () => Math.random(),
}

export const ids = { fileId: () => randomBytes(12).toString('hex') as FileId }

export const openStore = (path: string, by: Clock = clock): Promise<SqliteStore> =>
  openSqliteStore({ path, clock: by, ids })

/** Pseudo-random, the same in each run. */
export const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Copies by another process: to open and close a database file here would drop the locks SQLite holds on it. */
export const copyFile = (from: string, to: string): void => {
  execFileSync('cp', [from, to])
}
