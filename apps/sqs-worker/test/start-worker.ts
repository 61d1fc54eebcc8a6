import { fileURLToPath } from 'node:url'
import { startWorkerProcess, type WorkerProcess } from '@pebbles/intake/testing'
import type { Queue, SqsBench } from './bench.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** A worker of a queue, in a process of its own. */
export const startWorker = (
  bench: SqsBench,
  queue: Pick<Queue, 'url'>,
  endpoint: string,
  more: Readonly<Record<string, string>> = {},
): WorkerProcess =>
  startWorkerProcess(MAIN, bench.folder, {
    ...bench.environment,
    SQS_ENABLED: 'true',
    SQS_QUEUE_URL: queue.url,
    SQS_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ...more,
  })
