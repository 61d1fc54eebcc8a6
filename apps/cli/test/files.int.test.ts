import { createHash, randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStdin, runPebbles, startPebbles } from './run-pebbles.ts'
import { startService, type TestService } from './start-service.ts'

const CLIENT = 'krn:acme:client:1'

let service: TestService
beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const pebbles = (args: readonly string[], stdin?: string) =>
  runPebbles(args, { environment: service.environment, ...(stdin === undefined ? {} : { stdin }) })

const record = async (filename: string, client = CLIENT) => {
  const { stdout } = await pebbles(['show', filename, '--client', client, '--json'])
  return JSON.parse(stdout)
}

describe('list and show', () => {
  it('escape what a name holds', async () => {
    await pebbles([
      'send',
      '--client',
      CLIENT,
      '--filename',
      'evil\u202egnp.csv',
      '--failed',
      '1',
      '--error',
      '1:bad \u001b[31mred',
    ])
    const list = await pebbles(['list', '--client', CLIENT, '--search', 'evil'])
    expect(list.stdout).toContain('evil\\u202egnp.csv')
    const show = await pebbles(['show', 'evil\u202egnp.csv'])
    expect(show.stdout).toContain('evil\\u202egnp.csv')
    expect(show.stdout + list.stdout).not.toMatch(/[\u001b\u202e]/)
  })

  it('find a file in whichever client has it, and ask when several have', async () => {
    for (const client of [CLIENT, 'krn:acme:client:2'])
      await pebbles(['send', '--client', client, '--filename', 'both.csv', '--done', '1'])
    await pebbles(['send', '--client', 'krn:acme:client:2', '--filename', 'only.csv', '--done', '1'])
    expect((await pebbles(['show', 'only.csv'])).stdout).toContain('krn:acme:client:2')
    const both = await pebbles(['show', 'both.csv'])
    expect(both.exit).toBe(2)
    expect(both.stderr).toContain('2 clients have a file "both.csv"')
    const none = await pebbles(['show', 'none.csv'])
    expect(none.exit).toBe(1)
    expect(none.stderr).toContain('No client has a file "none.csv"')
  })

  it('list more files than one page holds, each once', async () => {
    const updates = Array.from({ length: 1_100 }, (_, at) => ({
      filename: `f${at}`,
      counts: { done: 1, warn: 0, failed: 0 },
    }))
    for (const part of [updates.slice(0, 600), updates.slice(600)])
      await fetch(`${service.url}/clients/krn:acme:client:many/progress/batch`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await token()}` },
        body: JSON.stringify({ updates: part }),
      })
    const { stdout } = await pebbles(['list', '--client', 'krn:acme:client:many', '--limit', '2000', '--json'])
    expect(new Set(JSON.parse(stdout).map(({ filename }: { filename: string }) => filename)).size).toBe(1_100)
  })

  it('show the lines of a pattern with their values in columns', async () => {
    await pebbles([
      'send',
      '--client',
      CLIENT,
      '--filename',
      'values.csv',
      '--failed',
      '2',
      '--error',
      '7:Amount 12 is too high',
      '--error',
      '9:Amount 15 is too high',
    ])
    const id = (await record('values.csv')).errors[0].id
    const { stdout } = await pebbles(['show', 'values.csv', '--client', CLIENT, '--pattern', id])
    expect(stdout).toMatch(/LINE/)
    expect(stdout).toMatch(/^ {3}7 /m)
    expect(stdout).toMatch(/^ {3}9 /m)
    const wrong = await pebbles(['show', 'values.csv', '--client', CLIENT, '--pattern', 'e99'])
    expect(wrong.exit).toBe(1)
  })
})

const token = async (): Promise<string> => (await pebbles(['token'])).stdout.trim()

describe('token', () => {
  it('is taken by the service', async () => {
    const answer = await fetch(`${service.url}/clients`, { headers: { Authorization: `Bearer ${await token()}` } })
    expect(answer.status).toBe(200)
  })

  it.each([
    [[], 30 * 86_400],
    [['--expires', '15m'], 900],
    [['--expires', 'never'], null],
  ])('with %j expires when it is said to', async (args, seconds) => {
    const { stdout } = await pebbles(['token', ...args])
    const { iat, exp } = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString())
    expect(exp === undefined ? null : exp - iat).toBe(seconds)
  })

  it('covers the clients that are named, and no more', async () => {
    const { stdout } = await pebbles(['token', '--email', 'a@b', '--client', 'krn:acme:*', '--expires', '5m'])
    const send = (client: string) =>
      runPebbles(['send', '--client', client, '--filename', 'covered.csv', '--done', '1'], {
        environment: { ...service.environment, PEBBLES_TOKEN: stdout.trim() },
      })
    expect((await send('krn:acme:client:9')).exit).toBe(0)
    const refused = await send('krn:globex:client:9')
    expect(refused.exit).toBe(77)
    expect(refused.stderr).toContain('CLIENT_FORBIDDEN')
  })

  it('is refused where only public keys are configured', async () => {
    const { exit, stderr } = await runPebbles(['token'], {
      environment: { JWT_JWKS_URL: 'https://login.example.com/jwks.json' },
    })
    expect(exit).toBe(78)
    expect(stderr).toContain('Only the keys of JWT_JWKS_URL are configured: they verify tokens and cannot sign any')
  })

  it('needs a name where it counts in production', async () => {
    const environment = { JWT_SECRET: 'x'.repeat(32) }
    expect((await runPebbles(['token'], { environment })).exit).toBe(2)
    expect((await runPebbles(['token', '--email', 'a@b'], { environment })).stdout).toMatch(/^eyJ/)
  })
})

describe('pipe', () => {
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
  const collectTo = () => {
    const chunks: Buffer[] = []
    const stdout = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, taken) => {
        chunks.push(Buffer.from(chunk))
        setImmediate(taken)
      },
    })
    return { stdout, bytes: () => Buffer.concat(chunks) }
  }

  it('copies byte for byte and counts lines, the last one without an end, too', async () => {
    const bytes = Buffer.concat([randomBytes(300_000), Buffer.from('last')])
    const lines = bytes.filter((byte) => byte === 10).length + 1
    const { stdout, bytes: copied } = collectTo()
    const { exit } = await runPebbles(
      ['pipe', '--client', CLIENT, '--filename', 'dump.sql', '--total', String(lines)],
      {
        environment: service.environment,
        stdin: bytes,
        stdout,
      },
    )
    expect(exit).toBe(0)
    expect(hash(copied())).toBe(hash(bytes))
    expect(await record('dump.sql')).toMatchObject({
      counts: { done: lines, warn: 0, failed: 0 },
      total: lines,
      status: 'completed',
    })
  })

  it('ends as cancelled when it is stopped', async () => {
    const stdin = createStdin()
    const running = startPebbles(['pipe', '--client', CLIENT, '--filename', 'stopped.txt', '--every', '10ms'], {
      environment: service.environment,
      stdin,
    })
    stdin.write('one\ntwo\n')
    await running.said('2 lines')
    running.signal('SIGTERM')
    const { exit, stdout } = await running.finished
    expect({ exit, stdout }).toEqual({ exit: 143, stdout: 'one\ntwo\n' })
    expect(await record('stopped.txt')).toMatchObject({
      counts: { done: 2, warn: 0, failed: 0 },
      status: 'cancelled',
      reason: 'Stopped by SIGTERM',
    })
  })

  it('ends as failed when its reader has gone', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, taken) => taken(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    })
    const { exit } = await runPebbles(['pipe', '--client', CLIENT, '--filename', 'gone.txt'], {
      environment: service.environment,
      stdin: 'a\nb\n',
      stdout,
    })
    expect(exit).toBe(1)
    expect(await record('gone.txt')).toMatchObject({ status: 'failed', reason: 'The reader of the output has gone' })
  })

  it('copies nothing when the service refuses it from the start', async () => {
    const { exit, stdout, stderr } = await runPebbles(['pipe', '--client', 'acme', '--filename', 'a'], {
      environment: service.environment,
      stdin: 'a\n',
    })
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toContain('INVALID_CLIENT_KRN')
  })

  it('copies all the same while the service is away, and says so', async () => {
    const { exit, stdout, stderr } = await runPebbles(
      ['pipe', '--client', CLIENT, '--filename', 'a', '--wait', '100ms'],
      {
        environment: { PEBBLES_URL: 'http://127.0.0.1:1' },
        stdin: 'a\nb\n',
      },
    )
    expect({ exit, stdout }).toEqual({ exit: 69, stdout: 'a\nb\n' })
    expect(stderr).toContain('The copying goes on.')
    expect(stderr).toContain('All 2 lines were copied, but not all were reported')
  })
})

describe('watch', () => {
  it('ends when all files have ended, with 1 when one failed', async () => {
    await pebbles(['send', '--client', CLIENT, '--filename', 'w1', '--done', '1'])
    const running = startPebbles(['watch', 'w1', 'w2', '--client', CLIENT, '--every', '20ms'], {
      environment: service.environment,
    })
    await pebbles(['send', '--client', CLIENT, '--filename', 'w1', '--last'])
    await pebbles([
      'send',
      '--client',
      CLIENT,
      '--filename',
      'w2',
      '--done',
      '5',
      '--last',
      '--outcome',
      'failed',
      '--reason',
      'no',
    ])
    const { exit, stdout } = await running.finished
    expect(exit).toBe(1)
    expect(stdout).toMatch(/^w1: .*completed/m)
    expect(stdout).toMatch(/^w2: 5 lines · failed · no$/m)
  })

  it('gives records with --json', async () => {
    const { exit, stdout } = await pebbles(['watch', 'w1', '--client', CLIENT, '--json'])
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ filename: 'w1', status: 'completed' })
  })
})
