import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'

const main = fileURLToPath(new URL('../../apps/http-api/src/main.ts', import.meta.url))

export interface Api extends AsyncDisposable {
  readonly url: string
  /** A development token: `dev@localhost`, an administrator. */
  readonly token: string
  readonly dataDir: string
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** Every line it logged so far. */
  readonly logs: readonly string[]
}

/** The HTTP API as a process of its own, on a free port, in development mode unless the environment says otherwise. */
export const startApi = async (environment: Record<string, string> = {}): Promise<Api> => {
  const dataDir = environment['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'pebbles-api-'))
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], PORT: '0', ...environment, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const logs: string[] = []
  const url = await new Promise<string>((listening, failed) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      logs.push(line)
      const entry = JSON.parse(line) as { msg?: string; url?: string }
      if (entry.msg === 'listening' && entry.url !== undefined) listening(entry.url)
    })
    exited.then(
      ([code]) => failed(new Error(`the API ended with ${code} before it listened: ${logs.at(-1) ?? ''}`)),
      failed,
    )
  })
  const kill: Api['kill'] = async (name) => {
    child.kill(name)
    const [code, signal] = await exited
    return { code, signal }
  }
  return {
    url,
    token: await developmentToken(dataDir),
    dataDir,
    pid: child.pid as number,
    kill,
    logs,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await kill('SIGKILL')
    },
  }
}

const developmentToken = async (dataDir: string): Promise<string> => {
  try {
    const secret = readFileSync(join(dataDir, 'development-secret'), 'utf8').trim()
    return await new SignJWT({ email: 'dev@localhost', pebbles_admin: true })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1d')
      .sign(new TextEncoder().encode(secret))
  } catch {
    return ''
  }
}
