import { describe, expect, it } from 'vitest'
import { problem, startFakeService, updated } from './fake-service.ts'
import { runPebbles } from './run-pebbles.ts'

const CLIENT = 'krn:acme:client:1'
const SEND = ['send', '--client', CLIENT, '--filename', 'a.csv', '--done', '1']

describe('what is typed wrong', () => {
  it.each([
    [['lst'], "Unknown command 'lst' (Did you mean list?)"],
    [['list', '--limt', '3'], "Unknown option '--limt' (Did you mean --limit?)"],
    [['list', '--limit', 'many'], 'It must be a whole number from 1'],
    [['list', '--status', 'done'], 'Allowed choices are running, stalled, completed, failed, cancelled'],
    [['show'], "Missing required argument 'file'"],
    [['send', '--filename', 'a'], "Required option '-c, --client <krn>' not specified"],
    [['send', '--client', CLIENT, '--filename', 'a', '--done', '-1'], 'It must be a whole number from 0'],
    [['send', '--client', CLIENT, '--filename', 'a', '--outcome', 'failed'], '--outcome and --reason go with --last'],
    [['pipe', '--client', CLIENT, '--filename', 'a', '--every', 'often'], 'It must be a length of time such as'],
    [['import', 'a.csv', '--delimiter', 'ab'], 'It must be one character'],
    [['import', 'a.csv', '--fail-above', '101'], 'It must be a number from 0 to 100'],
    [['import', '-'], 'Standard input has no name'],
    [['import', 'a.csv'], 'Which client is the file of?'],
    [['token', '--expires', 'soon'], 'It must be a length of time such as'],
    [['token', '--client', 'acme'], '"acme" is neither a client KRN nor a prefix'],
  ])('%j is told on standard error, with 2', async (args, message) => {
    const { exit, stdout, stderr } = await runPebbles(args)
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(2)
  })

  it('is answered with all commands when there is none', async () => {
    const { exit, stdout, stderr } = await runPebbles([])
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toMatch(/^Usage: pebbles.*A command is missing\./s)
  })

  it('is escaped when it is repeated', async () => {
    const { stderr } = await runPebbles(['\u001b[31mlist'])
    expect(stderr).not.toContain('\u001b')
    expect(stderr).toContain('\\x1b[31mlist')
  })

  it('is JSON on standard error with --json', async () => {
    const { exit, stdout, stderr } = await runPebbles(['show', '--json'])
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({ error: { exit: 2, message: expect.stringContaining('file') } })
  })

  it('is no error when help is asked for', async () => {
    for (const args of [['--help'], ['import', '--help'], ['help', 'send'], ['--version']]) {
      const { exit, stdout, stderr } = await runPebbles(args)
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
      expect(stdout).not.toBe('')
    }
  })
})

describe('a service that is not there', () => {
  /** An address where something has just stopped listening. */
  const deserted = async (): Promise<string> => {
    await using fake = await startFakeService(() => null)
    return fake.url
  }

  it.each([[['list', '--client', CLIENT]], [['show', 'a.csv']], [['watch']], [SEND]])(
    'is told by %j at once, with 69',
    async (args) => {
      const url = await deserted()
      const { exit, stdout, stderr } = await runPebbles(args, { environment: { PEBBLES_URL: url } })
      expect({ exit, stdout }).toEqual({ exit: 69, stdout: '' })
      expect(stderr).toContain(`No Pebbles service answers at ${url} (connection refused)`)
    },
  )

  it('may be the wrong address', async () => {
    const { exit, stderr } = await runPebbles(['list'], { environment: { PEBBLES_URL: 'localhost:8081' } })
    expect(exit).toBe(2)
    expect(stderr).toContain('PEBBLES_URL "localhost:8081" is not an http or https URL')
  })

  it('may be another program', async () => {
    await using fake = await startFakeService(() => ({ status: 200, headers: { 'Content-Type': 'text/html' } }))
    const { exit, stderr } = await runPebbles(['list', '--client', CLIENT, '--url', fake.url])
    expect(exit).toBe(69)
    expect(stderr).toContain(`What answers at ${fake.url} is no Pebbles service (200, text/html).`)
  })

  it('may send elsewhere, which is not followed', async () => {
    await using other = await startFakeService(() => updated('a.csv'))
    await using fake = await startFakeService(() => ({ status: 302, headers: { Location: `${other.url}/x` } }))
    const { exit, stderr } = await runPebbles(SEND, { environment: { PEBBLES_URL: fake.url, PEBBLES_TOKEN: 'secret' } })
    expect(exit).toBe(69)
    expect(stderr).toContain('is no Pebbles service (302, a redirect to http')
    expect(other.requests).toEqual([])
  })
})

