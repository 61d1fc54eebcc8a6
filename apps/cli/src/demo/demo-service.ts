import { Writable } from 'node:stream'
import { type Config, type Environment, parseConfig } from '@pebbles/runtime'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { type AppProcess, appEntry, spawnApp } from '../processes/app-process.ts'
import { type Welcome, welcomeOf } from '../processes/welcome.ts'
import type { Connection } from '../service/connection.ts'

export interface DemoService {
  readonly connection: Connection
  readonly welcome: Welcome
  /** Resolves with its exit code when it ends, asked or not. */
  readonly ended: Promise<number>
  readonly stop: () => Promise<void>
}

/** Settings of the place that would make the demo something else than a service of its own, in development mode. */
const UNSET = [
  'JWT_SECRET',
  'JWT_JWKS_URL',
  'JWT_PUBLIC_KEY',
  'JWT_ISSUER',
  'JWT_AUDIENCE',
  'MONGO_URI',
  'PUBLIC_URL',
  'RATE_LIMIT',
  'CLIENT_KRN_PATTERN',
  'READ_AUTH',
  'NODE_ENV',
  'LOG_LEVEL',
]

/** Starts an HTTP API that keeps its data in the folder. */
export const startDemoService = async (
  environment: Environment,
  dataDir: string,
  port: number,
): Promise<DemoService> => {
  const unset = Object.fromEntries(UNSET.map((name) => [name, '']))
  const env = { ...environment, ...unset, HOST: '127.0.0.1', PORT: String(port), DATA_DIR: dataDir }
  const config: Config = parseConfig(env)
  const entry = appEntry('http-api')
  if (entry === null) throw new CliError({ exit: EXIT.config, message: 'This copy of Pebbles has no http-api.' })
  const { app, listening, lastWords } = spawnListening(entry, env)
  const stop = async (): Promise<void> => {
    app.child.kill('SIGTERM')
    await app.ended
  }
  const kill = (): boolean => app.child.kill('SIGTERM')
  process.once('exit', kill)
  void app.ended.then(() => process.off('exit', kill))
  const url = await Promise.race([listening, app.ended])
  if (typeof url === 'number')
    throw new CliError({
      exit: EXIT.unavailable,
      message: `The service did not start (exit code ${url}): ${lastWords()}`,
    })
  const welcome = await welcomeOf(config, url)
  const connection = { url: welcome.url, token: welcome.token, withoutToken: null, isDefault: false }
  return { connection, welcome, ended: app.ended, stop }
}

const spawnListening = (entry: string, env: Environment) => {
  let last = 'it said nothing'
  let app: AppProcess | undefined
  const sink = new Writable({ write: (_chunk, _encoding, taken) => taken() })
  const listening = new Promise<string>((resolve) => {
    const onLine = (line: string): void => {
      last = line
      if (line.includes('"listening"')) resolve((JSON.parse(line) as { url: string }).url)
    }
    app = spawnApp('http-api', entry, { env, stdout: sink, onLine })
  })
  return { app: app as AppProcess, listening, lastWords: () => last }
}
