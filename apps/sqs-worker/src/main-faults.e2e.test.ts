import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { anUpdate, startWorkerProcess } from '@pebbles/intake/testing'
import { freePort } from '@pebbles/services'
import { expect, it, vi } from 'vitest'
import type { FakeCall, Fault } from '../test/fake-sqs.ts'
import { error, type FaultScene, faultOn, openFaultScene } from '../test/fault-scene.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const patience = { timeout: 60_000, interval: 20 }
const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }

const run = (
  { sqs, bench, queue, dead }: FaultScene,
  args: readonly string[],
  environment: Record<string, string>,
): ReturnType<typeof startWorkerProcess> =>
  startWorkerProcess(
    MAIN,
    bench.folder,
    {
      ...bench.environment,
      ...environment,
      SQS_ENABLED: 'true',
      SQS_QUEUE_URL: queue.url,
      SQS_DLQ_URL: dead.url,
      SQS_ENDPOINT: sqs.endpoint,
    },
    args,
  )

it.for([
  ['an empty queue', '10000', 2],
  ['an empty queue', '5000', 2],
  ['a queue that says nothing', '10000', 1],
] as const)(
  'ends with 0 on SIGTERM while it waits for %s, within %s ms',
  async ([what, SHUTDOWN_TIMEOUT_MS, polls]) => {
    await using scene = await openFaultScene()
    const { sqs, asked } = scene
    if (what !== 'an empty queue') sqs.meddle = () => ({ kind: 'silence' })
    await using worker = run(scene, [], { ...KEYS, WORKER_PORT: `${await freePort()}`, SHUTDOWN_TIMEOUT_MS })
    // The first poll is a short one.
    await vi.waitFor(() => expect(asked('ReceiveMessage'), worker.said()).toBeGreaterThanOrEqual(polls), patience)
    worker.child.kill('SIGTERM')
    expect(await worker.ended, worker.said()).toBe(0)
  },
)

it('ends with 0 on SIGTERM, though the queue answers neither its polls nor its deletes', async () => {
  await using scene = await openFaultScene()
  const { sqs, bench, queue, asked } = scene
  await queue.send(Array.from({ length: 30 }, () => anUpdate()))
  await using worker = run(scene, [], { ...KEYS, WORKER_PORT: `${await freePort()}` })
  sqs.meddle = faultOn('DeleteMessageBatch', { kind: 'silence' })
  await vi.waitFor(() => expect(asked('DeleteMessageBatch'), worker.said()).toBeGreaterThan(0), patience)
  sqs.meddle = () => ({ kind: 'silence' })
  worker.child.kill('SIGTERM')
  expect(await worker.ended, worker.said()).toBe(0)
  sqs.meddle = () => null
  sqs.comeBack()
  await using next = run(scene, [], KEYS)
  await vi.waitFor(async () => expect(await queue.left(), next.said()).toBe(0), patience)
  expect(await bench.done()).toBe(30)
})

it("takes no message when the port for its health is another program's", async () => {
  await using scene = await openFaultScene()
  const { queue, asked } = scene
  await queue.send([anUpdate()])
  const other = createServer().listen(0, '127.0.0.1')
  await vi.waitFor(() => expect(other.listening).toBe(true), patience)
  const { port } = other.address() as AddressInfo
  await using worker = run(scene, [], { ...KEYS, WORKER_PORT: `${port}` })
  expect(await worker.ended, worker.said()).toBe(1)
  expect(worker.said()).toContain('cannot be opened')
  expect([asked('ReceiveMessage'), await queue.left()]).toEqual([0, 1])
  other.close()
})

it('goes on when its credentials, which expired, come back', async () => {
  await using scene = await openFaultScene()
  const { sqs, bench, queue } = scene
  let [valid, given]: [string, string | null] = ['first', 'first']
  const issuer = createServer((_, response) => {
    if (given === null) return void response.writeHead(500).end()
    const Expiration = new Date(Date.now() + 2_000).toISOString()
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ AccessKeyId: given, SecretAccessKey: 'secret', Token: 'token', Expiration }))
  }).listen(0, '127.0.0.1')
  await vi.waitFor(() => expect(issuer.listening).toBe(true), patience)
  sqs.meddle = ({ key }: FakeCall): Fault | null =>
    key === 'test' || key === valid ? null : error(403, 'ExpiredTokenException')
  await using worker = run(scene, [], {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/`,
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_CONFIG_FILE: '/dev/null',
  })
  await queue.send([anUpdate()])
  await vi.waitFor(async () => expect(await bench.done(), worker.said()).toBe(1), patience)
  valid = 'second'
  await worker.logged('the queue does not answer: it is asked again and again')
  // Neither do those who give credentials answer for a while.
  given = null
  await vi.waitFor(() => expect(worker.said()).toContain('CredentialsProviderError'), patience)
  given = 'second'
  await queue.send([anUpdate()])
  await worker.logged('the queue answers again')
  await vi.waitFor(async () => expect(await bench.done(), worker.said()).toBe(2), patience)
  expect(worker.child.exitCode).toBeNull()
  issuer.closeAllConnections()
  issuer.close()
})

/** A replay is killed when this was asked the second time: done, as far as the queue knows, and never answered. */
const KILLED_AT: readonly (readonly [string, string, 'queue' | 'dead'])[] = [
  ['the queue has a letter of the store again', 'SendMessageBatch', 'queue'],
  ['a letter is deleted', 'DeleteMessageBatch', 'dead'],
]

it.each(KILLED_AT)('replays each letter with one effect when it is killed once %s', async (_, action, of) => {
  await using scene = await openFaultScene()
  const { sqs, bench, queue, dead, start } = scene
  const messages = Array.from({ length: 25 }, () => anUpdate())
  const away = start({ record: async (commands) => commands.map(() => ({ kind: 'refused', code: 'FILE_MOVED' })) })
  await queue.send(messages)
  await vi.waitFor(async () => expect([await dead.depth(), await queue.left()]).toEqual([25, 0]), patience)
  await away.stop()
  const kept = start({
    deadLetterUrl: null,
    record: async (commands) => commands.map(() => ({ kind: 'refused', code: 'FILE_MOVED' })),
  })
  await queue.send(messages)
  const inStore = async () => (await bench.store.rejected.size()).messages
  await vi.waitFor(async () => expect([await inStore(), await queue.left()]).toEqual([25, 0]), patience)
  await kept.stop()

  const name = { queue, dead }[of].url.split('/').at(-1)
  let times = 0
  sqs.meddle = (call) => {
    if (call.action !== action || call.queue !== name || call.key !== KEYS.AWS_ACCESS_KEY_ID) return null
    times += 1
    return times === 2 ? { kind: 'silence', done: true } : null
  }
  await using killed = run(scene, ['dlq', 'replay'], KEYS)
  await vi.waitFor(() => expect(times, killed.said()).toBeGreaterThan(1), patience)
  killed.child.kill('SIGKILL')
  expect(await killed.ended).toBe('SIGKILL')
  sqs.meddle = () => null
  sqs.comeBack()
  await using again = run(scene, ['dlq', 'replay'], KEYS)
  expect(await again.ended, again.said()).toBe(0)
  const worker = start()
  await scene.ends(worker, 50)
  expect([await dead.left(), await inStore()]).toEqual([0, 0])
})
