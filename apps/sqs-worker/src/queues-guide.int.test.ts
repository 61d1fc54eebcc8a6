import { readFileSync } from 'node:fs'
import { anUpdate } from '@pebbles/intake/testing'
import { expect, it, vi } from 'vitest'
import { type FaultScene, openFaultScene, patience } from '../test/fault-scene.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'
import { inspectQueues } from './inspect-queues.ts'

const guide = readFileSync(new URL('../../../docs/guides/queues.md', import.meta.url), 'utf8')

/** What the policy in the guide allows, by queue. */
const allowed = (): readonly string[] => {
  const [, policy = ''] = /^On AWS .*?^```json\n(.*?)^```$/ms.exec(guide) ?? []
  const { Statement } = JSON.parse(policy) as { Statement: { Action: string[]; Resource: string }[] }
  return Statement.flatMap(({ Action, Resource }) =>
    Action.map((action) => `${Resource.endsWith('-dead') ? 'dead' : 'queue'} ${action}`),
  ).sort()
}

/** What was asked for, as rights: that to a single message covers a batch of them. */
const asked = ({ sqs, dead }: FaultScene): readonly string[] => {
  const calls = sqs.calls.filter(({ action }) => action !== 'CreateQueue')
  const rights = calls.map(({ action, queue }) => {
    const of = dead.url.endsWith(`/${queue}`) ? 'dead' : 'queue'
    return `${of} sqs:${action.replace(/Batch$/, '')}`
  })
  return [...new Set(rights)].sort()
}

it('the policy of the guide allows what a worker and doctor ask of the queues, and no more', async () => {
  await using scene = await openFaultScene()
  const { bench, queue, dead, sqs } = scene
  await queue.send([anUpdate(), '{'])
  sqs.calls.length = 0
  const worker = scene.start({
    // So slow that messages have to be hidden once more.
    record: async (commands) => {
      await vi.waitFor(() => expect(scene.asked('ChangeMessageVisibilityBatch')).toBeGreaterThan(0), patience)
      return bench.record(commands)
    },
  })
  await vi.waitFor(async () => expect(await bench.done()).toBe(1), patience)
  await vi.waitFor(() => expect(scene.asked('DeleteMessageBatch')).toBeGreaterThan(0), patience)
  await worker.stop()
  await inspectQueues({ client: bench.client, queueUrl: queue.url, deadLetterUrl: dead.url })
  expect(asked(scene)).toEqual(allowed())
})

it('what dlq needs beside is what the guide says', async () => {
  await using scene = await openFaultScene()
  const { bench, queue, dead, sqs } = scene
  const deps = {
    ...{ client: bench.client, queueUrl: queue.url, deadLetterUrl: dead.url },
    ...{ rejected: bench.store.rejected, now: Date.now },
  }
  await dead.send(['{'])
  sqs.calls.length = 0
  await listDeadLetters(deps, 10)
  expect(asked(scene)).toEqual([
    'dead sqs:ChangeMessageVisibility',
    'dead sqs:GetQueueAttributes',
    'dead sqs:ReceiveMessage',
  ])
  sqs.calls.length = 0
  await replayDeadLetters({ ...deps, now: () => Date.now() + 1_000 })
  expect(asked(scene)).toEqual(['dead sqs:DeleteMessage', 'dead sqs:ReceiveMessage', 'queue sqs:SendMessage'])
})
