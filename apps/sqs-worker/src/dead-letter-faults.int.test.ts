import { StoreUnavailable } from '@pebbles/core'
import { anUpdate } from '@pebbles/intake/testing'
import { systemClock } from '@pebbles/runtime'
import { expect, it, vi } from 'vitest'
import type { Fault } from '../test/fake-sqs.ts'
import { error, type FaultScene, faultOn, openFaultScene, patience } from '../test/fault-scene.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'

const MIB = 1024 * 1024
const text = (StringValue: string) => ({ DataType: 'String', StringValue })
const binary = (...bytes: number[]) => ({ DataType: 'Binary', BinaryValue: Uint8Array.from(bytes) })

/** The bodies that rest in the store, and those in the dead-letter queue. */
const resting = async ({ bench, dead }: FaultScene) => ({
  store: (await bench.store.rejected.list(100, 0)).map(({ body }) => Buffer.from(body ?? []).toString()),
  queue: (await dead.drain()).map(({ Body }) => Body),
})

it.each<[string, Fault]>([
  ['missing', error(400, 'QueueDoesNotExist')],
  ['not allowed', error(403, 'AccessDeniedException')],
  ['throttled', error(400, 'ThrottlingException')],
  ['broken', error(500, 'InternalFailure')],
  ['silent', { kind: 'silence' }],
  ['failing one by one', { kind: 'failed', entry: () => true, refusal: { code: 'InternalError', senderFault: false } }],
])('keeps refused messages in the store while the dead-letter queue is %s, and counts the others', async (_, fault) => {
  await using scene = await openFaultScene()
  const { sqs, queue, start } = scene
  await queue.send(['{', anUpdate(), '[]', anUpdate()])
  sqs.meddle = (call) => (call.action === 'SendMessageBatch' ? fault : null)
  const worker = start()
  await scene.ends(worker, 2)
  expect(await worker.checks.intake()).toEqual({ ok: true })
  expect(await resting(scene)).toEqual({ store: ['{', '[]'], queue: [] })
})

it('keeps in the store only the letters that the dead-letter queue failed to take', async () => {
  await using scene = await openFaultScene()
  const { sqs, queue, start } = scene
  await queue.send(['{1', '{2', '{3'])
  const refusal = { code: 'InternalError', senderFault: false }
  sqs.meddle = faultOn('SendMessageBatch', { kind: 'failed', entry: (index) => index === 1, refusal })
  await scene.ends(start(), null)
  expect(await resting(scene)).toEqual({ store: ['{2'], queue: ['{1', '{3'] })
})

it('has a letter at least once when the answer of the dead-letter queue was lost', async () => {
  await using scene = await openFaultScene()
  const { sqs, queue, start } = scene
  await queue.send(['{1'])
  sqs.meddle = faultOn('SendMessageBatch', { kind: 'unheard' }, 2)
  await scene.ends(start(), null)
  const { store, queue: letters } = await resting(scene)
  expect(new Set([...store, ...letters])).toEqual(new Set(['{1']))
})

it('keeps in the store what is too large with its reason, and sends on what just fits', async () => {
  await using scene = await openFaultScene()
  const { queue, start } = scene
  const [large, fitting] = ['['.padEnd(MIB - 100, '.'), '['.padEnd(MIB - 1_500, '.')]
  await queue.send([large])
  await queue.send([fitting])
  await scene.ends(start(), null)
  const { store, queue: letters } = await resting(scene)
  expect([store.map(({ length }) => length), letters.map((body) => body?.length)]).toEqual([
    [large.length],
    [fitting.length],
  ])
})

it('sends large letters in as many requests as they need', async () => {
  await using scene = await openFaultScene()
  const { queue, start } = scene
  const bodies = Array.from({ length: 6 }, (_, n) => `${n}`.padEnd(400 * 1024, '.'))
  for (const body of bodies) await queue.send([body])
  await scene.ends(start(), null)
  const { store, queue: letters } = await resting(scene)
  expect([store, letters.sort()]).toEqual([[], bodies])
})

it('carries whatever characters an attribute has, and keeps in the store what has too many attributes', async () => {
  await using scene = await openFaultScene()
  const { bench, queue, dead, start } = scene
  const odd = {
    text: text('tab\t, new line\n, é, \u{1f600}'),
    control: binary(0x61, 0x00, 0x1b),
    noncharacter: binary(0xef, 0xbf, 0xbe),
  }
  await queue.send(['{odd'], odd)
  const four = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, text('x')]))
  await queue.send(['{four'], four)
  await queue.send([`{"filename":"\\u0000\\u001b[31m\\u202e","é":${'"'.repeat(3)}`], {
    'pebbles-update-id': text('\u{1f600}é'),
  })
  await scene.ends(start(), null)
  const letters = await dead.drain()
  expect(letters).toHaveLength(2)
  expect(letters.find(({ Body }) => Body === '{odd')?.MessageAttributes).toMatchObject(odd)
  const kept = await bench.store.rejected.list(10, 0)
  expect(kept.map(({ body }) => Buffer.from(body ?? []).toString())).toEqual(['{four'])
})

