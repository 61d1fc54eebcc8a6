import { PassThrough, Readable, Writable } from 'node:stream'
import { runCli } from '../src/command-line/program.ts'
import type { Context, StopSignal } from '../src/context.ts'

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: string | Uint8Array | Readable
  /** Takes the place of standard output; what it gets is not collected then. */
  readonly stdout?: Writable
  readonly openStore?: Context['openStore']
  readonly openMigration?: Context['openMigration']
}

export interface Finished {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly finished: Promise<Finished>
  readonly signal: (signal: StopSignal) => void
  /** Resolves when the text has been written to standard error. */
  readonly said: (text: string) => Promise<void>
}

/** The command in this process, with streams and variables of its own. */
export const startPebbles = (args: readonly string[], options: RunOptions = {}): Running => {
  const out = collect()
  const err = collect()
  let first: ((signal: StopSignal) => void) | null = null
  const { stdin = '' } = options
  const context: Context = {
    environment: async () => options.environment ?? {},
    cwd: options.cwd ?? '/',
    stdin:
      stdin instanceof Readable
        ? stdin
        : Readable.from([Buffer.from(stdin as string)].filter(({ length }) => length > 0)),
    stdout: options.stdout ?? out.stream,
    stderr: err.stream,
    color: { stdout: false, stderr: false },
    now: Date.now,
    onSignal: (listener) => {
      first = listener
      return () => undefined
    },
    inspectStore: async () => null,
    openMigration: options.openMigration ?? (() => Promise.reject(new Error('no migration is opened here'))),
    openStore: options.openStore ?? (() => Promise.reject(new Error('no store is opened here'))),
  }
  const finished = runCli(args, context).then((exit) => ({ exit, stdout: out.text(), stderr: err.text() }))
  return { finished, signal: (signal) => first?.(signal), said: err.said }
}

export const runPebbles = (args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  startPebbles(args, options).finished

/** A standard input that the test feeds. */
export const createStdin = (): PassThrough => new PassThrough()

const collect = () => {
  let text = ''
  let wake: () => void = () => undefined
  const stream = new Writable({
    decodeStrings: true,
    write: (chunk: Buffer, _encoding, taken) => {
      text += chunk.toString('utf8')
      wake()
      taken()
    },
  })
  const said = async (part: string): Promise<void> => {
    while (!text.includes(part))
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  return { stream, text: () => text, said }
}
