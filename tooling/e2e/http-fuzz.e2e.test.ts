import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { eventLoopDelay, LONGEST_DELAY_MS } from './event-loop-delay.ts'
import { createCaller } from './http-caller.ts'
import { installPython } from './install-python.ts'
import { aToken, dataFolder, startHttpProcess } from './start-http-process.ts'

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'allow_header_conformance',
  'unsupported_method',
  'ignored_auth',
]

it('answers as its OpenAPI document says, whatever is sent', { timeout: 600_000 }, async ({ skip }) => {
  const python = await installPython('schemathesis')
  if (python === null) return skip('no Schemathesis here')
  await using folder = await dataFolder()
  await using process = await startHttpProcess({ dataDir: folder.path })
  const token = await aToken({ pebbles_admin: true })
  const { how, output } = await runPython(python, folder.path, [
    '-m',
    'schemathesis.cli',
    'run',
    `${process.url}/openapi.json`,
    ...['--header', `Authorization: Bearer ${token}`],
    // A stream that never ends is no answer to check.
    ...['--exclude-operation-id', 'streamEvents'],
    ...['--checks', CHECKS.join()],
    ...['--phases', 'examples,coverage,fuzzing'],
    ...['--max-examples', '30', '--seed', '1', '--continue-on-failure', '--no-color'],
    ...['--suppress-health-check', 'all', '--request-timeout', '60'],
  ])
  if (how !== 0) expect.fail(output)
  expect(await eventLoopDelay(process)).toBeLessThan(LONGEST_DELAY_MS)
  expect(output).toMatch(/\d+ generated/)
  expect(process.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
  using caller = createCaller(process.port)
  expect((await caller.call({ path: '/ready' })).status).toBe(200)
})

const runPython = async (
  python: string,
  cwd: string,
  args: readonly string[],
): Promise<{ readonly how: unknown; readonly output: string }> => {
  const child = spawn(python, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const [how] = await once(child, 'close')
  return { how, output }
}
