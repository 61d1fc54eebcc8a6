import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@pebbles/services'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { launchIn } from './launch.ts'

// Each test starts several processes of Node.js, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pebbles-processes-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const launch: ReturnType<typeof launchIn> = (args, env) => launchIn(folder)(args, env)

describe('start', () => {
  it('prints a token that works, now and after the next start, and keeps it out of the log', async () => {
    let token = ''
    for (const result of ['created', 'updated']) {
      const running = launch(['start'])
      const [, url = ''] = await running.said('stderr', /Pebbles listens on (\S+)\n/)
      const [, printed = ''] = await running.said('stderr', /^Page.*#token=(\S+)$/m)
      await running.said('stderr', /Ctrl-C/)
      token ||= printed
      const answer = await fetch(`${url}/clients/krn:mycompany:client:123/progress`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: '{"filename":"test.csv","counts":{"done":1,"warn":0,"failed":0}}',
      })
      expect(await answer.json()).toMatchObject({ result })
      running.child.kill('SIGTERM')
      expect(await running.ended).toBe(0)
      for (const line of running.text.stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg')
      expect(running.text.stdout).not.toContain('eyJ')
    }
    expect((await stat(join(folder, 'data', 'development-secret'))).mode & 0o777).toBe(0o600)
  })

  it('says in one sentence that the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
    const { port } = other.address() as AddressInfo
    const running = launch(['start'], { PORT: String(port) })
    expect(await running.ended).toBe(69)
    expect(running.text.stderr).toContain(`pebbles: Port ${port} is taken by another program.\n`)
    expect(running.text.stdout).toBe('')
    other.close()
  })

  it('ends with 78 and names the variable when the configuration is not valid', async () => {
    const running = launch(['start'], { PORT: 'many', READ_AUTH: 'maybe' })
    expect(await running.ended).toBe(78)
    expect(running.text.stderr).toMatch(/PORT="many".*\n.*READ_AUTH="maybe"/)
  })

  it('takes the service with it when it is killed', async () => {
    const running = launch(['serve'])
    const [, url = ''] = await running.said('stderr', /Pebbles listens on (\S+)\n/)
    running.child.kill('SIGKILL')
    // Its output ends when the last process that holds it has ended.
    await running.ended
    await expect(fetch(`${url}/health`)).rejects.toThrow()
  })

  it('counts a Ctrl-C that comes several times at once as one', async () => {
    const running = launch(['serve'])
    await running.said('stderr', /Ctrl-C/)
    for (let at = 0; at < 3; at++) running.child.kill('SIGINT')
    expect(await running.ended).toBe(0)
  })
})

describe('worker', () => {
  /** Nobody is there, and a worker serves its probes all the same. */
  const away = { KAFKA_ENABLED: 'true', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' }
  const answers = (port: number): Promise<void> =>
    vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200), {
      timeout: 60_000,
      interval: 100,
    })

  it('has the port of the probes when it is alone, and Kafka the next one beside others', async () => {
    const port = await freePort(2)
    const env = { ...away, WORKER_PORT: String(port) }
    const alone = launch(['worker', 'kafka'], env)
    await answers(port)
    alone.child.kill('SIGTERM')
    await alone.ended
    const together = launch(['start'], env)
    await answers(port + 1)
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
    together.child.kill('SIGTERM')
    await together.ended
  })

  it('is refused the port of the API', async () => {
    const running = launch(['start'], { ...away, PORT: '9101', WORKER_PORT: '9100' })
    expect(await running.ended).toBe(78)
    expect(running.text.stderr).toContain('PORT=9101 is the API')
  })

  it('is refused the port behind the last one', async () => {
    const running = launch(['start'], { ...away, WORKER_PORT: '65535' })
    expect(await running.ended).toBe(78)
    expect(running.text.stderr).toContain('WORKER_PORT=65535 is the last port there is')
  })
})

describe('demo', () => {
  it('imports real files, whose rows it counted apart, and leaves nothing behind', async () => {
    const running = launch(['demo', '--fast', '--json'])
    expect(await running.ended).toBe(0)
    const { exact, files } = JSON.parse(running.text.stdout)
    expect(exact).toBe(true)
    expect(files.length).toBeGreaterThanOrEqual(5)
    expect(new Set(files.map(({ outcome }: { outcome: string }) => outcome))).toEqual(
      new Set(['succeeded', 'failed', 'cancelled']),
    )
    expect(files.some(({ brokenOnPurpose }: { brokenOnPurpose: number }) => brokenOnPurpose > 0)).toBe(true)
    expect(running.text.stderr).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#token=/)
    expect((await readdir(folder)).filter((name) => name.startsWith('pebbles-demo-'))).toEqual([])
  })
})

describe('doctor', () => {
  it('finds what is wrong and says what to do', async () => {
    const running = launch(['doctor', '--json'], { PORT: 'x' })
    expect(await running.ended).toBe(1)
    const { ok, findings } = JSON.parse(running.text.stdout)
    expect(ok).toBe(false)
    expect(findings).toContainEqual({
      check: 'configuration',
      status: 'fail',
      message: expect.stringContaining('PORT="x" is not a whole number'),
      cure: 'Correct it in the environment or in .env',
    })
  })

  it('names the doors that are open', async () => {
    const running = launch(['doctor'])
    expect(await running.ended).toBe(0)
    expect(running.text.stdout).toMatch(/^warn {2}READ_AUTH .*public/m)
    expect(running.text.stdout).toMatch(/^warn {2}JWT_CLIENTS_REQUIRED .*false/m)
  })
})
