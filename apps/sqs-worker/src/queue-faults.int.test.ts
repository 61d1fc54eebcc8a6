import { anUpdate } from '@pebbles/intake/testing'
import { systemClock } from '@pebbles/runtime'
import { expect, it, vi } from 'vitest'
import type { Fault } from '../test/fake-sqs.ts'
import { error, faultOn, openFaultScene, patience } from '../test/fault-scene.ts'
import { createQueueClient } from './queue-client.ts'

const ours = (code: string) => ({ code, senderFault: true })
const theirs = (code: string) => ({ code, senderFault: false })
const updates = (count: number): object[] => Array.from({ length: count }, () => anUpdate())

it.each<[string, Fault]>([
  ['throttled', error(400, 'ThrottlingException')],
  ['throttled', error(403, 'RequestThrottled')],
  ['broken', error(500, 'InternalFailure')],
  ['away', error(503, 'ServiceUnavailable')],
  ['closed to expired credentials', error(403, 'ExpiredTokenException')],
  ['silent', { kind: 'silence' }],
])('asks a queue that is %s (%j) less and less often, says so, and goes on by itself', async (_, fault) => {
  await using scene = await openFaultScene()
  const { sqs, queue, start, waits } = scene
  await queue.send(updates(25))
  sqs.meddle = faultOn('ReceiveMessage', fault)
  const worker = start()
  await vi.waitFor(() => expect(waits.length).toBeGreaterThan(2), patience)
  expect(waits.slice(0, 3)).toEqual([200, 400, 800])
  expect(await worker.checks.queue()).toMatchObject({ ok: false, detail: expect.stringContaining('receive: ') })
  sqs.meddle = () => null
  await scene.ends(worker, 25)
  expect(scene.settled).toEqual(Array.from({ length: 25 }, () => 'applied'))
})

it('asks again, though all its polls were left without an answer at the same time', async () => {
  await using scene = await openFaultScene()
  const { sqs, queue, start } = scene
  await queue.send(updates(200))
  let polls = 0
  sqs.meddle = ({ action }) => {
    if (action !== 'ReceiveMessage') return null
    polls += 1
    return polls > 12 ? { kind: 'silence' } : null
  }
  const worker = start({ polling: { waitSeconds: 1, visibilitySeconds: 30 } })
  await vi.waitFor(async () => expect(await worker.checks.queue()).toMatchObject({ ok: false }), patience)
  await systemClock.sleep(1_000)
  sqs.meddle = () => null
  await scene.ends(worker, 200)
})

it('says how old the oldest of what came last is, and that an empty queue has none', async () => {
  await using scene = await openFaultScene()
  const { queue, start, metrics } = scene
  const sentAt = Date.now()
  await queue.send(updates(3))
  await systemClock.sleep(1_100)
  let away = true
  const worker = start({
    record: async (commands) =>
      away ? commands.map(() => ({ kind: 'unavailable', cause: 'away' })) : scene.bench.record(commands),
    ping: () => (away ? Promise.reject(new Error('away')) : Promise.resolve()),
  })
  const age = async (): Promise<number> =>
    Number(/pebbles_sqs_oldest_seconds\{part="all"\} (\S+)/.exec(await metrics())?.[1])
  await vi.waitFor(async () => expect(await age()).toBeGreaterThan(1), patience)
  // Nothing comes any more, and what came grows older.
  await vi.waitFor(async () => expect(await age()).toBeGreaterThan(5), patience)
  expect(await age()).toBeLessThanOrEqual((Date.now() - sentAt) / 1_000)
  away = false
  await scene.ends(worker, 3)
  await vi.waitFor(async () => expect(await age()).toBe(0), patience)
})

it.each<[string, Fault]>([
  ['fails one by one', { kind: 'failed', entry: (index) => index % 2 === 0, refusal: theirs('InternalError') }],
  ['is throttled', error(400, 'ThrottlingException')],
  ['is not allowed', error(403, 'AccessDeniedException')],
  ['is never answered', { kind: 'silence' }],
  ['is done, and its answer lost', { kind: 'unheard' }],
])('keeps in hand, hidden, what it cannot delete, when the delete %s', async (_, fault) => {
  await using scene = await openFaultScene()
  const { sqs, queue, start } = scene
  await queue.send(updates(10))
  // The client itself tries each twice.
  sqs.meddle = faultOn('DeleteMessageBatch', fault, 4)
  const worker = start()
  if (fault.kind === 'error')
    await vi.waitFor(async () => expect(await worker.checks.queue()).toMatchObject({ ok: false }), patience)
  await scene.ends(worker, 10)
  expect(scene.settled).toEqual(Array.from({ length: 10 }, () => 'applied'))
})

it('asks once for each poll: what comes for one that was given up would be hidden from all', async () => {
  await using scene = await openFaultScene()
  const { sqs, start, asked } = scene
  sqs.meddle = () => ({ kind: 'silence' })
  const worker = start({ polling: { waitSeconds: 1, visibilitySeconds: 30, maxPolls: 1 } })
  await vi.waitFor(() => expect(asked('ReceiveMessage')).toBe(1), patience)
  const failed = { ok: false, detail: expect.stringMatching(/Time/) }
  await vi.waitFor(async () => expect(await worker.checks.queue()).toMatchObject(failed), patience)
  expect(asked('ReceiveMessage')).toBe(1)
  sqs.meddle = () => null
  sqs.comeBack()
})

