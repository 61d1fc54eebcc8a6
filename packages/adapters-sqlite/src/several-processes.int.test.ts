import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClientKrn, FileState } from '@pebbles/core'
import { expect, it } from 'vitest'
import { openStore, temporaryFolder } from '../test/harness.ts'
import type { SqliteStore } from './index.ts'

const CLIENT = 'krn:acme:client:prod-001' as ClientKrn
const FILES = 5

it('four processes that write the same files add up exactly, each file with one journal without a gap', async () => {
  using folder = temporaryFolder()
  const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(folder.file, name, 60))
  await Promise.all(writers.map((writer) => writer.ready))
  for (const writer of writers) writer.go()
  expect(await Promise.all(writers.map((writer) => writer.exit))).toEqual([0, 0, 0, 0])

  await using store = await openStore(folder.file)
  expect(await linesDone(store)).toBe(240)
  expect(await store.sums(CLIENT, 0)).toMatchObject({
    files: FILES,
    running: FILES,
    counts: { done: 240n, failed: 240n },
  })
}, 60_000)

it('a process killed in the middle loses nothing it acknowledged, and its repeats are not added twice', async () => {
  using folder = temporaryFolder()
  const steady = startWriter(folder.file, 'steady', 150)
  await steady.ready
  let acknowledged = 0
  for (const killAfter of [1, 20, 40]) {
    const doomed = startWriter(folder.file, 'doomed', 100)
    await doomed.ready
    steady.go()
    doomed.go()
    await doomed.acknowledges(killAfter)
    doomed.kill()
    await doomed.exit
    acknowledged = Math.max(acknowledged, doomed.acknowledged())
  }
  expect(acknowledged).toBeGreaterThanOrEqual(40)
  const last = startWriter(folder.file, 'doomed', 100)
  await last.ready
  last.go()
  expect(await Promise.all([last.exit, steady.exit])).toEqual([0, 0])

  await using store = await openStore(folder.file)
  expect(await linesDone(store)).toBe(250)
}, 60_000)

/** Checks each file's journal, issues and sums against each other, and adds up the files. */
const linesDone = async (store: SqliteStore): Promise<number> => {
  const files = await store.list({ client: CLIENT, stalledBefore: 0 }, 100, null)
  for (const file of files) await checkFile(store, file)
  return files.reduce((sum, file) => sum + file.counts.done, 0)
}

const checkFile = async (store: SqliteStore, file: FileState): Promise<void> => {
  const history = await store.history(file, 10_000, 0)
  expect(history.map((row) => row.version)).toEqual(Array.from({ length: file.version }, (_, index) => index + 1))
  expect(history.reduce((sum, row) => sum + row.counts.done, 0)).toBe(file.counts.done)
  const issues = await store.issues(file, 'error', null, 10_000, null)
  expect(issues).toHaveLength(file.counts.done)
  expect(new Set(issues.map((issue) => issue.message)).size).toBe(file.counts.done)
  expect(file.issues.error.count).toBe(file.counts.done)
  const found = await store.get(file.client, file.filename)
  expect(found?.tables.error.reduce((sum, row) => sum + row.count, 0)).toBe(file.counts.done)
}

interface Writer {
  readonly ready: Promise<unknown>
  readonly exit: Promise<number | null>
  readonly go: () => void
  readonly kill: () => void
  readonly acknowledged: () => number
  readonly acknowledges: (count: number) => Promise<void>
}

const startWriter = (path: string, name: string, updates: number): Writer => {
  const script = fileURLToPath(new URL('../test/writer.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, [script, path, name, String(updates), String(FILES)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let lines = 0
  child.stdout?.on('data', (data: Buffer) => {
    lines += data.toString().split('\n').length - 1
  })
  const exit = once(child, 'exit').then(([code]) => code as number | null)
  return {
    ready: Promise.race([
      once(child.stdout as NonNullable<typeof child.stdout>, 'data'),
      exit.then((code) => Promise.reject(new Error(`the writer ended with ${code}`))),
    ]),
    exit,
    go: () => child.stdin?.write('go\n'),
    kill: () => child.kill('SIGKILL'),
    acknowledged: () => lines - 1,
    acknowledges: async (count) => {
      while (lines - 1 < count && child.exitCode === null) {
        await Promise.race([once(child.stdout as NonNullable<typeof child.stdout>, 'data'), exit])
      }
    },
  }
}
