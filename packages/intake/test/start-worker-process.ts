import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A worker in a process of its own. */
export interface WorkerProcess extends AsyncDisposable {
  readonly child: ChildProcess
  /** Resolves with the first line of its log that says this, also an earlier one. */
  readonly logged: (message: string) => Promise<Readonly<Record<string, unknown>>>
  /** The exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>
  /** What it said, for a test that fails. */
  readonly said: () => string
}

/** Runs a `main.ts` with these variables and no others. Without arguments it serves. */
export const startWorkerProcess = (
  main: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): WorkerProcess => {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', DATA_DIR: folder, HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => lines.push(text))
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'))
  })
  return {
    child,
    ended,
    said: () => lines.join('\n'),
    logged: (message) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.includes(`"msg":"${message}"`))
          if (found === undefined) return
          waiting.delete(look)
          resolve(JSON.parse(found) as Record<string, unknown>)
        }
        waiting.add(look)
        look()
        void ended.then((how) => reject(new Error(`it ended with ${how}: ${lines.join('\n')}`)))
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