it('takes no more while nothing can be deleted', async () => {
  await using scene = await openFaultScene()
  const { sqs, bench, queue, start, asked } = scene
  await queue.send(updates(20))
  sqs.meddle = faultOn('DeleteMessageBatch', error(400, 'ThrottlingException'))
  const worker = start({ polling: { waitSeconds: 1, visibilitySeconds: 30, maxPolls: 2 } })
  await vi.waitFor(async () => expect(await bench.done()).toBe(20), patience)
  const isRefused = { ok: false, detail: expect.stringContaining('delete: ') }
  await vi.waitFor(async () => expect(await worker.checks.queue()).toMatchObject(isRefused), patience)
  // The polls that were under way.
  await systemClock.sleep(1_500)
  await queue.send(updates(40))
  const before = asked('DeleteMessageBatch')
  await vi.waitFor(() => expect(asked('DeleteMessageBatch')).toBeGreaterThan(before + 2), patience)
  expect([await bench.done(), await queue.depth()]).toEqual([20, 40])
  expect(await worker.checks.queue()).toMatchObject(isRefused)
  sqs.meddle = () => null
  await scene.ends(worker, 60)
})

it('lets go what is refused again and again, and an expired receipt: they come again, and count once', async () => {
  // Each answer counts here: one that is too late would be asked for once more.
  await using scene = await openFaultScene({ answerMs: 10_000 })
  const { sqs, queue, start, settled } = scene
  await queue.send(updates(10))
  const expired: Fault = { kind: 'failed', entry: (at) => at < 3, refusal: ours('ReceiptHandleIsInvalid') }
  const refused: Fault = { kind: 'failed', entry: (at) => at === 0, refusal: theirs('InternalError') }
  let deletes = 0
  sqs.meddle = ({ action }) => {
    if (action !== 'DeleteMessageBatch') return null
    deletes += 1
    return deletes === 1 ? expired : deletes <= 6 ? refused : null
  }
  const worker = start()
  await scene.ends(worker, 10)
  expect(settled.filter((one) => one === 'applied')).toHaveLength(10)
  expect(settled.filter((one) => one === 'duplicate').length).toBeGreaterThanOrEqual(3)
  expect(await scene.metrics()).toContain('\npebbles_sqs_delete_failed_total 4\n')
})

it.each<[string, Fault]>([
  ['as it could not be kept hidden', error(500, 'InternalFailure')],
  ['as it is no longer in flight', { kind: 'failed', entry: () => true, refusal: ours('MessageNotInflight') }],
])('counts once what comes again while it is worked on, %s', async (_, fault) => {
  await using scene = await openFaultScene()
  const { sqs, bench, queue, start, settled } = scene
  await queue.send(updates(20))
  sqs.meddle = faultOn('ChangeMessageVisibilityBatch', fault)
  const commit = Promise.withResolvers<void>()
  let handed = 0
  const worker = start({
    polling: { waitSeconds: 1, visibilitySeconds: 1 },
    record: async (commands) => {
      handed += commands.length
      await commit.promise
      return bench.record(commands)
    },
  })
  // More than there are: a commit that takes longer than they are hidden. No more than once more, as who gets less than it
  // asked for asks for no more at once, and all of them wait here.
  await vi.waitFor(() => expect(handed).toBeGreaterThan(20), patience)
  const silent = fault.kind === 'error'
  expect(await worker.checks.queue()).toMatchObject(
    silent ? { ok: false, detail: expect.stringContaining('keep hidden: ') } : { ok: true },
  )
  commit.resolve()
  // With nothing in hand there is nothing to hide, and no trouble.
  await scene.ends(worker, 20)
  expect(settled.filter((one) => one === 'applied')).toHaveLength(20)
  expect(settled.filter((one) => one === 'duplicate').length).toBeGreaterThan(0)
})

it('goes on with a queue that was deleted, and made anew', async () => {
  await using scene = await openFaultScene()
  const { sqs, bench, queue, start } = scene
  const worker = start()
  await queue.send(updates(5))
  await vi.waitFor(async () => expect(await bench.done()).toBe(5), patience)
  const name = queue.url.split('/').at(-1) ?? ''
  sqs.destroy(name)
  await vi.waitFor(
    async () =>
      expect(await worker.checks.queue()).toMatchObject({ detail: expect.stringContaining('QueueDoesNotExist') }),
    patience,
  )
  sqs.create(name)
  await queue.send(updates(5))
  await scene.ends(worker, 10)
})

it('ends at once while it waits to ask again', async () => {
  await using scene = await openFaultScene()
  scene.sqs.meddle = faultOn('ReceiveMessage', error(500, 'InternalFailure'))
  const asleep = Promise.withResolvers<void>()
  const worker = scene.start({
    clock: {
      ...systemClock,
      sleep: () => {
        asleep.resolve()
        return new Promise(() => undefined)
      },
    },
  })
  await asleep.promise
  await worker.stop()
})

it('is not ready before the queue has answered, and does not wait for a message to ask it', async () => {
  await using scene = await openFaultScene()
  const { sqs, start } = scene
  let answers = false
  sqs.meddle = () => (answers ? null : { kind: 'silence' })
  const worker = start({ polling: { waitSeconds: 20 } })
  expect(await worker.checks.queue()).toMatchObject({ ok: false })
  answers = true
  await vi.waitFor(async () => expect(await worker.checks.queue()).toEqual({ ok: true }), { timeout: 10_000 })
})

it('ends without the answer of a poll that does not come', async () => {
  await using scene = await openFaultScene()
  const { sqs, start, asked } = scene
  sqs.meddle = faultOn('ReceiveMessage', { kind: 'silence' })
  const client = createQueueClient({ region: null, endpoint: sqs.endpoint, answerMs: 600_000 })
  const worker = start({ client })
  await vi.waitFor(() => expect(asked('ReceiveMessage')).toBe(1), patience)
  await worker.stop()
  client.close()
})
