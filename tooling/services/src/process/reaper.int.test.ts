import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startMongo } from '../mongo/start-mongo.ts'
import { orSkip } from '../server.ts'

const script = fileURLToPath(new URL('../../test/start-and-wait.ts', import.meta.url))

it.each(['SIGKILL', 'SIGTERM'] as const)('a server dies with the process that started it: %s', async (signal) => {
  const probe = await orSkip(startMongo({ topology: 'standalone', faults: true }))
  if (probe === null) return
  await probe.stop()
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const { pid, folder } = JSON.parse(line.toString()) as { readonly pid: number; readonly folder: string }
  expect(isAlive(pid)).toBe(true)
  expect(existsSync(folder)).toBe(true)
  parent.kill(signal)
  await once(parent, 'exit')
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false)
})

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
