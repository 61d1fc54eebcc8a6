import type { StartedTestContainer } from 'testcontainers'
import type { Server } from '../server.ts'

export interface ContainerPlan {
  readonly image: string
  readonly environment?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly files?: readonly { readonly content: string; readonly target: string }[]
  /** Container port to host port: fixed, so that an address stays good over a restart. */
  readonly ports: readonly { readonly container: number; readonly host: number }[]
  /** Resolves when the server answers its own protocol. A line in a log tells less. */
  readonly check: () => Promise<void>
}

/** Starts a server in a container, on any Docker API. */
export const startContainer = async (plan: ContainerPlan): Promise<Server> => {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers')
  const { container } = await getContainerRuntimeClient()
  let generic = new GenericContainer(plan.image)
    .withExposedPorts(...plan.ports)
    .withEnvironment({ ...plan.environment })
    .withCopyContentToContainer(plan.files?.map((file) => ({ ...file })) ?? [])
    // `check` knows better than a look at ports, for which an image must have tools.
    .withWaitStrategy(Wait.forAll([]))
  if (plan.command !== undefined) generic = generic.withCommand([...plan.command])
  const started: StartedTestContainer = await generic.start()
  await until(plan.check)

  let output = ''
  const log = await started.logs()
  log.on('data', (line: Buffer | string) => {
    output = (output + line.toString()).slice(-200_000)
  })
  const handle = () => container.getById(started.getId())
  const stop = async (): Promise<void> => {
    await started.stop({ remove: true, removeVolumes: true, timeout: 0 }).catch((error: unknown) => {
      if (!/no such container|not found/i.test(String(error))) throw error
    })
  }
  return {
    origin: 'container',
    stop,
    kill: async () => handle().kill({ signal: 'SIGKILL' }),
    pause: async () => handle().pause(),
    resume: async () => handle().unpause(),
    restart: async () => {
      await started.restart({ timeout: 0 })
      await until(plan.check)
    },
    logs: () => output,
    [Symbol.asyncDispose]: stop,
  }
}

const until = async (check: () => Promise<void>): Promise<void> => {
  const deadline = performance.now() + 60_000
  for (;;) {
    const error = await check().then(
      () => null,
      (failure: unknown) => failure,
    )
    if (error === null) return
    if (performance.now() > deadline) throw error
    await new Promise((done) => setTimeout(done, 100))
  }
}
