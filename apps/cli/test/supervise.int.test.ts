import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StopSignal } from '../src/context.ts'
import { type AppName, spawnApp } from '../src/processes/app-process.ts'
import { supervise } from '../src/processes/supervise.ts'

const LIVES = `setInterval(() => {}, 1000); process.on('SIGTERM', () => { console.log(NAME + ' stops'); process.exit(0) }); console.log(NAME + ' runs')`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pebbles-supervise-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const script = async (name: string, code: string): Promise<string> => {
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, code.replaceAll('NAME', JSON.stringify(name)))
  return file
}

/** The log of all processes, and a way to wait for a line of it. */
const createLog = () => {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, taken) => {
      lines.push(...chunk.toString().trim().split('\n'))
      for (const wake of waiting) wake()
      waiting.clear()
      taken()
    },
  })
  const has = async (line: string, times = 1): Promise<void> => {
    while (lines.filter((each) => each === line).length < times)
      await new Promise<void>((resolve) => {
        waiting.add(resolve)
      })
  }
  return { lines, stdout, has }
}

const run = (entries: { api: string; workers?: readonly string[] }, log: ReturnType<typeof createLog>) => {
  const said: string[] = []
  let press: (signal: StopSignal) => void = () => undefined
  const starter = (name: AppName, entry: string) => () =>
    spawnApp(name, entry, { env: process.env, stdout: log.stdout, onLine: () => undefined })
  const ended = supervise({
    main: starter('http-api', entries.api),
    workers: (entries.workers ?? []).map((entry) => starter('sqs-worker', entry)),
    timeoutMs: 5_000,
    say: (text) => said.push(text),
    onSignal: (first) => {
      press = first
      return () => undefined
    },
    firstWaitMs: 10,
  })
  return { ended, said, signal: (name: StopSignal) => press(name) }
}

describe('processes that run together', () => {
  it('are stopped together: workers first, then the API', async () => {
    const log = createLog()
    const running = run({ api: await script('api', LIVES), workers: [await script('worker', LIVES)] }, log)
    await Promise.all([log.has('api runs'), log.has('worker runs')])
    running.signal('SIGTERM')
    expect(await running.ended).toBe(0)
    expect(log.lines.slice(-2)).toEqual(['worker stops', 'api stops'])
  })

  it.each([74, 78, 1])('end with the exit code %i of the API', async (code) => {
    const log = createLog()
    const worker = await script('worker', LIVES)
    const api = await script('api', `setTimeout(() => process.exit(${code}), 50)`)
    expect(await run({ api, workers: [worker] }, log).ended).toBe(code)
  })

  it('end with 128 and the signal that killed the API', async () => {
    const api = await script('api', `process.kill(process.pid, 'SIGKILL')`)
    expect(await run({ api }, createLog()).ended).toBe(137)
  })

  it('start a worker again that died', async () => {
    const log = createLog()
    const dies = await script('worker', `console.log(NAME + ' runs'); process.exit(3)`)
    const running = run({ api: await script('api', LIVES), workers: [dies] }, log)
    await log.has('worker runs', 3)
    running.signal('SIGINT')
    expect(await running.ended).toBe(0)
    expect(running.said[0]).toBe('sqs-worker died (exit code 3) and is started again in 0.01 s.')
  })

  it('start a worker again that somebody else stopped, and say so', async () => {
    const log = createLog()
    const gate = join(folder, 'was-stopped')
    const worker = await script(
      'worker',
      `import { existsSync, writeFileSync } from 'node:fs'
      const [gate, before] = [${JSON.stringify(gate)}, existsSync(${JSON.stringify(gate)})]
      ${LIVES}
      writeFileSync(gate, '')
      if (!before) process.kill(process.pid, 'SIGTERM')`,
    )
    const running = run({ api: await script('api', LIVES), workers: [worker] }, log)
    await Promise.all([log.has('worker runs', 2), log.has('api runs')])
    running.signal('SIGTERM')
    expect(await running.ended).toBe(0)
    expect(running.said).toEqual(['sqs-worker was stopped (exit code 0) and is started again in 0.01 s.'])
    expect(log.lines.filter((line) => line === 'worker runs')).toHaveLength(2)
  })

  it('all stop when a worker cannot run as it is set up', async () => {
    const log = createLog()
    const api = await script('api', LIVES)
    const gate = `${api}.runs`
    const worker = await script(
      'worker',
      `import { existsSync } from 'node:fs'; setInterval(() => existsSync(${JSON.stringify(gate)}) && process.exit(78), 20)`,
    )
    const running = run({ api, workers: [worker] }, log)
    await log.has('api runs')
    await writeFile(gate, '')
    expect(await running.ended).toBe(78)
    expect(running.said).toEqual(['sqs-worker cannot run as it is set up (exit code 78); everything stops.'])
    expect(log.lines.at(-1)).toBe('api stops')
  })

  it('write whole lines, however long', async () => {
    const log = createLog()
    const code = `for (let at = 0; at < 50; at++) console.log(NAME[0].repeat(20000)); setTimeout(() => {}, 200)`
    await run({ api: await script('api', code), workers: [await script('worker', code)] }, log).ended
    for (const line of log.lines) expect(new Set(line).size).toBe(1)
    expect(log.lines.filter((line) => line.startsWith('a'))).toHaveLength(50)
  })
})