it('acknowledges nothing while neither the dead-letter queue nor the store takes it', async () => {
  await using scene = await openFaultScene()
  const { sqs, bench, queue, start, asked } = scene
  let away = true
  await queue.send(['{', '['])
  sqs.meddle = (call) => (away && call.action === 'SendMessageBatch' ? error(500, 'InternalFailure') : null)
  const unavailable = (): Promise<never> => Promise.reject(new StoreUnavailable('away'))
  const { rejected } = bench.store
  const worker = start({
    rejected: {
      ...rejected,
      keep: (...facts) => (away ? unavailable() : rejected.keep(...facts)),
    },
    ping: () => (away ? unavailable() : bench.store.ping()),
  })
  await vi.waitFor(async () => expect(await worker.checks.intake()).toMatchObject({ ok: false }), patience)
  // Hidden once more, so it has waited for longer than they were hidden at first.
  await vi.waitFor(() => expect(asked('ChangeMessageVisibilityBatch')).toBeGreaterThan(2), patience)
  expect([await queue.left(), asked('DeleteMessageBatch')]).toEqual([2, 0])
  away = false
  await scene.ends(worker, null)
  expect(await worker.checks.intake()).toEqual({ ok: true })
  expect((await resting(scene)).queue.sort()).toEqual(['[', '{'])
})

const depsOf = ({ bench, queue, dead }: FaultScene) => ({
  ...{ client: bench.client, queueUrl: queue.url, deadLetterUrl: dead.url },
  ...{ rejected: bench.store.rejected, now: Date.now },
})

it('replays past letters that the queue does not take, says how many, and leaves them for the next run', async () => {
  await using scene = await openFaultScene()
  const { sqs, queue, dead } = scene
  await dead.send(Array.from({ length: 25 }, (_, index) => anUpdate({ updateId: `u${index}` })))
  const refusal = { code: 'InternalError', senderFault: false }
  sqs.meddle = faultOn('SendMessageBatch', { kind: 'failed', entry: (index) => index === 1, refusal }, 2)
  // It takes what is older than itself, and this machine is fast.
  await systemClock.sleep(5)
  expect(await replayDeadLetters(depsOf(scene))).toEqual({ replayed: 23, left: 2, newer: 0 })
  expect([await queue.left(), await dead.depth()]).toEqual([23, 2])
  expect(await replayDeadLetters(depsOf(scene))).toEqual({ replayed: 2, left: 0, newer: 0 })
  await scene.ends(scene.start(), 25)
})

it('tells what it sent before the queue was away, and leaves the rest', async () => {
  await using scene = await openFaultScene()
  const { sqs, queue, dead } = scene
  await dead.send(Array.from({ length: 25 }, (_, index) => anUpdate({ updateId: `u${index}` })))
  const sent = scene.asked('SendMessageBatch')
  sqs.meddle = ({ action }) =>
    action === 'SendMessageBatch' && scene.asked('SendMessageBatch') > sent + 2 ? error(500, 'InternalFailure') : null
  await systemClock.sleep(5)
  expect(await replayDeadLetters(depsOf(scene))).toEqual({
    replayed: 20,
    left: 5,
    newer: 0,
    stopped: 'InternalFailure',
  })
  expect([await queue.left(), await dead.depth()]).toEqual([20, 5])
  await expect(replayDeadLetters(depsOf(scene))).rejects.toThrow('InternalFailure')
  sqs.meddle = () => null
  expect(await replayDeadLetters(depsOf(scene))).toEqual({ replayed: 5, left: 0, newer: 0 })
})

it('replays kept messages past those that SQS cannot carry back, and those in as many requests as they need', async () => {
  await using scene = await openFaultScene()
  const { queue, start } = scene
  const attributes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, text('x')]))
  const bodies = Array.from({ length: 6 }, (_, n) => `${n}`.padEnd(400 * 1024, '.'))
  await queue.send(['{eight'], attributes(8))
  for (const body of bodies) await queue.send([body])
  await queue.send(['{seven'], attributes(7))
  const worker = start({ deadLetterUrl: null })
  await scene.ends(worker, null)
  await worker.stop()
  expect(await replayDeadLetters(depsOf(scene))).toMatchObject({ replayed: 7, left: 1 })
  expect(await queue.left()).toBe(7)
  const { total, rows } = await listDeadLetters(depsOf(scene), 100)
  expect([total, rows.map(({ code }) => code)]).toEqual([1, ['INVALID_BODY']])
  expect((await resting(scene)).store).toEqual(['{eight'])
})

it('stops at the bound of the store’s list, loses nothing, and goes on when a replay has made room', async () => {
  await using scene = await openFaultScene()
  const { bench, queue, start } = scene
  await queue.send(Array.from({ length: 30 }, () => anUpdate()))
  let cured = false
  const worker = start({
    deadLetterUrl: null,
    // Ten of them, about.
    maxRejectedBytes: 5_000,
    polling: { waitSeconds: 1, visibilitySeconds: 2, maxPolls: 1 },
    record: async (commands) =>
      cured ? bench.record(commands) : commands.map(() => ({ kind: 'refused', code: 'FILE_MOVED' })),
  })
  await vi.waitFor(
    async () =>
      expect(await worker.checks.intake()).toMatchObject({ ok: false, detail: expect.stringContaining('full') }),
    patience,
  )
  const { messages, bytes } = await bench.store.rejected.size()
  expect(bytes).toBeLessThanOrEqual(5_000)
  expect(messages + (await queue.left())).toBe(30)
  cured = true
  const { client, store } = bench
  const replayed = await replayDeadLetters({
    ...{ client, queueUrl: queue.url, deadLetterUrl: null },
    ...{ rejected: store.rejected, now: Date.now },
  })
  expect(replayed).toMatchObject({ replayed: messages, left: 0 })
  await scene.ends(worker, 30)
  expect(await worker.checks.intake()).toEqual({ ok: true })
})
