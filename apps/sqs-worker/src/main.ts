import { readFileSync } from 'node:fs'
import { runWorker } from '@pebbles/intake'
import type { Lifecycle } from '@pebbles/runtime'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'
import { inspectQueues } from './inspect-queues.ts'
import { openStore } from './open-store.ts'
import { createQueueClient, type QueueClient, type QueueClientOptions } from './queue-client.ts'
import { LINGER_MS, startSqsWorker } from './worker.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** Closed with the process. */
const openClient = (options: QueueClientOptions, lifecycle: Lifecycle): QueueClient => {
  const client = createQueueClient(options)
  lifecycle.register('client', { stop: async () => client.close() })
  return client
}

await runWorker({
  channel: 'sqs',
  version,
  openStore,
  isEnabled: ({ sqsEnabled }) => sqsEnabled,
  queueVariable: 'SQS_QUEUE_URL',
  lingerMs: LINGER_MS,
  queueOf: ({ sqsQueueUrl: queueUrl, sqsDlqUrl: deadLetterUrl, awsRegion: region, sqsEndpoint: endpoint }) =>
    queueUrl === null ? null : { queueUrl, deadLetterUrl, server: { region, endpoint } },
  startIntake: ({ server, ...queue }, deps, lifecycle) =>
    startSqsWorker({ ...queue, ...deps, client: openClient(server, lifecycle) }),
  deadLetters: ({ server, ...queue }, rejected, lifecycle) => {
    const deps = { ...queue, rejected, client: openClient(server, lifecycle), now: Date.now }
    return { list: (limit) => listDeadLetters(deps, limit), replay: () => replayDeadLetters(deps) }
  },
  inspect: ({ server, ...queue }, lifecycle) => inspectQueues({ ...queue, client: openClient(server, lifecycle) }),
})
