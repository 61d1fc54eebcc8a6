import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { UpdateId } from '@pebbles/core'
import { anUpdate, client, fileName, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'
import { expectWhole } from '../test/expect-whole.ts'
import type { MongoStore } from './index.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const FILES = 4
const writer = fileURLToPath(new URL('../test/writer.ts', import.meta.url))

interface Writer {
  readonly child: ChildProcess
  /** What it said was applied. */
  readonly lines: string[]
  readonly ended: Promise<number | null>
  /** Resolves when it has said so much. */
  readonly said: (lines: number) => Promise<void>
}

const startWriter = (uri: string, name: string, updates: number): Writer => {
  const child = spawn(process.execPath, [writer, uri, name, `${updates}`, `${FILES}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const waiting: { readonly lines: number; readonly done: () => void }[] = []
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => {
    lines.push(line)
    for (const wait of waiting) if (lines.length >= wait.lines) wait.done()
  })
  return {
    child,
    lines,
    ended: once(reader, 'close')
      .then(() => (child.exitCode === null ? once(child, 'exit') : []))
      .then(() => child.exitCode),
    said: (wanted) => new Promise((done) => waiting.push({ lines: wanted, done })),
  }
}

describe.skipIf(bench === null)('several processes on one replica set', () => {
  it('add up exactly, each update sent twice, though one is killed and one is stopped for a while', async () => {
    await using test = await (bench as NonNullable<typeof bench>).subject()
    const updates = 150
    const writers = ['a', 'b', 'c'].map((name) => startWriter(test.uri, name, updates))
    const [killed, stopped] = writers as [Writer, Writer, Writer]
    await killed.said(40)
    killed.child.kill('SIGKILL')
    stopped.child.kill('SIGSTOP')
    await killed.ended
    // What the killed one had acknowledged is there; what it had not is sent again by another under the same ids.
    const again = startWriter(test.uri, 'a', updates)
    await again.said(updates / 2)
    stopped.child.kill('SIGCONT')
    const codes = await Promise.all([...writers.slice(1), again].map(({ ended }) => ended))
    expect(codes).toEqual([0, 0, 0])

    const { read } = useCases(test)
    const each = Array.from({ length: updates }, (_, n) => n + 1)
    let lines = 0
    for (let file = 0; file < FILES; file += 1) {
      const found = await read.get(client(), fileName(`f${file}.csv`))
      const rows = (await read.history(client(), fileName(`f${file}.csv`), 1_000, 0))?.rows ?? []
      expect(rows.map(({ version }) => version)).toEqual(rows.map((_, index) => index + 1))
      expect(rows.reduce((sum, row) => sum + row.counts.done, 0)).toBe(found?.state.counts.done)
      expect(rows.reduce((sum, row) => sum + row.updates, 0)).toBe(
        3 * each.filter((n) => (n - 1) % FILES === file).length,
      )
      expect(found?.tables.error.reduce((sum, row) => sum + row.count, 0)).toBe(found?.state.issues.error.count)
      lines += found?.state.counts.done ?? 0
    }
    expect(lines).toBe(3 * each.reduce((sum, n) => sum + n, 0))
    const known = new Set(killed.lines.map((line) => line.split(' ').slice(0, 2).join(' ')))
    const repeated = again.lines.filter((line) => line.endsWith('duplicate:present duplicate:present'))
    expect(repeated.length).toBeGreaterThanOrEqual(known.size)
  })

  it('add up exactly while four write one file and another sweeps without end; no read misses what was answered', async () => {
    await using test = await (bench as NonNullable<typeof bench>).subject()
    const updates = 40
    const stores = await Promise.all([1, 2, 3, 4].map(() => test.connect()))
    const bad = 'no such customer'
    let answered = 0
    let writing = stores.length
    const write = async (store: MongoStore, name: number): Promise<void> => {
      const { record } = useCases({ ...test, store })
      for (let n = 0; n < updates; n += 1) {
        const id = `inner:${name} ${n}` as UpdateId
        const errors = n % 4 === 0 ? [bad] : []
        // One that others were always before may be told to come again.
        while (word((await record([{ ...anUpdate({ done: 1, errors }), id }]))[0]) === 'unavailable');
        answered += 1
      }
      writing -= 1
    }
    const read = async (): Promise<number> => {
      const reads = useCases(test).read
      let times = 0
      for (; writing > 0; times += 1) {
        const least = answered
        const [one, list] = [await reads.get(client(), fileName()), await reads.list({ client: client() }, 10, null)]
        for (const seen of [one?.state, list.files[0]]) expect(seen?.counts.done ?? 0).toBeGreaterThanOrEqual(least)
        const patterns = one?.tables.error ?? []
        expect(patterns.reduce((sum, { count }) => sum + count, 0)).toBe(one?.state.issues.error.count ?? 0)
      }
      return times
    }
    const sweep = async (): Promise<number> => {
      let times = 0
      for (; writing > 0; times += 1) await test.store.sweep()
      return times
    }
    const [reads, sweeps] = await Promise.all([read(), sweep(), ...stores.map(write)])
    expect(Math.min(reads, sweeps)).toBeGreaterThan(3)
    const errors = Array.from({ length: stores.length * (updates / 4) }, () => bad)
    await expectWhole(test, { done: stores.length * updates, errors })
    await Promise.all(stores.map((store) => store.close()))
  })
})
