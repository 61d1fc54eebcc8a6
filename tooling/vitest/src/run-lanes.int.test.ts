import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it as base, expect } from 'vitest'

const repository = join(import.meta.dirname, '../../..')

interface Tree {
  readonly write: (path: string, text: string) => void
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => { status: number; lines: string[] }
}

const it = base.extend<{ tree: Tree }>({
  // biome-ignore lint/correctness/noEmptyPattern: the form that vitest asks for
  tree: async ({}, use) => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'pebbles-lanes-')))
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
    const { CI: _ci, VITEST: _vitest, NODE_ENV: _env, ...outer } = process.env
    await use({
      write: (path, text) => {
        mkdirSync(join(root, path, '..'), { recursive: true })
        writeFileSync(join(root, path), `import { beforeAll, expect, it } from 'vitest'\n${text}\n`)
      },
      run: (args, env = {}) => {
        const command = [join(import.meta.dirname, 'run-lanes.ts'), '--root', root, ...args]
        const { status, stdout } = spawnSync(process.execPath, command, {
          env: { ...outer, NO_COLOR: '1', ...env },
          encoding: 'utf8',
        })
        return { status: status ?? -1, lines: stdout.trimEnd().split('\n') }
      },
    })
    rmSync(root, { recursive: true, force: true })
  },
})
const PASSES = "it('passes', () => expect(1).toBe(1))"

it('runs each file in the lane that its name ends in, and adds the lanes up', ({ tree }) => {
  tree.write('packages/a/src/one.test.ts', PASSES)
  tree.write('packages/a/testing/two.sim.test.ts', PASSES)
  tree.write('apps/b/test/three.int.test.ts', PASSES)
  tree.write('tooling/e2e/four.e2e.test.ts', PASSES)
  tree.write('tooling/e2e/five.alone.test.ts', PASSES)
  tree.write('packages/a/dist/built.test.ts', "it('is a copy', () => expect(1).toBe(2))")
  const { status, lines } = tree.run([], { CI: 'true' })
  const sums = lines.filter((line) => line.startsWith('lane ')).map((line) => line.replace(/, in .*/, ''))
  expect(sums).toEqual(
    ['unit', 'simulation', 'int', 'e2e', 'alone'].map((lane) => `lane ${lane}: 1 passed, 0 failed, 0 skipped`),
  )
  expect(lines.at(-1)).toBe('5 passed, 0 failed')
  expect(status).toBe(0)
})

it('runs one lane, and the files that are named', ({ tree }) => {
  tree.write('packages/a/src/one.test.ts', PASSES)
  tree.write('packages/b/src/two.test.ts', PASSES)
  tree.write('packages/b/src/three.int.test.ts', PASSES)
  expect(tree.run(['--lane', 'unit']).lines.at(-1)).toBe('2 passed, 0 failed')
  expect(tree.run(['packages/b']).lines.at(-1)).toBe('2 passed, 0 failed')
  expect(tree.run(['--lane', 'unit', 'packages/b']).lines.at(-1)).toBe('1 passed, 0 failed')
})

it('fails on whatever did not pass, and names it', ({ tree }) => {
  tree.write('a/src/fails.test.ts', `${PASSES}\nit('fails', () => expect(1).toBe(2))`)
  tree.write('a/src/breaks.test.ts', "throw new Error('no such thing')")
  tree.write('a/src/hook.test.ts', `beforeAll(() => { throw new Error('hook') })\n${PASSES}`)
  tree.write(
    'a/src/stray.test.ts',
    `it('strays', () => { void Promise.reject(new Error('stray')); expect(1).toBe(1) })`,
  )
  const { status, lines } = tree.run(['--lane', 'unit'])
  expect(lines.filter((line) => line.startsWith('FAILED')).sort()).toEqual([
    'FAILED unit: a/src/breaks.test.ts (could not be run): no such thing',
    'FAILED unit: a/src/fails.test.ts > fails: expected 1 to be 2 // Object.is equality',
    'FAILED unit: a/src/hook.test.ts (could not be run): hook',
    'FAILED unit: stray (nobody caught it)',
  ])
  expect(lines.at(-1)).toBe('2 passed, 4 failed')
  expect(status).toBe(1)
})

it.for(['SIGKILL', 'SIGTERM'])(
  'comes back when a worker is killed by %s, and names what it did not do',
  (signal, { tree }) => {
    tree.write(
      'a/src/dies.int.test.ts',
      `it('dies', async () => { process.kill(process.pid, '${signal}'); await new Promise(() => undefined) })`,
    )
    tree.write('b/src/passes.int.test.ts', PASSES)
    const { status, lines } = tree.run(['--lane', 'int'])
    expect(lines.filter((line) => line.startsWith('FAILED') && line.includes('a/src/dies.int.test.ts'))).not.toEqual([])
    expect(lines.at(-1)).toMatch(/^1 passed, [1-9]\d* failed$/)
    expect(status).toBe(1)
  },
)

it('shows what was skipped, and on CI fails by it', ({ tree }) => {
  const skips = {
    skip: "it.skip('waits', () => undefined)",
    todo: "it.todo('waits')",
    condition: "it.skipIf(true)('waits', () => undefined)",
    within: "it('waits', ({ skip }) => skip('no server'))",
  }
  const files = Object.keys(skips).map((name) => `a/src/${name}.test.ts > waits`)
  for (const [name, text] of Object.entries(skips)) tree.write(`a/src/${name}.test.ts`, `${PASSES}\n${text}`)
  const here = tree.run(['--lane', 'unit'])
  expect(here.lines.filter((line) => line.startsWith('skipped')).sort()).toEqual(
    files.map((file) => `skipped unit: ${file}`).sort(),
  )
  expect([here.status, here.lines.at(-1)]).toEqual([0, '4 passed, 0 failed'])
  const there = tree.run(['--lane', 'unit'], { CI: 'true' })
  expect(there.lines.filter((line) => line.startsWith('FAILED')).sort()).toEqual(
    files.map((file) => `FAILED, as CI skips nothing, unit: ${file}`).sort(),
  )
  expect([there.status, there.lines.at(-1)]).toEqual([1, '4 passed, 4 failed'])
})

it('brings snapshots up to date when asked to', ({ tree }) => {
  const test = (value: number) =>
    `it('keeps', async () => { await expect('${value}').toMatchFileSnapshot('kept.txt') })`
  tree.write('a/src/one.test.ts', test(1))
  expect(tree.run(['--lane', 'unit', '-u']).status).toBe(0)
  tree.write('a/src/one.test.ts', test(2))
  expect(tree.run(['--lane', 'unit']).status).toBe(1)
  expect(tree.run(['--lane', 'unit', '-u']).status).toBe(0)
  expect(tree.run(['--lane', 'unit']).status).toBe(0)
})

it('fails on CI when a test is singled out', ({ tree }) => {
  tree.write('a/src/one.test.ts', `${PASSES}\nit.only('alone', () => expect(1).toBe(1))`)
  expect(tree.run(['--lane', 'unit'], { CI: 'true' }).status).toBe(1)
})

it('fails when a lane has no test, when no test ran, and when there is no such lane', ({ tree }) => {
  tree.write('a/src/one.test.ts', PASSES)
  expect(tree.run(['--lane', 'unit', '--lane', 'int'])).toMatchObject({ status: 1 })
  expect(tree.run(['nowhere'])).toMatchObject({ status: 1 })
  expect(tree.run(['--lane', 'unti'])).toMatchObject({ status: 2 })
})
