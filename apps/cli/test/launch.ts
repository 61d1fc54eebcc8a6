import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** The command in a process of its own. */
export interface Launched {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** What it has said so far. */
  readonly text: Readonly<Record<'stdout' | 'stderr', string>>
  readonly ended: Promise<number | null>
  /** Resolves when it has said this, and rejects when it ended without. */
  readonly said: (name: 'stdout' | 'stderr', pattern: RegExp) => Promise<RegExpExecArray>
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** With this folder for its data, and these variables and no others. */
export const launchIn =
  (folder: string) =>
  (args: readonly string[], env: Readonly<Record<string, string>> = {}): Launched => {
    const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const text = { stdout: '', stderr: '' }
    let wake: () => void = () => undefined
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (part: string) => {
        text[name] += part
        wake()
      })
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
    let over = false
    void ended.then(() => {
      over = true
      wake()
    })
    const said = async (name: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(text[name])
        if (found !== null) return found
        if (over) throw new Error(`it ended without ${pattern}: ${text.stdout}${text.stderr}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    return { child, text, ended, said }
  }
