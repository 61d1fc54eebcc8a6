import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Output } from '../context.ts'
import { exitOfSignal } from '../exit-codes.ts'

export type AppName = 'http-api' | 'sqs-worker' | 'kafka-worker'

export interface AppProcess {
  readonly name: AppName
  readonly child: ChildProcess
  /** The exit code, or 128 and the signal's number. */
  readonly ended: Promise<number>
}

/** Where the app's process begins, if this copy of Pebbles has it. */
export const appEntry = (name: AppName): string | null => {
  const entry = fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url))
  return existsSync(entry) ? entry : null
}

export interface SpawnOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Output
  /** Each line of its log, beside it being passed on. */
  readonly onLine: (line: string) => void
}

const GUARD = new URL('./end-with-parent.ts', import.meta.url).href

/** Starts an app of its own process group: a Ctrl-C goes to the launcher alone, which passes it on once. */
export const spawnApp = (name: AppName, entry: string, { env, stdout, onLine }: SpawnOptions): AppProcess => {
  const child = spawn(process.execPath, ['--import', GUARD, entry], {
    env: env as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: process.platform !== 'win32',
  })
  passLines(child, stdout, onLine)
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(1))
    // Not 'exit': the last lines of its log are still on their way then.
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : exitOfSignal(signal))))
  })
  return { name, child, ended }
}

/** Whole lines only, so that the logs of several processes never tear each other apart. */
const passLines = ({ stdout: from }: ChildProcess, to: Output, onLine: (line: string) => void): void => {
  let rest = ''
  from?.setEncoding('utf8')
  from?.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length === 0) return
    for (const line of lines) onLine(line)
    if (!to.write(`${lines.join('\n')}\n`)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  })
  from?.once('end', () => {
    if (rest !== '') to.write(`${rest}\n`)
  })
}
