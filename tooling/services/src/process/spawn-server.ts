import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Server, ServiceError } from '../server.ts'
import { freePort } from './free-port.ts'
import { dieWithParent, forget } from './reaper.ts'

export interface ServerPlan {
  readonly name: string
  readonly command: string
  readonly args: (place: Place) => readonly string[]
  /** Writes files and runs what has to be run once, before the first start. */
  readonly prepare?: (place: Place) => Promise<void>
  /** Resolves when the server answers its own protocol, rejects when it does not yet. */
  readonly check: (place: Place) => Promise<void>
}

export interface Place {
  readonly folder: string
  readonly port: number
  /** A second port, for a server that needs one for itself. */
  readonly innerPort: number
}

export interface NativeServer extends Server {
  readonly port: number
  /** Of the process that runs now. */
  readonly pid: () => number | undefined
}

const START_MS = 120_000
const KEPT_LOG = 200_000

/** Starts a program as a server: free ports, a folder of its own, and a start that ends when the server answers. */
export const spawnServer = async (plan: ServerPlan): Promise<NativeServer> => {
  for (let tries = 1; ; tries += 1) {
    // A folder of its own for each try: what was prepared for one place does not fit another.
    const folder = await mkdtemp(join(tmpdir(), `pebbles-${plan.name}-`))
    const place = { folder, port: await freePort(), innerPort: await freePort() }
    const server = createNativeServer(plan, place)
    try {
      await plan.prepare?.(place)
      await server.restart()
      return server
    } catch (error) {
      await server.stop()
      // Between the look for a free port and its use another program may have taken it.
      if (!/address already in use/i.test(server.logs()) || tries === 5) throw error
    }
  }
}

const createNativeServer = (plan: ServerPlan, place: Place): NativeServer => {
  let child: ChildProcess | undefined
  let output = ''
  const keep = (data: Buffer): void => {
    output = (output + data.toString()).slice(-KEPT_LOG)
  }

  const kill = async (): Promise<void> => {
    const dying = child
    child = undefined
    if (dying?.pid === undefined || dying.exitCode !== null || dying.signalCode !== null) return
    // Until it is gone it counts again: whoever waits for it has nothing else to wait for.
    dying.ref()
    const gone = once(dying, 'exit')
    dying.kill('SIGKILL')
    await gone
  }
  const signal = (name: NodeJS.Signals) => async (): Promise<void> => {
    if (child === undefined) throw new ServiceError('SERVICE_FAILED', `${plan.name} does not run`)
    child.kill(name)
  }
  const restart = async (): Promise<void> => {
    await kill()
    const started = spawn(plan.command, plan.args(place), { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    started.stdout.on('data', keep)
    started.stderr.on('data', keep)
    const failed = new Promise<Error>((done) => {
      started.once('error', done)
      started.once('exit', (code, cause) => done(new Error(`it ended with ${code ?? cause}`)))
    })
    const { pid } = started
    if (pid !== undefined) {
      dieWithParent(pid, place.folder)
      started.once('exit', () => forget(pid))
    }
    // The test's own process must be able to end while a server runs.
    started.unref()
    await answers(plan, place, failed, () => output)
  }
  const stop = async (): Promise<void> => {
    await kill()
    await rm(place.folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return {
    origin: 'native',
    port: place.port,
    pid: () => child?.pid,
    stop,
    kill,
    pause: signal('SIGSTOP'),
    resume: signal('SIGCONT'),
    restart,
    logs: () => output,
    [Symbol.asyncDispose]: stop,
  }
}

const answers = async (plan: ServerPlan, place: Place, failed: Promise<Error>, logs: () => string): Promise<void> => {
  const deadline = performance.now() + START_MS
  // Before each check: one that fails as soon as it is asked would always be first.
  const ended = failed.then((error) => ({ ended: error }))
  for (;;) {
    const check = plan.check(place).then(
      () => null,
      (error: unknown) => error,
    )
    const seen = await Promise.race([ended, check])
    if (seen === null) return
    const hasEnded = typeof seen === 'object' && 'ended' in seen
    if (hasEnded || performance.now() > deadline)
      throw new ServiceError('SERVICE_FAILED', `${plan.name} did not start. It printed:\n${logs().slice(-4_000)}`, {
        cause: hasEnded ? seen.ended : seen,
      })
    await sleep(50)
  }
}
