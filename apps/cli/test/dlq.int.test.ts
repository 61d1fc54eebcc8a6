import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '@pebbles/adapters-sqlite'
import type { RejectedMessage } from '@pebbles/core'
import { randomFileId, systemClock } from '@pebbles/runtime'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runPebbles } from './run-pebbles.ts'

const server = await orSkip(startElasticMq())
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pebbles-dlq-'))
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** SQS carries ten attributes, three of which are ours. */
const keptWith = (attributes: number): RejectedMessage => ({
  ...{ origin: `queue/${attributes}`, channel: 'sqs', updateId: `derived:${attributes}`, code: 'FILE_MOVED' },
  ...{ reason: 'why', at: 1_000, sentAt: 900, attempts: 1, body: Buffer.from('{}'), key: null },
  headers: Array.from({ length: attributes }, (_, n) => [`a${n}`, Buffer.from('x')] as const),
})

const keep = async (messages: readonly RejectedMessage[]): Promise<void> => {
  const path = join(folder, 'pebbles.sqlite')
  const store = await openSqliteStore({ path, clock: systemClock, ids: { fileId: randomFileId } })
  await store.rejected.keep(messages, 1_000_000)
  await store.close()
}

describe.skipIf(server === null)('dlq', () => {
  if (server === null) return

  it('replay says how many its queue took and how many are left, and ends with 1 while some are', async () => {
    const answer = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.CreateQueue' },
      body: JSON.stringify({ QueueName: 'updates' }),
    })
    const { QueueUrl } = (await answer.json()) as { readonly QueueUrl: string }
    const environment = {
      ...{ PATH: process.env['PATH'] ?? '', DATA_DIR: folder },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      ...{ SQS_ENDPOINT: server.endpoint, SQS_QUEUE_URL: QueueUrl },
    }
    await keep([keptWith(8), keptWith(1), keptWith(2)])
    expect(await runPebbles(['dlq', 'replay'], { environment })).toEqual({
      exit: 1,
      stdout: '2 sent again.\n',
      stderr: '1 left among the dead letters: their queue did not take them.\n',
    })
    expect((await runPebbles(['dlq', 'list'], { environment })).stdout).toContain('queue/8')
    // One queue that is away does not hide what the other has.
    const away = { ...environment, KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1', KAFKA_DLQ_TOPIC: 'dead' }
    const half = await runPebbles(['dlq', 'list'], { environment: away })
    expect([half.exit, half.stdout, half.stderr]).toEqual([
      69,
      expect.stringContaining('queue/8'),
      expect.stringContaining('The kafka-worker could not ask its queue'),
    ])
    const { exit, stdout } = await runPebbles(['dlq', 'replay', '--json'], { environment })
    expect([exit, JSON.parse(stdout)]).toEqual([1, { replayed: 0, left: 1, newer: 0 }])
    // What was sent before something was away is told.
    await keep([keptWith(3)])
    const gone = { ...environment, SQS_DLQ_URL: `${QueueUrl}-gone` }
    const part = await runPebbles(['dlq', 'replay'], { environment: gone })
    expect([part.exit, part.stdout, part.stderr]).toEqual([
      69,
      '1 sent again.\n',
      expect.stringContaining('ended before all were looked at: QueueDoesNotExist'),
    ])
    // What stands in the way of the worker itself keeps its exit code.
    const broken = join(folder, 'broken')
    await mkdir(broken)
    await writeFile(join(broken, 'pebbles.sqlite'), 'no database at all, and longer than a header would be'.repeat(9))
    expect((await runPebbles(['dlq', 'list'], { environment: { ...environment, DATA_DIR: broken } })).exit).toBe(74)
  })
})
