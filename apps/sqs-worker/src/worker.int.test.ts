import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FileName } from '@pebbles/core'
import { anUpdate, CLIENT } from '@pebbles/intake/testing'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createSqsBench } from '../test/bench.ts'

const server = await orSkip(startElasticMq())
const patience = { timeout: 20_000, interval: 100 }

describe.skipIf(server === null)('the SQS worker', () => {
  if (server === null) return
  afterAll(() => server.stop())

  it('applies each update once, however often it is sent', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates')
    const updates = Array.from({ length: 40 }, (_, index) =>
      anUpdate({ filename: `f${index % 4}.csv`, updateId: `u${index}` }),
    )
    await queue.send([...updates, ...updates.slice(0, 20)])
    bench.start(queue)
    await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patience)
    await vi.waitFor(async () => {
      const found = await Promise.all([0, 1, 2, 3].map((index) => bench.done(`f${index}.csv`)))
      expect(found).toEqual([10, 10, 10, 10])
    }, patience)
  })

  it('puts what is refused into the dead-letter queue, with its reason and its sender’s attributes', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
    await queue.send(['{"no": json', anUpdate({ email: undefined })], {
      trace: { DataType: 'String', StringValue: 'kept' },
    })
    await queue.send([anUpdate()])
    bench.start(queue, { deadLetterUrl: dead.url })
    await vi.waitFor(async () => expect(await dead.depth()).toBe(2), patience)
    await vi.waitFor(async () => expect(await bench.done()).toBe(1), patience)
    const letters = await dead.drain()
    const facts = letters.map(({ Body, MessageAttributes = {} }) => ({
      body: Body,
      code: MessageAttributes['pebbles-code']?.StringValue,
      attempts: MessageAttributes['pebbles-attempts']?.StringValue,
      trace: MessageAttributes['trace']?.StringValue,
      id: MessageAttributes['pebbles-update-id']?.StringValue?.startsWith('derived:sqs:'),
    }))
    expect(facts.sort((a, b) => String(a.code).localeCompare(String(b.code)))).toEqual([
      { body: '{"no": json', code: 'INVALID_BODY', attempts: '1', trace: 'kept', id: true },
      {
        body: JSON.stringify(anUpdate({ email: undefined })),
        code: 'NO_EMAIL',
        attempts: '1',
        trace: 'kept',
        id: true,
      },
    ])
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 0 })
  })

  it('keeps what is refused in the store while there is no dead-letter queue', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates')
    await queue.send(['not json'])
    bench.start(queue, { deadLetterUrl: `${queue.url}-that-is-not-there` })
    await vi.waitFor(async () => expect(await bench.store.rejected.size()).toMatchObject({ messages: 1 }), patience)
    const [kept] = await bench.store.rejected.list(1, 0)
    expect(kept).toMatchObject({ channel: 'sqs', code: 'INVALID_BODY', attempts: 1 })
    expect(Buffer.from(kept?.body ?? []).toString()).toBe('not json')
  })

  it('stops while the store is away, loses nothing, uses up no receives, and goes on by itself', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const spent = await bench.queue('spent')
    const redrive = JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${spent.url.split('/').at(-1)}`,
      maxReceiveCount: '2',
    })
    const queue = await bench.queue('updates', { RedrivePolicy: redrive, VisibilityTimeout: '1' })
    await queue.send(Array.from({ length: 25 }, () => anUpdate()))
    let away = true
    let asked = 0
    const worker = bench.start(queue, {
      record: async (commands) =>
        away
          ? commands.map(() => ({ kind: 'unavailable' as const, cause: new Error('away') }))
          : bench.record(commands),
      ping: async () => {
        asked += 1
        if (away) throw new Error('away')
      },
      polling: { waitSeconds: 1, visibilitySeconds: 1 },
    })
    // Longer than a message is hidden, several times.
    await vi.waitFor(() => expect(asked).toBeGreaterThan(4), patience)
    expect(await worker.checks.intake()).toMatchObject({ ok: false })
    expect(await bench.done()).toBeNull()
    away = false
    await vi.waitFor(async () => expect(await bench.done()).toBe(25), patience)
    expect(await worker.checks.intake()).toEqual({ ok: true })
    expect(await spent.depth()).toBe(0)
  })

  it('keeps the order of a group, and is not held up by a refused message in it', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates', { FifoQueue: 'true' })
    await queue.send(
      [
        anUpdate({ total: 5 }),
        anUpdate({ email: 'eve@example.com' }),
        anUpdate({ total: 9 }),
        anUpdate({ isLast: true }),
      ],
      {},
      'one',
    )
    bench.start(queue)
    await vi.waitFor(async () => expect(await bench.store.rejected.size()).toMatchObject({ messages: 1 }), patience)
    await vi.waitFor(async () => expect(await queue.depth()).toBe(0), patience)
    const found = await bench.store.get(CLIENT, 'a.csv' as FileName)
    expect(found?.state).toMatchObject({ email: 'ada@example.com', total: 9, counts: { done: 3 } })
    expect(found?.state.completion).not.toBeNull()
  })

  it('counts once what comes again during a commit that takes longer than messages are hidden', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates')
    await queue.send(Array.from({ length: 20 }, () => anUpdate()))
    const commit = Promise.withResolvers<void>()
    let handed = 0
    bench.start(queue, {
      client: { ...bench.client, setVisibility: () => Promise.reject(new Error('away')) },
      polling: { waitSeconds: 1, visibilitySeconds: 1 },
      record: async (commands) => {
        handed += commands.length
        await commit.promise
        return bench.record(commands)
      },
    })
    // No more than once more: who gets less than it asked for asks for no more at once, and all of them wait here.
    await vi.waitFor(() => expect(handed).toBeGreaterThan(20), patience)
    commit.resolve()
    // The receipts of the first deliveries are no longer good, and ElasticMQ says so.
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    expect(await bench.done()).toBe(20)
  })

  it('takes what the example of the guide sends, once', async () => {
    await using bench = await createSqsBench(server.endpoint)
    const queue = await bench.queue('updates')
    bench.start(queue)
    const example = fileURLToPath(new URL('../test/send-update.mjs', import.meta.url))
    const env = { ...process.env, ...{ SQS_QUEUE_URL: queue.url, SQS_ENDPOINT: server.endpoint } }
    for (let times = 0; times < 2; times += 1) await promisify(execFile)(process.execPath, [example], { env })
    await vi.waitFor(async () => expect(await bench.done('orders.csv')).toBe(500), patience)
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    expect(await bench.done('orders.csv')).toBe(500)
  })
})
