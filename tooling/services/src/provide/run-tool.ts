import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ServiceError } from '../server.ts'

const run = promisify(execFile)

/** Runs a program that this machine may not have; `cure` says how to come by it. */
export const runTool = async (
  command: string,
  args: readonly string[],
  folder: string,
  cure: string,
): Promise<void> => {
  try {
    await run(command, args, { cwd: folder, maxBuffer: 16 * 1024 * 1024, timeout: 600_000 })
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string }
    const said = missing ? `${command} was not found` : `${stdout}${stderr}`.trim().slice(-1_000)
    throw new ServiceError('SERVICE_MISSING', `${cure}\n(${command} ${args.join(' ')}: ${said})`, { cause: error })
  }
}

const TRIES = 3
const TRY_AGAIN_MS = 5_000

/** The same for one that asks a package registry, which does not always answer at once. */
export const fetchWith = async (...[command, args, folder, cure]: Parameters<typeof runTool>): Promise<void> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await runTool(command, args, folder, cure)
    } catch (error) {
      const { code } = (error as Error).cause as NodeJS.ErrnoException
      if (code === 'ENOENT' || tries === TRIES) throw error
    }
    await sleep(TRY_AGAIN_MS)
  }
}
