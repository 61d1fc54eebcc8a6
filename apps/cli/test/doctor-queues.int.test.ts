import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const server = await orSkip(startElasticMq())
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pebbles-doctor-'))
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe.skipIf(server === null)('doctor, of the queues of SQS', () => {
  if (server === null) return

  const ask = async (action: string, input: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      body: JSON.stringify(input),
    })
    expect(answer.status).toBe(200)
    return (await answer.json()) as Record<string, unknown>
  }
  const redriveTo = (name: string, maxReceiveCount: number): Record<string, string> => ({
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:elasticmq:000000000000:${name}`,
      maxReceiveCount,
    }),
  })
  const made = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
    String((await ask('CreateQueue', { QueueName, Attributes }))['QueueUrl'])

  const examine = async (queue: string, dead: string | null): Promise<readonly string[]> => {
    const env = {
      PATH: process.env['PATH'],
      ...{ DATA_DIR: folder, SQS_ENABLED: 'true' },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      ...{ SQS_ENDPOINT: server.endpoint, SQS_QUEUE_URL: queue, ...(dead === null ? {} : { SQS_DLQ_URL: dead }) },
    }
    // It fails where a check does.
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'doctor', '--json'], { env }).catch(
      (error: { readonly stdout: string }) => error,
    )
    const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string; message: string }[] }
    return findings
      .filter(({ check }) => check.startsWith('SQS_'))
      .map(({ check, status, message }) => `${status} ${check} ${message}`)
  }

  it('says that all is well', async () => {
    await made('spent')
    const [queue, dead] = [await made('fine', redriveTo('spent', 5)), await made('dead')]
    expect(await examine(queue, dead)).toEqual([
      'ok SQS_QUEUE_URL fine answers; maxReceiveCount is 5',
      'ok SQS_DLQ_URL dead answers',
    ])
  })

  it('warns of a queue that gives good messages up early', async () => {
    await made('spent')
    expect(await examine(await made('hasty', redriveTo('spent', 3)), null)).toEqual([
      'warn SQS_QUEUE_URL hasty gives a message up that was received 3 times',
      'ok SQS_DLQ_URL not set: refused messages are kept in the store, up to 1 GiB',
    ])
  })

  it('names a dead-letter queue that gives its messages back, and a queue that is not there', async () => {
    const queue = await made('round')
    expect(await examine(queue, await made('about', redriveTo('round', 9)))).toEqual([
      'ok SQS_QUEUE_URL round answers; SQS takes no message away from it',
      'fail SQS_DLQ_URL about gives its messages back to the queue: SQS redrives them',
    ])
    expect(await examine(`${queue}-gone`, null)).toEqual([
      'fail SQS_QUEUE_URL round-gone does not answer: QueueDoesNotExist',
      'ok SQS_DLQ_URL not set: refused messages are kept in the store, up to 1 GiB',
    ])
  })
})