describe('a refusal', () => {
  it.each([
    [401, 'UNAUTHENTICATED', 77],
    [403, 'NOT_OWNER', 77],
    [403, 'CLIENT_FORBIDDEN', 77],
    [400, 'PROGRESS_COMPLETED', 1],
    [400, 'INVALID_CLIENT_KRN', 2],
    [400, 'INVALID_BODY', 65],
    [422, 'IDEMPOTENCY_KEY_REUSED', 1],
  ])('%i %s ends with %i and names code and next step', async (status, code, exit) => {
    await using fake = await startFakeService(() => problem(status, code, 'The reason'))
    const found = await runPebbles(SEND, { environment: { PEBBLES_URL: fake.url, PEBBLES_TOKEN: 't' } })
    expect({ exit: found.exit, stdout: found.stdout }).toEqual({ exit, stdout: '' })
    expect(found.stderr).toContain(`The reason (${code}).`)
    expect(fake.requests).toHaveLength(1)
  })

  it('says where a token comes from when there is none', async () => {
    await using fake = await startFakeService(() => problem(401, 'UNAUTHENTICATED', 'Authentication is required'))
    const environment = { PEBBLES_URL: fake.url, DATA_DIR: '/nonexistent/pebbles' }
    const { exit, stderr } = await runPebbles(SEND, { environment })
    expect(exit).toBe(77)
    expect(stderr).toContain('PEBBLES_TOKEN is not set, and no service has started in /nonexistent/pebbles yet')
    expect(fake.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  it('is escaped, as its text may hold a name', async () => {
    await using fake = await startFakeService(() => problem(400, 'INVALID_BODY', 'a\u001b[2J\u202eb'))
    const { stderr } = await runPebbles(SEND, { environment: { PEBBLES_URL: fake.url } })
    expect(stderr).toContain('a\\x1b[2J\\u202eb')
  })
})

describe('an update', () => {
  it('is sent again after 503, silence and 429, always the same with the same key', async () => {
    await using fake = await startFakeService((_request, no) =>
      no === 1
        ? problem(503, 'STORE_UNAVAILABLE', 'The store is away')
        : no === 2
          ? null
          : no === 3
            ? problem(429, 'RATE_LIMITED', 'Too many')
            : updated('a.csv'),
    )
    const { exit, stdout, stderr } = await runPebbles(SEND, { environment: { PEBBLES_URL: fake.url } })
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: 'a.csv: updated; now 1 done, 0 warned, 0 failed\n' })
    expect(stderr.match(/Trying again/g)).toHaveLength(1)
    expect(fake.requests).toHaveLength(4)
    expect(new Set(fake.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
    expect(new Set(fake.requests.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  })

  it('is given up when the service stays away', async () => {
    await using fake = await startFakeService(() => problem(503, 'STORE_UNAVAILABLE', 'The store is away'))
    const { exit, stderr } = await runPebbles([...SEND, '--wait', '300ms'], { environment: { PEBBLES_URL: fake.url } })
    expect(exit).toBe(69)
    expect(stderr).toContain('The store is away (STORE_UNAVAILABLE).')
  })

  it('takes its parts from flags', async () => {
    await using fake = await startFakeService(() => updated('a.csv'))
    const flags = [
      '--total',
      '9',
      '--last',
      '--outcome',
      'failed',
      '--reason',
      'why',
      '--error',
      '12:bad: x',
      '--error',
      'worse',
      '--warning',
      '3:hm',
      '--key',
      'k1',
    ]
    await runPebbles([...SEND, ...flags], { environment: { PEBBLES_URL: fake.url, PEBBLES_TOKEN: 'abc' } })
    const [request] = fake.requests
    expect(request?.url).toBe('/clients/krn%3Aacme%3Aclient%3A1/progress')
    expect(request?.headers).toMatchObject({ authorization: 'Bearer abc', 'idempotency-key': 'k1' })
    expect(request?.body).toEqual({
      filename: 'a.csv',
      counts: { done: 1, warn: 0, failed: 0 },
      total: 9,
      isLast: true,
      outcome: 'failed',
      reason: 'why',
      errors: [{ line: 12, message: 'bad: x' }, { message: 'worse' }],
      warnings: [{ line: 3, message: 'hm' }],
    })
  })

  it('comes as JSON on standard input, with the id that it brings', async () => {
    await using fake = await startFakeService(() => updated('b.csv'))
    const update = { filename: 'b.csv', counts: { done: 1, warn: 0, failed: 0 }, updateId: 'u-1' }
    const options = { environment: { PEBBLES_URL: fake.url }, stdin: JSON.stringify(update) }
    const { exit, stdout } = await runPebbles(['send', '--client', CLIENT, '--json'], options)
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ result: 'updated', filename: 'b.csv' })
    expect(fake.requests[0]?.body).toEqual(update)
    expect(fake.requests[0]?.headers['idempotency-key']).toBe('u-1')
  })

  it.each([
    ['', 'nothing came on standard input'],
    ['{', 'Standard input is not valid JSON'],
  ])('must be there: %j', async (stdin, message) => {
    const { exit, stderr } = await runPebbles(['send', '--client', CLIENT], { stdin })
    expect(exit).toBe(65)
    expect(stderr).toContain(message)
  })
})
