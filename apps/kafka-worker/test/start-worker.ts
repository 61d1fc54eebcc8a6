import { fileURLToPath } from 'node:url'
import { startWorkerProcess, type WorkerProcess } from '@pebbles/intake/testing'
import type { KafkaBench } from './bench.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** A worker of a topic, in a process of its own. */
export const startWorker = (
  bench: KafkaBench,
  topic: string,
  bootstrap: string,
  more: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): WorkerProcess =>
  startWorkerProcess(
    MAIN,
    bench.folder,
    {
      ...bench.environment,
      KAFKA_ENABLED: 'true',
      KAFKA_BOOTSTRAP_SERVERS: bootstrap,
      KAFKA_TOPIC_NAME: topic,
      KAFKA_GROUP_ID: `group-of-${topic}`,
      ...more,
    },
    args,
  )
