import type { Config } from '@pebbles/runtime'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type AppName, type AppProcess, appEntry, spawnApp } from '../processes/app-process.ts'
import { assertPortFree } from '../processes/check-port.ts'
import { supervise } from '../processes/supervise.ts'
import { renderWelcome, welcomeOf } from '../processes/welcome.ts'
import { loadConfig } from '../service/local-config.ts'

export interface StartOptions {
  readonly json?: true
}

/** The HTTP API and each enabled worker, as processes of their own. */
export const start = async (options: StartOptions, context: Context): Promise<ExitCode> => {
  const config = await loadConfig(context)
  const { sqsEnabled, kafkaEnabled, workerPort, port } = config
  if (kafkaEnabled && workerPort === LAST_PORT)
    throw new CliError({
      exit: EXIT.config,
      message: `WORKER_PORT=${workerPort} is the last port there is, and the Kafka worker has the next one.`,
      next: 'For example WORKER_PORT=9101.',
    })
  // Side by side each needs a port of its own.
  const kafkaPort = workerPort === 0 ? 0 : workerPort + 1
  const taken = [...(sqsEnabled ? [workerPort] : []), ...(kafkaEnabled ? [kafkaPort] : [])]
  if (port !== 0 && taken.includes(port))
    throw new CliError({
      exit: EXIT.config,
      message: `PORT=${port} is the API's, and with WORKER_PORT=${workerPort} a worker's, too.`,
      next: `For example WORKER_PORT=${port < 9_000 ? 9_101 : 8_101}.`,
    })
  return runApps(['http-api', ...enabledWorkers(config)], { ...config, kafkaPort }, options, context)
}

const LAST_PORT = 65_535

/** The HTTP API alone. */
export const serve = async (options: StartOptions, context: Context): Promise<ExitCode> =>
  runAlone('http-api', options, context)

/** One worker alone. */
export const worker = async (kind: 'sqs' | 'kafka', options: StartOptions, context: Context): Promise<ExitCode> =>
  runAlone(`${kind}-worker`, options, context)

const runAlone = async (name: AppName, options: StartOptions, context: Context): Promise<ExitCode> => {
  const config = await loadConfig(context)
  return runApps([name], { ...config, kafkaPort: config.workerPort }, options, context)
}

const enabledWorkers = (config: Config): readonly AppName[] => [
  ...(config.sqsEnabled ? (['sqs-worker'] as const) : []),
  ...(config.kafkaEnabled ? (['kafka-worker'] as const) : []),
]

const runApps = async (
  names: readonly [AppName, ...AppName[]],
  config: Config & { readonly kafkaPort: number },
  options: StartOptions,
  context: Context,
): Promise<ExitCode> => {
  const { stdout, stderr } = context
  const environment = await context.environment()
  // A log that nobody reads any more is no reason to stop.
  stdout.on('error', () => undefined)
  const say = (text: string): void => {
    stderr.write(`pebbles: ${text}\n`)
  }
  const greet = async (listening: string): Promise<void> => {
    const welcome = await welcomeOf(config, listening)
    if (options.json) stdout.write(`${JSON.stringify({ event: 'listening', ...welcome })}\n`)
    else if (welcome.token !== null || stderr.isTTY === true) stderr.write(renderWelcome(welcome))
  }
  const starter = (name: AppName): (() => AppProcess) => {
    const entry = appEntry(name)
    if (entry === null)
      throw new CliError({ exit: EXIT.config, message: `This copy of Pebbles has no ${name}.`, next: 'Switch it off.' })
    const env = name === 'kafka-worker' ? { ...environment, WORKER_PORT: String(config.kafkaPort) } : environment
    const onLine = name === 'http-api' ? createListeningWatch(config, greet) : () => undefined
    return () => spawnApp(name, entry, { env, stdout, onLine })
  }
  const [main, ...workers] = names.map(starter)
  if (names[0] === 'http-api' && config.port !== 0) await assertPortFree(config.listenHost, config.port)
  return supervise({
    main: main as () => AppProcess,
    workers,
    timeoutMs: config.shutdownTimeoutMs,
    say,
    onSignal: context.onSignal,
  })
}

/** Calls back once, when the API's log says where it listens. */
const createListeningWatch = (config: Config, greet: (url: string) => Promise<void>): ((line: string) => void) => {
  let greeted = false
  return (line) => {
    if (greeted || !line.includes('"listening"')) return
    const { url } = JSON.parse(line) as { url?: unknown }
    if (typeof url !== 'string') return
    greeted = true
    void greet(config.publicUrl ?? url)
  }
}
