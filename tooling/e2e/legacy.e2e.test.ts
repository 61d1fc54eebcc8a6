import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { get } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createCaller } from './http-caller.ts'
import { aToken, dataFolder, failedStart, type HttpProcess, startHttpProcess } from './start-http-process.ts'

const run = promisify(execFile)
const OLD_PROGRAM = fileURLToPath(new URL('legacy-caller.py', import.meta.url))
const LEGACY = '/clients/krn:default:client:001/progress'
const CALLED = 'a single-tenant route was called'

/** What a program in Python, by urllib alone, gets from the old API. */
const askByPython = async ({ url }: HttpProcess, filename: string): Promise<[number, unknown][]> => {
  const { stdout } = await run('python3', [OLD_PROGRAM, url, await aToken(), filename])
  return JSON.parse(stdout) as [number, unknown][]
}
/** What curl gets: status, headers and body. */
const askByCurl = async ({ url }: HttpProcess, ...args: string[]) => {
  const { stdout } = await run('curl', ['-sS', '-i', '--max-time', '60', `${url}/progress`, ...args])
  const [head = '', body = ''] = stdout.split('\r\n\r\n')
  const [status = '', ...lines] = head.split('\r\n')
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  )
  return { status: Number(status.split(' ')[1]), headers, json: JSON.parse(body) }
}
const reportByCurl = async (process: HttpProcess, body: object) =>
  askByCurl(
    process,
    ...['-H', `Authorization: Bearer ${await aToken({ email: 'eve@example.com' })}`],
    ...['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)],
  )
const metricOf = async ({ url }: HttpProcess): Promise<number> =>
  Number(
    /^pebbles_legacy_requests_total\{route="\/progress"\} (\d+)$/m.exec(
      await (await fetch(`${url}/metrics`)).text(),
    )?.[1],
  )

const expectOldAnswers = (answers: readonly [number, unknown][], filename: string): void => {
  const errors = [{ line: 91, message: 'bad amount 12.50' }, { message: 'no header' }]
  const warnings = [{ line: 200, message: 'late' }]
  const sums = { filename, counts: { done: 198, warn: 0, failed: 2 }, total: 200, isCompleted: true, errors, warnings }
  expect(answers).toMatchObject([
    [200, { result: 'created', filename, counts: { done: 90, warn: 0, failed: 0 }, total: 200, errors: [] }],
    [200, { result: 'updated', total: 200, isCompleted: false, errors, warnings: [] }],
    [200, { result: 'updated', ...sums }],
    [400, 'This file processing has already been completed'],
    [200, { id: expect.any(String), email: 'ada@example.com', ...sums }],
    [404, 'Progress not found for this file'],
    [200, expect.arrayContaining([expect.objectContaining(sums)])],
  ])
}

describe('programs of the single-tenant version', () => {
  it('go on unchanged while the routes are dual and deprecated, and are told where to go when they are removed', {
    timeout: 300_000,
  }, async () => {
    await using folder = await dataFolder()
    const start = (environment: Record<string, string> = {}) =>
      startHttpProcess({ dataDir: folder.path, environment: { NODE_ENV: 'production', ...environment } })
    const named = (process: HttpProcess) =>
      process.log.filter(({ msg }) => msg === CALLED).map(({ level, caller }) => [level, caller])
    const body = { filename: 'curl.csv', counts: { done: 1, warn: 0, failed: 0 } }
    {
      await using process = await start()
      expect((await process.logged('listening'))['legacyRoutes']).toBe('dual')
      expectOldAnswers(await askByPython(process, 'one.csv'), 'one.csv')
      const { status, headers, json } = await reportByCurl(process, body)
      expect([status, json.counts.done, headers.has('deprecation')]).toEqual([200, 1, false])
      expect(await metricOf(process)).toBe(8)
      expect(named(process)).toEqual([
        ['info', 'ada@example.com'],
        ['info', '127.0.0.1'],
        ['info', 'eve@example.com'],
      ])
    }
    const deprecated = { LEGACY_ROUTES: 'deprecated', LEGACY_DEPRECATED_AT: '2026-01-31' }
    {
      await using process = await start({
        ...deprecated,
        LEGACY_SUNSET_AT: '2026-03-31',
      })
      expect((await process.logged('listening'))['legacyRoutes']).toBe('deprecated')
      expect(
        process.log
          .filter(({ level }) => level === 'warn')
          .map(({ msg }) => msg)
          .join('\n'),
      ).toContain('LEGACY_SUNSET_AT=2026-03-31T00:00:00.000Z has passed')
      expectOldAnswers(await askByPython(process, 'two.csv'), 'two.csv')
      const { status, headers, json } = await reportByCurl(process, body)
      expect([status, json.counts.done]).toEqual([200, 2])
      expect(headers.get('deprecation')).toBe(`@${Date.UTC(2026, 0, 31) / 1000}`)
      expect(headers.get('sunset')).toBe('Tue, 31 Mar 2026 00:00:00 GMT')
      expect(headers.get('link')).toBe(
        `<${process.url}${LEGACY}>; rel="successor-version", <${process.url}/guides/migrate>; rel="deprecation"; type="text/html"`,
      )
      expect(await metricOf(process)).toBe(8)
      expect(named(process)[0]).toEqual(['warn', 'ada@example.com'])
      const guide = await fetch(`${process.url}/guides/migrate`)
      expect([guide.status, guide.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    }
    {
      await using process = await start({ LEGACY_ROUTES: 'removed' })
      for (const [status, error] of await askByPython(process, 'three.csv'))
        expect([status, error]).toEqual([410, 'The single-tenant routes were removed'])
      const { json } = await askByCurl(process)
      expect(json).toMatchObject({ code: 'LEGACY_REMOVED', successor: `${process.url}${LEGACY}` })
      // What they reported is where it says.
      const files = (await (await fetch(json.successor)).json()) as { filename: string }[]
      expect(files.map(({ filename }) => filename).sort()).toEqual(['curl.csv', 'one.csv', 'two.csv'])
    }
  })

  it('a phase that cannot be is named, with 78', async () => {
    await using folder = await dataFolder()
    for (const [environment, told] of [
      [{ LEGACY_ROUTES: 'deprecated' }, 'LEGACY_DEPRECATED_AT'],
      [{ LEGACY_ROUTES: 'off' }, 'LEGACY_ROUTES'],
      [{ LEGACY_DEPRECATED_AT: '2027-02-01', LEGACY_SUNSET_AT: '2027-01-31' }, 'LEGACY_SUNSET_AT'],
    ] as const) {
      const { how, stderr } = await failedStart({ dataDir: folder.path, environment })
      expect([how, stderr]).toEqual([78, expect.stringContaining(told)])
    }
  })
})

it('the guide asks only for metrics that there are', async () => {
  const guide = await readFile(new URL('../../docs/guides/migrate.md', import.meta.url), 'utf8')
  const queries = [...guide.matchAll(/^```promql\n([\s\S]*?)^```$/gm)].map(([, query]) => query).join()
  const named = [...new Set(queries.match(/pebbles_\w+/g))].filter(
    (name) => !/^pebbles_(sqs|kafka|rejected)_/.test(name),
  )
  expect(named.length).toBeGreaterThan(3)
  await using folder = await dataFolder()
  await using process = await startHttpProcess({ dataDir: folder.path })
  await fetch(`${process.url}/health`)
  const metrics = await (await fetch(`${process.url}/metrics`)).text()
  for (const name of named) expect(metrics).toContain(`# TYPE ${name.replace(/_(bucket|count)$/, '')} `)
})

describe('a whole list of 10,000 files', () => {
  const FILES = 10_000
  const AT_ONCE = 400
  const HEAP_MIB = 80

  const fill = async ({ port }: HttpProcess): Promise<void> => {
    const token = await aToken()
    using caller = createCaller(port)
    const errors = Array.from({ length: 12 }, (_, n) => ({ line: n + 1, message: `${n} ${'too long '.repeat(110)}` }))
    for (let from = 0; from < FILES; from += AT_ONCE) {
      const updates = Array.from({ length: AT_ONCE }, (_, n) => ({
        filename: `f${from + n}.csv`,
        counts: { done: 0, warn: 0, failed: 12 },
        errors,
      }))
      expect((await caller.call({ path: `${LEGACY}/batch`, token, body: { updates } })).status).toBe(200)
    }
  }

  /** Reads a list as it comes, keeping none of it. */
  const countRows = (url: string): Promise<{ readonly status: number; readonly rows: number; readonly mib: number }> =>
    new Promise((read, failed) => {
      get(`${url}/progress`, (answer) => {
        let rows = 0
        let bytes = 0
        let tail = ''
        answer.setEncoding('latin1').on('data', (text: string) => {
          bytes += text.length
          const seen = tail + text
          rows += seen.split('"filename":').length - 1
          // Shorter than what is looked for, so nothing counts twice.
          tail = seen.slice(-10)
        })
        answer.once('error', failed)
        answer.once('end', () => read({ status: answer.statusCode ?? 0, rows, mib: bytes / 2 ** 20 }))
      }).once('error', failed)
    })

  it('takes far less memory than it is long; several at once wait for each other', { timeout: 900_000 }, async () => {
    await using folder = await dataFolder()
    {
      await using process = await startHttpProcess({ dataDir: folder.path })
      await fill(process)
    }
    await using process = await startHttpProcess({
      dataDir: folder.path,
      environment: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`, EXPORT_MAX: '1' },
    })
    const lists = await Promise.all(Array.from({ length: 3 }, () => countRows(process.url)))
    for (const { status, rows, mib } of lists) {
      expect([status, rows]).toEqual([200, FILES])
      expect(mib).toBeGreaterThan(1.2 * HEAP_MIB)
    }
  })
})
