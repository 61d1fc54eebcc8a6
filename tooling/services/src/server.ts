/** A real server, for tests, benchmarks and examples. It dies with the process that started it, however that ends. */
export interface Server extends AsyncDisposable {
  /** Where it came from. One of the environment is not ours: it cannot be killed, paused or restarted, and `stop` leaves it. */
  readonly origin: 'environment' | 'container' | 'native'
  /** Ends it and removes its data. May be called twice. */
  readonly stop: () => Promise<void>
  /** SIGKILL; resolves when it is gone. Its data and its address stay, for `restart`. */
  readonly kill: () => Promise<void>
  /** SIGSTOP: it answers nothing, but its sockets stay open. */
  readonly pause: () => Promise<void>
  readonly resume: () => Promise<void>
  /** Starts it again at the same address on the same data; one that runs is killed first. Resolves when it answers. */
  readonly restart: () => Promise<void>
  /** The newest of what it printed. */
  readonly logs: () => string
}

/**
 * `SERVICE_MISSING` nothing on this machine can give the server, the message says what would · `SERVICE_FAILED` it was
 * started and did not come to answer · `SERVICE_NOT_OURS` a server of the environment was to be killed or paused.
 */
export type ServiceErrorCode = 'SERVICE_MISSING' | 'SERVICE_FAILED' | 'SERVICE_NOT_OURS'

/** Why there is no server; `code` says the kind. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode
  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * The server, or null with a line that says how to get one, so that a test can be skipped in sight. On CI (`CI=true`)
 * a missing server is a failure. Only a server that is missing is skipped: one that failed to start always throws.
 */
export const orSkip = async <T>(starting: Promise<T>): Promise<T | null> => {
  try {
    return await starting
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'SERVICE_MISSING' || process.env['CI'] === 'true')
      throw error
    process.stderr.write(`SKIPPED: ${error.message}\n`)
    return null
  }
}

/** A server that somebody else runs. */
export const foreignServer = (what: string): Server => {
  const refuse = async (): Promise<never> => {
    throw new ServiceError('SERVICE_NOT_OURS', `${what} comes from the environment and is left alone`)
  }
  const stop = async (): Promise<void> => {}
  return {
    origin: 'environment',
    stop,
    kill: refuse,
    pause: refuse,
    resume: refuse,
    restart: refuse,
    logs: () => '',
    [Symbol.asyncDispose]: stop,
  }
}

/** Several servers as one: what is done is done to each. */
export const joinServers = (servers: readonly Server[], after: () => Promise<void> = async () => {}): Server => {
  const each = (act: (server: Server) => Promise<void>) => async (): Promise<void> => {
    await Promise.all(servers.map(act))
  }
  const stop = async (): Promise<void> => {
    await after()
    await each((server) => server.stop())()
  }
  return {
    origin: servers[0]?.origin ?? 'native',
    stop,
    kill: each((server) => server.kill()),
    pause: each((server) => server.pause()),
    resume: each((server) => server.resume()),
    restart: each((server) => server.restart()),
    logs: () => servers.map((server) => server.logs()).join('\n'),
    [Symbol.asyncDispose]: stop,
  }
}

/** Starts several at once; when one does not start, the others are stopped. */
export const startAll = async <T extends Server>(starting: readonly Promise<T>[]): Promise<readonly T[]> => {
  const started = await Promise.allSettled(starting)
  const failed = started.find((end) => end.status === 'rejected')
  const servers = started.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
  if (failed === undefined) return servers
  await Promise.all(servers.map((server) => server.stop()))
  throw failed.reason
}
