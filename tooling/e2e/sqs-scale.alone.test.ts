import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { createRandom } from '@pebbles/core/testing'
import { startStoreKinds, startWorkerProcess, type TestStore, type WorkerProcess } from '@pebbles/intake/testing'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { expectLetters, type Letter, liveAndDie, planLoad, seedOfRun, wrongSums } from './queue-load.ts'

const MAIN = fileURLToPath(new URL('../../apps/sqs-worker/src/main.ts', import.meta.url))
const FACTS = { messages: 200_000, files: 1_000, repeated: 0.05, malformed: 0.01 }
const WORKERS = 3
const KILLS = 5
const SENDERS = 8
const BATCH = 10
/** Beyond the half minute for which a worker hides what it has in hand. */
const ASLEEP_MS = 32_000
const patience = { timeout: 300_000, interval: 500 }

const server = await orSkip(startElasticMq())
const stores = await startStoreKinds()
afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

const start = (bench: TestStore, endpoint: string, queue: string, dead: string): WorkerProcess =>
  startWorkerProcess(MAIN, bench.folder, {
    ...bench.environment,
    SQS_ENABLED: 'true',
    SQS_QUEUE_URL: queue,
    SQS_DLQ_URL: dead,
    SQS_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  })

describe.skipIf(server === null).each(stores.kinds)('SQS workers on $name', ({ name, open }) => {
  if (server === null) return

  it('count exactly what comes again from the killed and the sleeping', { timeout: 600_000 }, async () => {
    const seed = seedOfRun()
    const random = createRandom(seed + 1)
    const load = planLoad(seed, FACTS)
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const sqs = new SQSClient({ endpoint: server.endpoint, region: 'us-east-1', credentials })
    const made = async (QueueName: string): Promise<string> =>
      (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? ''
    const [queue, dead] = [await made(`progress-${name}`), await made(`progress-dead-${name}`)]
    await using bench = await open()

    let sent = 0
    const sendOn = async (until: number): Promise<void> => {
      while (sent < until) {
        const batch = load.messages.slice(sent, Math.min(until, sent + BATCH))
        sent += batch.length
        const Entries = batch.map(({ body }, index) => ({ Id: String(index), MessageBody: body }))
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries }))
        expect(Failed).toEqual([])
      }
    }
    const send = async (count: number): Promise<void> => {
      const until = Math.min(load.messages.length, sent + count)
      await Promise.all(Array.from({ length: SENDERS }, () => sendOn(until)))
    }
    const begin = (): WorkerProcess => start(bench, server.endpoint, queue, dead)
    const share = Math.ceil(load.messages.length / (WORKERS * KILLS + 2))
    await send(share)
    await Promise.all(
      Array.from({ length: WORKERS }, () =>
        liveAndDie({
          start: begin,
          begun: 'taking messages',
          random,
          kills: KILLS,
          lastsMs: 2_500,
          onKilled: () => send(share),
        }),
      ),
    )
    await using sleeping = begin()
    await sleeping.logged('taking messages')
    await send(load.messages.length)
    sleeping.child.kill('SIGSTOP')
    await using awake = begin()
    await delay(ASLEEP_MS)
    sleeping.child.kill('SIGCONT')

    await expect.poll(() => leftIn(sqs, queue), patience).toBe(0)
    expect(await wrongSums(bench, load.sums)).toEqual([])
    for (const worker of [sleeping, awake]) {
      worker.child.kill('SIGTERM')
      expect(await worker.ended, worker.said()).toBe(0)
    }
    // The sleeper may not have heard that its letter arrived: then the store has it too, under the same id.
    const kept = (await bench.store.rejected.list(2 * load.refused.size, 0)).map(({ body, code, reason, updateId }) => {
      return { body: Buffer.from(body ?? []).toString(), code, reason, updateId }
    })
    expectLetters([...(await lettersOf(sqs, dead)), ...kept], load.refused)
    sqs.destroy()
  })
})

/** Those that wait, and those that somebody has in hand. */
const leftIn = async (sqs: SQSClient, QueueUrl: string): Promise<number> => {
  const command = new GetQueueAttributesCommand({
    QueueUrl,
    AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
  })
  const { Attributes = {} } = await sqs.send(command)
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
}

const lettersOf = async (sqs: SQSClient, QueueUrl: string): Promise<readonly Letter[]> => {
  const found: Letter[] = []
  while ((await leftIn(sqs, QueueUrl)) > 0) {
    const receive = { QueueUrl, MaxNumberOfMessages: BATCH, MessageAttributeNames: ['All'], WaitTimeSeconds: 1 }
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive))
    for (const { Body = '', MessageAttributes: facts = {} } of Messages)
      found.push({
        body: Body,
        code: facts['pebbles-code']?.StringValue,
        reason: facts['pebbles-reason']?.StringValue,
        updateId: facts['pebbles-update-id']?.StringValue,
      })
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  }
  return found
}
