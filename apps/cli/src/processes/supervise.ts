import { setTimeout as delay } from 'node:timers/promises'
import type { Context, StopSignal } from '../context.ts'
import { EXIT, type ExitCode, exitOfSignal } from '../exit-codes.ts'
import type { AppProcess } from './app-process.ts'

export interface Supervision {
  /** The process whose end is the end of all, with its exit code. */
  readonly main: () => AppProcess
  /** Processes that are started again however they end, unless all do: who stops one by itself leaves a queue unread. */
  readonly workers: readonly (() => AppProcess)[]
  /** How long all of them together may take to stop (ms). */
  readonly timeoutMs: number
  readonly say: (text: string) => void
  readonly onSignal: Context['onSignal']
  /** How long a worker that died waits for its first new start (ms). */
  readonly firstWaitMs?: number
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000
/** A worker that lived so long has recovered: its next death waits for the shortest time again. */
const RECOVERED_MS = 60_000
/** What is left of a process that does not stop is killed so long after its own deadline. */
const KILL_AFTER_MS = 2_000

/** Runs processes together until the main one ends, a signal asks to stop, or one cannot run as it is configured. */
export const supervise = async ({
  main,
  workers,
  timeoutMs,
  say,
  onSignal,
  firstWaitMs = FIRST_WAIT_MS,
}: Supervision): Promise<ExitCode> => {
  const alive = new Set<AppProcess>()
  const stopping = new AbortController()
  const run = (start: () => AppProcess): AppProcess => {
    const app = start()
    alive.add(app)
    void app.ended.then(() => alive.delete(app))
    return app
  }
  const killAll = (signal: NodeJS.Signals): void => {
    for (const { child } of alive) child.kill(signal)
  }
  // Whatever ends this process, none of the others is left behind.
  const onExit = (): void => killAll('SIGTERM')
  process.once('exit', onExit)

  const api = run(main)
  /** Resolves only when the worker must not be started again: with the exit code that ends everything. */
  const keepRunning = async (start: () => AppProcess): Promise<ExitCode> => {
    for (let wait = firstWaitMs; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      const startedAt = performance.now()
      const worker = run(start)
      const code = await worker.ended
      if (stopping.signal.aborted) return await new Promise<never>(() => undefined)
      if (code === EXIT.config || code === EXIT.io) {
        say(`${worker.name} cannot run as it is set up (exit code ${code}); everything stops.`)
        return code
      }
      if (performance.now() - startedAt >= RECOVERED_MS) wait = firstWaitMs
      say(
        `${worker.name} ${code === EXIT.ok ? 'was stopped' : 'died'} (exit code ${code}) and is started again in ${wait / 1000} s.`,
      )
      await delay(wait, undefined, { signal: stopping.signal }).catch(() => undefined)
      if (stopping.signal.aborted) return await new Promise<never>(() => undefined)
    }
  }
  const stopped = new Promise<StopSignal>((resolve) => {
    onSignal(resolve, (signal) => {
      killAll(signal)
      setTimeout(() => killAll('SIGKILL'), 500).unref()
      setTimeout(() => process.exit(exitOfSignal(signal)), 600)
    })
  })
  const first = await Promise.race([
    api.ended.then((code) => ({ code })),
    stopped.then(() => ({ code: null })),
    ...workers.map(async (start) => ({ code: await keepRunning(start) })),
  ])
  stopping.abort()
  const apiHadEnded = !alive.has(api)
  const late = setTimeout(() => killAll('SIGKILL'), timeoutMs + KILL_AFTER_MS)
  await stopInOrder(api, alive, timeoutMs)
  clearTimeout(late)
  process.off('exit', onExit)
  const apiCode = await api.ended
  return first.code === null || apiHadEnded ? apiCode : first.code
}

/** First what takes work from queues, then the API, so that the last states can still be seen. */
const stopInOrder = async (api: AppProcess, alive: ReadonlySet<AppProcess>, timeoutMs: number): Promise<void> => {
  const workers = [...alive].filter((app) => app !== api)
  for (const { child } of workers) child.kill('SIGTERM')
  await Promise.race([Promise.all(workers.map(({ ended }) => ended)), delay(timeoutMs / 2, undefined, { ref: false })])
  if (alive.has(api)) api.child.kill('SIGTERM')
  await Promise.all([...alive].map(({ ended }) => ended))
}
