import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const program = fileURLToPath(new URL('../test/process.ts', import.meta.url))

/** Runs the program to its end; each line that it says may be answered by a signal. */
const run = async (manner: string, answers: Readonly<Record<string, NodeJS.Signals>> = {}) => {
  const child = spawn(process.execPath, [program, manner], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { msg } = JSON.parse(line) as { msg: string }
    said.push(msg)
    const signal = answers[msg]
    if (signal !== undefined) child.kill(signal)
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { said, code, signal }
}

it.for(['SIGTERM', 'SIGINT'] as const)('stops in order on %s and exits 0', async (signal) => {
  const ended = await run('', { started: signal })
  expect(ended).toEqual({ said: ['started', 'stopping', 'store closed'], code: 0, signal: null })
})

it('exits at once on the second signal', async () => {
  const ended = await run('hang', { started: 'SIGTERM', stopping: 'SIGTERM' })
  expect(ended).toEqual({ said: ['started', 'stopping'], code: 143, signal: null })
})

it('leaves behind what hangs, closes the store, and exits 1', async () => {
  const ended = await run('hang', { started: 'SIGTERM' })
  expect(ended).toEqual({
    said: ['started', 'stopping', 'did not stop in time', 'store closed'],
    code: 1,
    signal: null,
  })
})

it.for(['throw', 'reject'])('says what nobody caught (%s), stops in order and exits 1', async (manner) => {
  const ended = await run(manner)
  expect(ended).toEqual({ said: ['started', 'a bug that nobody caught', 'store closed'], code: 1, signal: null })
})

it('exits 74 when the store must not be touched', async () => {
  expect(await run('corrupt')).toEqual({ said: ['the file is damaged', 'store closed'], code: 74, signal: null })
})
