import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'

/** An API process of its own, on a free port. */
export interface HttpProcess extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** What it logged so far. */
  readonly log: readonly LogLine[]
  /** Resolves with the first line of the log that fits, also an earlier one. */
  readonly logged: (message: string) => Promise<LogLine>
  readonly ended: Promise<Ending>
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [fact: string]: unknown
}

export interface Ending {
  /** The exit code, or the name of the signal that ended it. */
  readonly how: number | string
  readonly log: readonly LogLine[]
  readonly stderr: string
}

export interface ProcessOptions {
  readonly dataDir: string
  readonly environment?: Readonly<Record<string, string>>
  /** A module that is loaded before the program. */
  readonly preload?: string
}

const MAIN = fileURLToPath(new URL('../../apps/http-api/src/main.ts', import.meta.url))
const SECRET = 'a secret for processes, of at least 32 bytes'

/** Starts `main.ts` and resolves when it listens; rejects with all it said when it ended instead. */
export const startHttpProcess = async (options: ProcessOptions): Promise<HttpProcess> => {
  const spawned = spawnHttp(options)
  const ending = await endingBeforeStart(spawned)
  if (ending !== null) throw new Error(`it ended with ${ending.how}: ${ending.stderr}${JSON.stringify(ending.log)}`)
  const url = String((await spawned.logged('listening'))['url'])
  return { ...spawned, url, port: Number(new URL(url).port) }
}

/** Runs `main.ts` that is expected not to start, and resolves with how it ended. */
export const failedStart = async (options: ProcessOptions): Promise<Ending> => {
  const spawned = spawnHttp(options)
  const ending = await endingBeforeStart(spawned)
  await spawned[Symbol.asyncDispose]()
  if (ending === null) throw new Error('it listens')
  return ending
}

const endingBeforeStart = ({ logged, ended }: Pick<HttpProcess, 'logged' | 'ended'>): Promise<Ending | null> =>
  Promise.race([logged('listening').then(() => null), ended])

const spawnHttp = ({ dataDir, environment = {}, preload }: ProcessOptions): Omit<HttpProcess, 'url' | 'port'> => {
  const child = spawn(process.execPath, [...(preload === undefined ? [] : ['--import', preload]), MAIN], {
    // Neither the variables nor the .env of whoever runs the tests.
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      JWT_SECRET: SECRET,
      SHUTDOWN_TIMEOUT_MS: '30000',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: LogLine[] = []
  const waiting = new Set<{ readonly message: string; readonly found: (line: LogLine) => void }>()
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (text) => {
    const line = JSON.parse(text) as LogLine
    log.push(line)
    for (const waiter of waiting)
      if (waiter.message === line.msg) {
        waiting.delete(waiter)
        waiter.found(line)
      }
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => resolve({ how: code ?? signal ?? 'nothing', log, stderr }))
  })
  return {
    child,
    log,
    ended,
    logged: (message) =>
      new Promise((found) => {
        const earlier = log.find(({ msg }) => msg === message)
        if (earlier === undefined) waiting.add({ message, found })
        else found(earlier)
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A token that these processes take. */
export const aToken = (claims: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT({ email: 'ada@example.com', exp: Math.floor(Date.now() / 1000) + 3600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(SECRET))

/** A data folder that is gone when the test is over. */
export const dataFolder = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 'pebbles-e2e-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
