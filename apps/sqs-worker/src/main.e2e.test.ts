import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { anUpdate, startStoreKinds } from '@pebbles/intake/testing'
import { freePort, orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createSqsBench, type SqsBench } from '../test/bench.ts'
import { startWorker } from '../test/start-worker.ts'

const FILES = 5
/** More than a worker takes in hand. */
const MANY = 12_000
const server = await orSkip(startElasticMq())
const stores = await startStoreKinds()
/** How long a poll waits, and a little. */
const POLL_MS = 8_000
const patience = { timeout: 90_000, interval: 50 }

const sums = async (bench: SqsBench): Promise<number> => {
  const found = await Promise.all(Array.from({ length: FILES }, (_, index) => bench.done(`f${index}.csv`)))
  return found.reduce<number>((sum, done) => sum + (done ?? 0), 0)
}

const manyUpdates = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => anUpdate({ filename: `f${index % FILES}.csv` }))

afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

// Most of the time messages wait until one that was killed no longer hides them.
describe.skipIf(server === null).each(stores.kinds)('an SQS worker on $name', { concurrent: true }, (kind) => {
  if (server === null) return

  it('counts exactly through a kill in the middle of its work', async () => {
    await using bench = await createSqsBench(server.endpoint, kind)
    const queue = await bench.queue('updates')
    await queue.send(manyUpdates(400))
    {
      await using worker = startWorker(bench, queue, server.endpoint)
      await vi.waitFor(async () => expect(await sums(bench), worker.said()).toBeGreaterThan(0), patience)
      worker.child.kill('SIGKILL')
      await worker.ended
    }
    // What it had in hand is hidden for half a minute.
    await using next = startWorker(bench, queue, server.endpoint)
    await vi.waitFor(async () => expect(await queue.left(), next.said()).toBe(0), patience)
    expect(await sums(bench)).toBe(400)
  })

  it('ends with 0 on SIGTERM under load, and the next one finds nothing that was done already', async () => {
    await using bench = await createSqsBench(server.endpoint, kind)
    const queue = await bench.queue('updates')
    await Promise.all(Array.from({ length: 8 }, () => queue.send(manyUpdates(MANY / 8))))
    await using worker = startWorker(bench, queue, server.endpoint)
    await vi.waitFor(async () => expect(await sums(bench), worker.said()).toBeGreaterThan(50), patience)
    worker.child.kill('SIGTERM')
    // It ends with 1 when it is not done within 10 s.
    expect(await worker.ended, worker.said()).toBe(0)
    const [applied, visible, left] = [await sums(bench), await queue.depth(), await queue.left()]
    expect([applied + visible, left - visible]).toEqual([MANY, 0])
    expect(visible).toBeGreaterThan(0)

    const port = await freePort()
    await using next = startWorker(bench, queue, server.endpoint, { WORKER_PORT: String(port) })
    await vi.waitFor(async () => expect(await queue.left(), next.said()).toBe(0), patience)
    expect(await sums(bench)).toBe(MANY)
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toMatch(new RegExp(`^pebbles_updates_total{[^}]*outcome="applied"[^}]*} ${visible}$`, 'm'))
    expect(metrics).not.toMatch(/^pebbles_updates_total{[^}]*outcome="duplicate"[^}]*} [1-9]/m)
  })
})

describe.skipIf(server === null)('the process of the SQS worker', { concurrent: true }, () => {
  if (server === null) return

  it('counts what a killed worker had in hand, though the end of the file overtook it', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates')
    {
      await using killed = startWorker(bench, queue, server.endpoint)
      await killed.logged('taking messages')
      // While the file is locked it can take the message, and no more.
      using lock = new DatabaseSync(join(bench.folder, 'pebbles.sqlite'), { timeout: 30_000 })
      lock.exec('BEGIN IMMEDIATE')
      await queue.send([anUpdate({ counts: { done: 7, warn: 0, failed: 0 } })])
      await vi.waitFor(
        async () => expect([await queue.depth(), await queue.left()], killed.said()).toEqual([0, 1]),
        patience,
      )
      killed.child.kill('SIGKILL')
      await killed.ended
    }
    // A poll of the killed one may wait at the queue still, and would take it.
    await setTimeout(POLL_MS)
    await queue.send([anUpdate({ isLast: true, outcome: 'failed' })])
    await using next = startWorker(bench, queue, server.endpoint)
    const completion = { outcome: 'failed' }
    await vi.waitFor(
      async () => expect(await bench.state(), next.said()).toMatchObject({ counts: { done: 1 }, completion }),
      patience,
    )
    await vi.waitFor(async () => expect(await queue.left(), next.said()).toBe(0), patience)
    expect(await bench.state()).toMatchObject({ counts: { done: 8 }, completion })
  })

  it('does nothing and ends with 0 unless it is enabled', async () => {
    await using bench = await createSqsBench(server.endpoint)
    await using worker = startWorker(bench, { url: `${server.endpoint}/0/none` }, server.endpoint, {
      SQS_ENABLED: 'false',
    })
    expect(await worker.ended).toBe(0)
    expect(worker.said()).toContain('SQS_ENABLED is not true')
  })

  it('does not start with a dead-letter queue that is the queue', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const url = `${server.endpoint}/0/updates`
    await using worker = startWorker(bench, { url }, server.endpoint, { SQS_DLQ_URL: `${url}/` })
    expect(await worker.ended).toBe(78)
    expect(worker.said()).toContain('SQS_DLQ_URL is the queue itself')
  })
})
