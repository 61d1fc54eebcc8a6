import type { Logger } from './logger.ts'
import { tuneHeap } from './tune-heap.ts'
import { within } from './within.ts'

/** Something that runs and can be stopped. `stop` may be called twice. */
export interface Running {
  readonly stop: () => Promise<void>
}

/** What was started, and how it is stopped. */
export interface Lifecycle {
  /**
   * Registers what was started. It is stopped before everything that was registered earlier; `deadlineMs` is how long
   * it may take at most. What is registered when all is being stopped already is stopped at once.
   */
  readonly register: (name: string, running: Running, options?: { readonly deadlineMs?: number }) => void
  /** Stops all, once however often it is called, in the given time (ms). False: something failed or was left behind. */
  readonly stopAll: (withinMs?: number) => Promise<boolean>
}

/** Where a lifecycle says what went wrong, and how long (ms) all of its stop may take. */
export interface LifecycleDeps {
  readonly log: Pick<Logger, 'info' | 'warn' | 'error' | 'fatal'>
  readonly timeoutMs: number
}

interface Part {
  readonly name: string
  readonly running: Running
  readonly deadlineMs: number
}

/** Of the whole time, kept for each part that is still to be stopped: one that hangs must not cost the store its close. */
const KEPT_FOR_EACH = 0.05

/**
 * Stops in the reverse order of starting, so intake goes first and stores last. All of it shares one deadline; what has
 * not stopped in its share is left behind and said.
 */
export const createLifecycle = ({ log, timeoutMs }: LifecycleDeps): Lifecycle => {
  const started: Part[] = []
  let stopping: Promise<boolean> | null = null
  const stopOne = async ({ name, running }: Part, allowedMs: number): Promise<boolean> => {
    try {
      if ((await within(allowedMs, running.stop())) !== 'late') return true
      log.error({ part: name, allowedMs: Math.round(allowedMs) }, 'did not stop in time')
    } catch (err) {
      log.error({ part: name, err }, 'failed to stop')
    }
    return false
  }
  const stopEach = async (withinMs: number): Promise<boolean> => {
    const deadline = performance.now() + withinMs
    const parts = started.toReversed()
    let clean = true
    for (const [index, part] of parts.entries()) {
      const left = Math.max(0, deadline - performance.now())
      const kept = Math.min(left / 2, (parts.length - index - 1) * withinMs * KEPT_FOR_EACH)
      if (!(await stopOne(part, Math.min(part.deadlineMs, left - kept)))) clean = false
    }
    return clean
  }
  return {
    register: (name, running, { deadlineMs = Number.POSITIVE_INFINITY } = {}) => {
      const part = { name, running, deadlineMs }
      if (stopping === null) started.push(part)
      else void stopOne(part, Math.min(deadlineMs, timeoutMs))
    },
    stopAll: (withinMs = timeoutMs) => {
      stopping ??= stopEach(withinMs)
      return stopping
    },
  }
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/** What a running process needs of the process it is; `process` itself, but in tests. */
export interface ProcessHost {
  readonly on: (event: string, listener: (fact: unknown) => void) => unknown
  readonly exit: (code: number) => unknown
}

/**
 * Runs a process: starts it, stops it in order on a signal (exit 0; a start in flight is awaited first), at once on the
 * second one (128 + its number), and ends with 1 on what nobody caught. Errors of the start have exit codes of their
 * own. Resolves when it has started.
 */
export const runProcess = async (
  log: LifecycleDeps['log'],
  timeoutMs: number,
  start: (lifecycle: Lifecycle) => Promise<void>,
  host: ProcessHost = process,
): Promise<void> => {
  tuneHeap()
  const lifecycle = createLifecycle({ log, timeoutMs })
  let starting: Promise<unknown> = Promise.resolve()
  let signalled = false
  let ending: { code: number; readonly done: Promise<void> } | null = null
  const stop = async (): Promise<void> => {
    const deadline = performance.now() + timeoutMs
    const settled = starting.then(
      () => 'started',
      () => 'failed',
    )
    if ((await within(timeoutMs / 2, settled)) === 'late') log.error('the start is not awaited any longer')
    const clean = await lifecycle.stopAll(deadline - performance.now())
    const code = ending?.code ?? 0
    host.exit(code === 0 && !clean ? 1 : code)
  }
  /** Whatever goes wrong on the way decides how it ends. */
  const end = (code: number): Promise<void> => {
    if (ending === null) ending = { code, done: stop() }
    else if (ending.code === 0) ending.code = code
    return ending.done
  }
  for (const signal of Object.keys(SIGNAL_NUMBERS) as (keyof typeof SIGNAL_NUMBERS)[]) {
    host.on(signal, () => {
      if (signalled) {
        host.exit(128 + SIGNAL_NUMBERS[signal])
        return
      }
      signalled = true
      log.info({ signal }, 'stopping')
      void end(0)
    })
  }
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    host.on(event, (err) => {
      log.fatal({ err }, 'a bug that nobody caught')
      void end(1)
    })
  }
  try {
    const begun = (async () => start(lifecycle))()
    starting = begun
    await begun
  } catch (err) {
    log.fatal({ err }, err instanceof Error ? err.message : 'could not start')
    await end(exitCodeOf(err))
  }
}

/** By code, as the store's package is not known here. 74: a store file that must not be touched. */
const EXIT_CODES: ReadonlyMap<unknown, number> = new Map([
  ['CONFIG_INVALID', 78],
  ['STORE_CORRUPT', 74],
  ['STORE_NEWER', 74],
  ['STORE_FOREIGN', 74],
  ['STORE_INACCESSIBLE', 74],
  ['SQLITE_TOO_OLD', 74],
  ['URI_INVALID', 78],
  ['URI_UNACKNOWLEDGED', 78],
  ['SHARD_ADDRESSED_DIRECTLY', 78],
  ['NOT_MIGRATED', 78],
  ['LEGACY_CLIENT_CHANGED', 78],
  ['ROLLED_BACK', 78],
  ['SHARDED', 78],
])

/** The exit code that an error at start stands for: 78 the configuration, 74 the store's file, 1 all else. */
export const exitCodeOf = (error: unknown): number =>
  (error instanceof Error && 'code' in error ? EXIT_CODES.get(error.code) : undefined) ?? 1
