import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Launched, launchIn } from './launch.ts'

const server = await orSkip(startElasticMq())
afterAll(() => server?.stop())
const CLIENT = 'krn:acme:client:1'
const patience = { timeout: 100_000, interval: 100 }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pebbles-processes-sqs-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

let drawn = 0

/** A queue of its own, and the variables of a process that reads it. */
const aQueue = async (endpoint: string) => {
  const ask = async (action: string, body: object): Promise<Readonly<Record<string, unknown>>> => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` }
    const answer = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body) })
    expect([action, answer.status]).toEqual([action, 200])
    return (await answer.json()) as Readonly<Record<string, unknown>>
  }
  drawn += 1
  const { QueueUrl } = await ask('CreateQueue', { QueueName: `updates-${process.pid}-${drawn}` })
  const port = await freePort()
  return {
    port,
    environment: {
      ...{ SQS_ENABLED: 'true', SQS_ENDPOINT: endpoint, SQS_QUEUE_URL: String(QueueUrl), WORKER_PORT: String(port) },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    },
    send: async (count: number): Promise<void> => {
      const counts = { done: 1, warn: 0, failed: 0 }
      const MessageBody = JSON.stringify({ clientKrn: CLIENT, email: 'ada@example.com', filename: 'a.csv', counts })
      for (let sent = 0; sent < count; sent += 1) await ask('SendMessage', { QueueUrl, MessageBody })
    },
    left: async (): Promise<number> => {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']
      const { Attributes = {} } = await ask('GetQueueAttributes', { QueueUrl, AttributeNames })
      return Object.values(Attributes as object).reduce((sum: number, count) => sum + Number(count), 0)
    },
  }
}

/** The process that took the queue, of the n-th time that one did. */
const workerOf = async (running: Launched, time: number): Promise<number> => {
  const line = `[^\\n]*"name":"sqs-worker","pid":(\\d+)[^\\n]*"msg":"taking messages"`
  const found = await running.said('stdout', new RegExp(`(?:${line}[^]*?){${time}}`))
  return Number(found[1])
}

describe.skipIf(server === null)('a process that reads SQS', { timeout: 300_000 }, () => {
  if (server === null) return

  it('is started with the API, again and less and less soon when it is killed, and stops before the API', async () => {
    const queue = await aQueue(server.endpoint)
    const running = launchIn(folder)(['start'], queue.environment)
    const [, url = ''] = await running.said('stderr', /Pebbles listens on (\S+)\n/)
    const counted = async (done: number): Promise<void> => {
      await vi.waitFor(async () => {
        const answer = await fetch(`${url}/clients/${CLIENT}/progress?filename=a.csv`)
        expect(await answer.json(), running.text.stderr).toMatchObject({ counts: { done } })
      }, patience)
      await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    }
    await queue.send(12)
    await counted(12)
    const pids: number[] = []
    for (const [kills, pause] of [1, 2, 4].entries()) {
      pids.push(await workerOf(running, kills + 1))
      process.kill(pids.at(-1) as number, 'SIGKILL')
      await running.said('stderr', new RegExp(`sqs-worker died \\(exit code 137\\) and is started again in ${pause} s`))
    }
    pids.push(await workerOf(running, pids.length + 1))
    expect(new Set(pids).size).toBe(4)
    await queue.send(12)
    await counted(24)
    running.child.kill('SIGTERM')
    expect(await running.ended, running.text.stderr).toBe(0)
    const stops = [...running.text.stdout.matchAll(/"name":"([a-z-]+)"[^\n]*"msg":"stopping"/g)].map(([, name]) => name)
    expect(stops).toEqual(['sqs-worker', 'http-api'])
    expect(running.text.stderr.match(/is started again/g)).toHaveLength(3)
  })

  it('runs alone, and tells how it is on its port', async () => {
    const queue = await aQueue(server.endpoint)
    const running = launchIn(folder)(['worker', 'sqs'], queue.environment)
    await workerOf(running, 1)
    const ask = async (path: string): Promise<readonly [number, string]> => {
      const answer = await fetch(`http://127.0.0.1:${queue.port}${path}`)
      return [answer.status, await answer.text()]
    }
    await vi.waitFor(async () => expect((await ask('/ready'))[0]).toBe(200), patience)
    expect(await ask('/health')).toEqual([200, 'OK'])
    await queue.send(3)
    const applied = 'pebbles_updates_total{channel="sqs",outcome="applied"}'
    await vi.waitFor(async () => expect((await ask('/metrics'))[1]).toContain(`${applied} 3\n`), patience)
    await vi.waitFor(async () => expect(await queue.left()).toBe(0), patience)
    running.child.kill('SIGTERM')
    expect(await running.ended, running.text.stderr).toBe(0)
    await expect(ask('/health')).rejects.toThrow()
  })
})
