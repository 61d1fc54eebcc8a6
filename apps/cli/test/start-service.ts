import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDemoService } from '../src/demo/demo-service.ts'

export interface TestService extends AsyncDisposable {
  readonly url: string
  readonly dataDir: string
  /** What a shell would hold for the commands that speak to it. */
  readonly environment: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}

/** An HTTP API of its own on a free port, with a data folder of its own. */
export const startService = async (): Promise<TestService> => {
  const folder = await mkdtemp(join(tmpdir(), 'pebbles-cli-test-'))
  const service = await startDemoService({ PATH: process.env['PATH'] }, folder, 0)
  return {
    url: service.connection.url,
    dataDir: folder,
    environment: { PEBBLES_URL: service.connection.url, DATA_DIR: folder },
    stop: service.stop,
    [Symbol.asyncDispose]: async () => {
      await service.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
