import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { FileId } from '@pebbles/core'
import { anUpdate, client, fileName, useCases } from '@pebbles/core/testing'
import { type MongoTopology, orSkip, startMongo } from '@pebbles/services'
import { ObjectId } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type BenchSubject, createBench } from '../test/bench.ts'

const TOPOLOGIES: readonly MongoTopology[] = ['standalone', 'replica-set', 'sharded']
const servers = await Promise.all(TOPOLOGIES.map((topology) => orSkip(startMongo({ topology }))))

const writer = fileURLToPath(new URL('../test/writer.ts', import.meta.url))
const FILES = 4
const ROUNDS = 8
/** Two looks and the feed take up to 2.5 s where nothing else goes on. */
const WITHIN_MS = 20_000

/** Lets a process write a few files without pause, and kills it. */
const writeAndDie = async (uri: string): Promise<void> => {
  const child = spawn(process.execPath, [writer, uri, 'killed', '100000', `${FILES}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let lines = 0
  const reader = createInterface(child.stdout)
  reader.on('line', () => {
    lines += 1
    if (lines === 400) child.kill('SIGKILL')
  })
  await once(reader, 'close')
}

/** The versions that one hears of who follows the feed, until it is disposed of. */
const follow = ({ store }: BenchSubject, start: string): AsyncDisposable & { heard: ReadonlyMap<FileId, number> } => {
  const heard = new Map<FileId, number>()
  let left = false
  const following = (async () => {
    for (let position = start; !left; ) {
      const page = await store.changes(position, 100)
      for (const event of page?.events ?? [])
        if (event.kind === 'changed') heard.set(event.state.fileId, event.state.version)
      position = page?.position ?? position
      if (page?.events.length === 0) await store.awaitChange(position, 1_000)
    }
  })()
  return {
    heard,
    [Symbol.asyncDispose]: async () => {
      left = true
      await following
    },
  }
}

const headsOf = async ({ raw }: BenchSubject): Promise<ReadonlyMap<FileId, number>> => {
  const heads = raw.journal.aggregate<{ _id: FileId; version: number }>([
    { $group: { _id: '$fileId', version: { $max: '$version' } } },
  ])
  return new Map((await heads.toArray()).map(({ _id, version }) => [_id, version]))
}

for (const [index, topology] of TOPOLOGIES.entries()) {
  const mongo = servers[index] ?? null
  describe.skipIf(mongo === null)(`who follows the feed, ${topology}`, () => {
    if (mongo === null) return
    const bench = createBench(mongo)
    afterAll(() => bench.stop())

    it('hears of all that a killed process has answered, though nobody reads and nobody sweeps', async () => {
      let behind = 0
      for (let round = 0; round < ROUNDS && behind === 0; round += 1) {
        await using test = await bench.subject()
        await using following = follow(test, await test.store.position())
        await writeAndDie(test.uri)
        const heads = await headsOf(test)
        const documents = await test.raw.progress.find({}, { projection: { fileId: 1, version: 1 } }).toArray()
        behind = documents.filter(({ fileId = '' as FileId, version = 0 }) => version < (heads.get(fileId) ?? 0)).length
        await expect
          .poll(() => Object.fromEntries(following.heard), { timeout: WITHIN_MS })
          .toEqual(Object.fromEntries(heads))
      }
      expect(behind).toBeGreaterThan(0)
    })

    it('looks ever less at files that were brought forward already, as long as their marks stand', async () => {
      await using test = await bench.subject()
      await useCases(test).record([anUpdate()])
      const file = await test.raw.progress.findOne({}, { projection: { fileId: 1 } })
      const mark = { clientKrn: client(), filename: fileName(), fileId: file?.fileId ?? ('' as FileId) }
      await test.raw.behind.insertOne({ _id: new ObjectId(), ...mark, owner: 'dead', at: new Date() })
      const finds = { progress_behind: 0, journal: 0 }
      let seconds = 0
      await using follower = await test.connect({
        clock: { ...test.clock, monotonic: () => seconds * 1_000 },
        watch: {
          ...bench.guard,
          started: (event) => {
            bench.guard.started(event)
            if (event.commandName === 'find') finds[event.command['find'] as keyof typeof finds] += 1
          },
        },
      })
      const position = await follower.position()
      for (finds.progress_behind = 0; finds.progress_behind < 20; ) {
        const looks = finds.progress_behind
        seconds += 1
        await expect
          .poll(() => follower.changes(position, 1).then(() => finds.progress_behind), { interval: 5 })
          .toBe(looks + 1)
      }
      expect(finds.journal).toBeGreaterThan(0)
      expect(finds.journal).toBeLessThan(6)
    })
  })
}
