import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runPebbles, startPebbles } from './run-pebbles.ts'
import { startService, type TestService } from './start-service.ts'

const CLIENT = 'krn:acme:client:1'

let service: TestService
let folder: string
beforeAll(async () => {
  service = await startService()
  folder = await mkdtemp(join(tmpdir(), 'pebbles-cli-files-'))
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const pebbles = (args: readonly string[], stdin?: string) =>
  runPebbles(args, { environment: service.environment, cwd: folder, ...(stdin === undefined ? {} : { stdin }) })

const record = async (filename: string, client = CLIENT) => {
  const { stdout } = await pebbles(['show', filename, '--client', client, '--json'])
  return JSON.parse(stdout)
}

const csv = async (name: string, lines: readonly string[]): Promise<string> => {
  await writeFile(join(folder, name), `${lines.join('\n')}\n`)
  return name
}

describe('import', () => {
  const rows = (count: number, broken: (at: number) => boolean) =>
    Array.from(
      { length: count },
      (_, at) => `${at},${broken(at) ? '"12,x"' : at / 2},2012-01-${String((at % 28) + 1).padStart(2, '0')}`,
    )

  it('reports every row once, with real lines and messages', async () => {
    const file = await csv('prices.csv', ['id,price,day', ...rows(1_000, (at) => at % 100 === 50)])
    const { exit, stdout } = await pebbles(['import', file, '--client', CLIENT])
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: 'prices.csv: 1,000 rows, 990 done, 0 warned, 10 failed; succeeded.\n',
    })
    const found = await record('prices.csv')
    expect(found).toMatchObject({ counts: { done: 990, warn: 0, failed: 10 }, total: 1000, status: 'completed' })
    const [pattern] = found.errors
    expect(pattern.count).toBe(10)
    expect(pattern.lines.map(({ line }: { line: number }) => line)).toEqual(
      Array.from({ length: 10 }, (_, at) => at * 100 + 52),
    )
    const issues = await pebbles(['show', 'prices.csv', '--client', CLIENT, '--pattern', pattern.id, '--json'])
    expect(JSON.parse(issues.stdout)[0]).toMatchObject({ line: 52, message: 'Invalid amount "12,x" in column "price"' })
  })

  it('counts nothing twice when it is repeated', async () => {
    const file = await csv('twice.csv', ['id,price,day', ...rows(700, () => false)])
    await pebbles(['import', file, '--client', CLIENT])
    const { exit, stdout } = await pebbles(['import', file, '--client', CLIENT])
    expect(exit).toBe(0)
    expect(stdout).toContain('nothing was counted again')
    expect((await record('twice.csv')).counts).toEqual({ done: 700, warn: 0, failed: 0 })
  })

  it('goes on where it was interrupted', async () => {
    const file = await csv('broken-off.csv', ['id,price,day', ...rows(5_000, () => false)])
    const args = ['import', file, '--client', CLIENT, '--every', '50']
    const first = startPebbles(args, { environment: service.environment, cwd: folder })
    await first.said('broken-off.csv')
    first.signal('SIGINT')
    const { exit, stderr } = await first.finished
    expect(exit).toBe(130)
    expect(stderr).toContain('Run the same command again')
    expect((await pebbles(args)).exit).toBe(0)
    expect(await record('broken-off.csv')).toMatchObject({
      counts: { done: 5_000, warn: 0, failed: 0 },
      status: 'completed',
    })
  })

  it('refuses to mix two ways of importing the same content', async () => {
    const file = await csv('mixed.csv', ['id,price,day', ...rows(300, () => false)])
    await pebbles(['import', file, '--client', CLIENT, '--every', '100'])
    const { exit, stderr } = await pebbles(['import', file, '--client', CLIENT, '--every', '70'])
    expect(exit).toBe(1)
    expect(stderr).toContain('was imported before, in part or whole, with other rules or another --every')
    expect((await record('mixed.csv')).counts.done).toBe(300)
  })

  it('refuses other content under a name that is completed', async () => {
    const file = await csv('again.csv', ['id,price,day', ...rows(20, () => false)])
    await pebbles(['import', file, '--client', CLIENT])
    await csv('again.csv', ['id,price,day', ...rows(30, () => false)])
    const { exit, stderr } = await pebbles(['import', file, '--client', CLIENT])
    expect(exit).toBe(1)
    expect(stderr).toContain('A file of this name was completed before, with other content')
  })

  it('ends as failed when too many rows failed', async () => {
    const file = await csv('bad.csv', ['id,price,day', ...rows(200, (at) => at % 20 === 3)])
    const { exit, stdout } = await pebbles(['import', file, '--client', CLIENT, '--fail-above', '4', '--json'])
    expect(exit).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 200,
      counts: { done: 190, warn: 0, failed: 10 },
      outcome: 'failed',
      reason: '10 of 200 rows failed (5.0 %), more than 4 %',
    })
    expect(await record('bad.csv')).toMatchObject({ status: 'failed', reason: expect.stringContaining('10 of 200') })
  })

  it('takes rules from a file, and says when they do not fit', async () => {
    const file = await csv('ruled.csv', ['id,price', '1,5', '1,500', ',7'])
    await writeFile(
      join(folder, 'rules.json'),
      '{"columns":{"id":{"required":true,"unique":true},"price":{"type":"number","max":100,"severity":"warning"}}}',
    )
    const { stdout } = await pebbles([
      'import',
      file,
      '--client',
      CLIENT,
      '--rules',
      'rules.json',
      '--dry-run',
      '--json',
    ])
    expect(JSON.parse(stdout).counts).toEqual({ done: 1, warn: 0, failed: 2 })
    const other = await csv('unruled.csv', ['a,b', '1,2'])
    const refused = await pebbles(['import', other, '--client', CLIENT, '--rules', 'rules.json'])
    expect(refused.exit).toBe(65)
    expect(refused.stderr).toContain('rules.json has rules for "id", "price", which the file does not have')
  })

  it('prints the rules that it would learn', async () => {
    const { stdout } = await pebbles(['import', 'prices.csv', '--print-rules'])
    expect(JSON.parse(stdout).columns.price).toEqual({ type: 'number', required: true, severity: 'warning' })
  })

  it('reads standard input', async () => {
    const { exit } = await pebbles(['import', '-', '--client', CLIENT, '--filename', 'piped.json'], '[{"a":1},{"a":2}]')
    expect(exit).toBe(0)
    expect(await record('piped.json')).toMatchObject({ counts: { done: 2, warn: 0, failed: 0 }, total: 2 })
  })

  it.each([
    ['nothing.csv', 66, 'nothing.csv does not exist'],
    ['.', 66, '. is a folder'],
    ['empty.csv', 65, 'empty.csv is empty'],
  ])('says what is wrong with %s', async (file, exit, message) => {
    await writeFile(join(folder, 'empty.csv'), '')
    const found = await pebbles(['import', file, '--client', CLIENT])
    expect(found.exit).toBe(exit)
    expect(found.stderr).toContain(message)
  })
})

describe('the examples of the docs', () => {
  const examples = new URL('../../../docs/examples/import/', import.meta.url)

  it.each(['orders.csv', 'sensors.ndjson'])('%s is what it says it is', async (name) => {
    const expected = JSON.parse(await readFile(new URL('expected.json', examples), 'utf8'))[name]
    const { stdout } = await pebbles([
      'import',
      join(examples.pathname, name),
      '--rules',
      join(examples.pathname, `${name}.rules.json`),
      '--dry-run',
      '--json',
    ])
    expect(JSON.parse(stdout).counts).toEqual(expected)
  })
})
