import { randomUUID } from 'node:crypto'
import type { Clock, ProgressStore, Recorder, RejectedMessages } from '@pebbles/core'
import {
  type ComponentState,
  type Config,
  configureProcess,
  createHealthServer,
  createLifecycle,
  createLogger,
  createReadiness,
  exitCodeOf,
  type Lifecycle,
  type Logger,
  type Running,
  runProcess,
  systemClock,
} from '@pebbles/runtime'
import type { DeadLetterRow } from './dead-letter.ts'
import type { Replayed } from './replay-rejected.ts'
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts'
import { createWorkerRecorder } from './worker-recorder.ts'

/** What a worker needs beside its queue. */
export interface WorkerDeps {
  readonly record: Recorder['record']
  readonly rejected: RejectedMessages | null
  /** Resolves when the store can be written; rejects while it cannot. */
  readonly ping: () => Promise<void>
  readonly narrowedBy: RegExp | null
  /** How long a stop may take (ms). */
  readonly stopWithinMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: WorkerMetrics
}

/** A worker that takes messages until it is stopped. */
export interface Worker extends Running {
  /** The queue or topic, for the log. */
  readonly source: string
  /** For `/ready`, by component. */
  readonly checks: Readonly<Record<string, () => Promise<ComponentState>>>
}

/** What `pebbles dlq` asks of a worker's queue. */
export interface DeadLetterCommands {
  readonly list: (limit: number) => Promise<{ readonly total: number; readonly rows: readonly DeadLetterRow[] }>
  readonly replay: () => Promise<Replayed>
}

/** One thing that `pebbles doctor` found of a worker's queue. */
export interface QueueFinding {
  readonly check: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do, where something is to be done. */
  readonly cure: string | null
}

/** A store as workers use it. */
export interface WorkerStore extends ProgressStore {
  readonly rejected: RejectedMessages
  readonly ping: () => Promise<void>
}

/** One kind of worker; `Q` is how its queue is reached. */
export interface WorkerProgram<Q> {
  readonly channel: 'sqs' | 'kafka'
  readonly version: string
  readonly openStore: (config: Config, log: Logger, lifecycle: Lifecycle) => Promise<WorkerStore>
  readonly isEnabled: (config: Config) => boolean
  /** Null while `queueVariable` is not set. */
  readonly queueOf: (config: Config) => Q | null
  readonly queueVariable: string
  /** How long updates may wait for more, when many come; see `RecorderDeps`. */
  readonly lingerMs?: number
  readonly startIntake: (queue: Q, deps: WorkerDeps, lifecycle: Lifecycle) => Worker
  readonly deadLetters: (queue: Q, rejected: RejectedMessages, lifecycle: Lifecycle) => DeadLetterCommands
  /** For `pebbles doctor`. Rejects when the broker does not answer. */
  readonly inspect?: (queue: Q, lifecycle: Lifecycle) => Promise<readonly QueueFinding[]>
}

/**
 * The `main.ts` of a worker: serves until a signal, or answers `dlq list LIMIT`, `dlq replay` and `doctor` for the
 * command line with one line of JSON. Ends with 0 at once unless the worker is enabled.
 */
export const runWorker = async <Q>(program: WorkerProgram<Q>, args = process.argv.slice(2)): Promise<void> => {
  const config = configureProcess()
  const [command, ...rest] = args
  if (command === 'dlq' || command === 'doctor') process.exit(await answer(program, config, command, rest))
  const name = `${program.channel}-worker`
  const log = createLogger({ name, level: config.logLevel })
  const queue = program.queueOf(config)
  if (!program.isEnabled(config) || queue === null) {
    log.info(`${program.channel.toUpperCase()}_ENABLED is not true: there is nothing to do`)
    process.exit(0)
  }
  await runProcess(log, config.shutdownTimeoutMs, async (lifecycle) => {
    const store = await program.openStore(config, log, lifecycle)
    const metrics = createWorkerMetrics({ version: program.version, process: name, channel: program.channel })
    lifecycle.register('metrics', metrics)
    const deps: WorkerDeps = {
      record: createWorkerRecorder(store, { onGroup: metrics.groupCommitted, lingerMs: program.lingerMs ?? 0 }),
      rejected: store.rejected,
      ping: store.ping,
      narrowedBy: config.clientKrnPattern,
      stopWithinMs: config.shutdownTimeoutMs,
      clock: systemClock,
      log,
      metrics,
    }
    let ready = createReadiness({ store: store.ping, worker: async () => ({ ok: false, detail: 'starting' }) })
    // Before any message is taken: where the port is another's, none is.
    if (config.workerPort !== 0) lifecycle.register('health', await serveHealth(config, () => ready(), metrics))
    const worker = program.startIntake(queue, deps, lifecycle)
    // Last, so that it stops first: what it has in hand needs all the others.
    lifecycle.register('worker', worker)
    ready = createReadiness({ store: store.ping, ...worker.checks })
    log.info({ source: worker.source }, 'taking messages')
  })
}

const serveHealth = (
  { listenHost, workerPort }: Config,
  ready: ReturnType<typeof createReadiness>,
  metrics: WorkerMetrics,
): Promise<Running> =>
  createHealthServer({
    host: listenHost,
    port: workerPort,
    ready: async () => {
      const report = await ready()
      metrics.storeUp(report.components['store']?.ok === true)
      return report
    },
    metrics: metrics.render,
    newRequestId: randomUUID,
  })

/** The exit code. The answer has standard output for itself. */
const answer = async <Q>(
  program: WorkerProgram<Q>,
  config: Config,
  command: 'dlq' | 'doctor',
  args: readonly string[],
): Promise<number> => {
  const log = createLogger({ name: `${program.channel}-worker`, level: 'silent' })
  const lifecycle = createLifecycle({ log, timeoutMs: config.shutdownTimeoutMs })
  try {
    const queue = program.queueOf(config)
    if (queue === null) throw new Error(`${program.queueVariable} is not set`)
    const answered =
      command === 'dlq'
        ? await answerDeadLetters(
            program.deadLetters(queue, (await program.openStore(config, log, lifecycle)).rejected, lifecycle),
            args,
          )
        : { findings: (await program.inspect?.(queue, lifecycle)) ?? [] }
    process.stdout.write(`${JSON.stringify(answered)}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message || error.name : String(error)}\n`)
    return exitCodeOf(error)
  } finally {
    await lifecycle.stopAll()
  }
}

const answerDeadLetters = async ({ list, replay }: DeadLetterCommands, [action, limit]: readonly string[]) =>
  action === 'replay' ? replay() : list(Number(limit))
