import { type ChildProcessWithoutNullStreams, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { it as base, expect } from 'vitest'

// The real way in, in a tree of its own. npm and pnpm are stand-ins that write down that they were called: npm brings
// this very Node, and pnpm takes a moment.
const here = import.meta.dirname
const platform = `${process.platform}-${process.arch}`
const NPM = `#!/bin/sh
echo npm "$@" in "$(basename "$PWD")" >> "$CALLS"
echo noise of npm
[ -z "$NPM_FAILS" ] || { echo no registry; exit 7; }
mkdir -p node_modules/node-${platform}/bin node_modules/@pnpm/exe.${platform}
ln -sf "${process.execPath}" node_modules/node-${platform}/bin/node
printf '#!/bin/sh\\necho pnpm "$@" >> "$CALLS"; echo noise of pnpm; sleep 0.3; mkdir -p node_modules\\n' > node_modules/@pnpm/exe.${platform}/pnpm
chmod +x node_modules/@pnpm/exe.${platform}/pnpm
`
const MAIN = `
const [word, ...args] = process.argv.slice(2)
if (word === 'wait') {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => { console.log(signal); process.exit(args[0] === 'orderly' ? 0 : 9) })
  console.log('waiting')
  setInterval(() => undefined, 1000)
} else if (word === 'die') process.kill(process.pid, args[0])
else if (word === 'exit') process.exit(Number(args[0]))
else console.log(JSON.stringify({ word, args, node: process.execPath, path: process.env.PATH.split(':')[0] }))
`

interface Tree {
  readonly root: string
  readonly write: (path: string, text: string, mode?: number) => void
  readonly calls: () => string[]
  readonly run: (args: readonly string[], env?: NodeJS.ProcessEnv) => SpawnSyncReturns<string>
  readonly start: (...args: readonly string[]) => ChildProcessWithoutNullStreams
  readonly startBelow: (parent: readonly string[], ...args: readonly string[]) => ChildProcessWithoutNullStreams
}

const it = base.extend<{ tree: Tree }>({
  // biome-ignore lint/correctness/noEmptyPattern: the form that vitest asks for
  tree: async ({}, use) => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'pebbles bootstrap ')))
    const calls = join(root, 'calls.log')
    const write: Tree['write'] = (path, text, mode = 0o644) => {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), text, { mode })
    }
    for (const name of readdirSync(here).filter((file) => file.endsWith('.mjs') && !file.includes('.test.'))) {
      cpSync(join(here, name), join(root, 'tooling/bootstrap', name))
    }
    write('tooling/bootstrap/package-lock.json', '{}')
    write('package.json', '{}')
    write('packages/core/package.json', '{}')
    write('bin/npm', NPM, 0o755)
    write('apps/cli/src/main.ts', MAIN)
    write('calls.log', '')
    const { PEBBLES_NODE: _node, PEBBLES_PNPM: _pnpm, npm_lifecycle_event: _npm, ...outer } = process.env
    const env = { ...outer, PATH: `${join(root, 'bin')}:${outer['PATH']}`, CALLS: calls }
    const command = [join(root, 'tooling/bootstrap/run.mjs')]
    await use({
      root,
      write,
      calls: () => readFileSync(calls, 'utf8').trim().split('\n').filter(Boolean),
      run: (args, more = {}) =>
        spawnSync(process.execPath, [...command, ...args], { env: { ...env, ...more }, encoding: 'utf8' }),
      start: (...args) => spawn(process.execPath, [...command, ...args], { env }),
      startBelow: (parent, ...args) => {
        const [program = '', ...before] = parent
        return spawn(program, [...before, process.execPath, ...command, ...args], {
          env: { ...env, npm_lifecycle_event: 'start' },
        })
      },
    })
    rmSync(root, { recursive: true, force: true })
  },
})

const FETCHES = 'npm ci --ignore-scripts --no-audit --no-fund --loglevel=error in bootstrap'
const INSTALLS = [FETCHES, 'pnpm install --frozen-lockfile --config.confirm-modules-purge=false']
const ended = (
  child: ChildProcessWithoutNullStreams,
): Promise<{ code: number | null; signal: string | null; out: string }> =>
  new Promise((done) => {
    let out = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.on('close', (code, signal) => done({ code, signal, out }))
  })

it('sets up once, on stderr, and then runs the task on the Node it brought', ({ tree }) => {
  const first = tree.run(['pebbles', 'list', '--json'])
  expect(first).toMatchObject({ status: 0, stderr: expect.stringMatching(/^Setting up.*\nSetting up.*\nSet up in/) })
  const node = join(tree.root, `tooling/bootstrap/node_modules/node-${platform}/bin`)
  expect(JSON.parse(first.stdout)).toMatchObject({ word: 'list', args: ['--json'], path: node })
  expect(tree.calls()).toEqual(INSTALLS)

  expect(tree.run(['start', '--port', '0'], { PATH: '/nowhere' })).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('"args":["--port","0"]'),
  })
  expect(tree.calls()).toEqual(INSTALLS)
})

it('sets up again when a manifest or a lock has changed, and fetches Node only when its own has', ({ tree }) => {
  tree.run(['pebbles'])
  for (const [path, calls] of [
    ['pnpm-lock.yaml', INSTALLS.slice(1)],
    ['packages/core/package.json', INSTALLS.slice(1)],
    ['apps/new/package.json', INSTALLS.slice(1)],
    ['tooling/bootstrap/package-lock.json', INSTALLS],
  ] as const) {
    const before = tree.calls().length
    tree.write(path, '{"changed":true}')
    tree.run(['pebbles'])
    tree.run(['pebbles'])
    expect(tree.calls().slice(before), path).toEqual(calls)
  }
})

it('lets one of several first starts set up, and the others wait for it', async ({ tree }) => {
  const starts = ['a', 'b', 'c', 'd'].map((word) => ended(tree.start('pebbles', word)))
  for (const { code, out } of await Promise.all(starts))
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('word') })
  expect(tree.calls()).toEqual(INSTALLS)
  expect(readdirSync(join(tree.root, 'tooling/bootstrap/.cache'))).toEqual([])
})

it('takes over from a start that died in the middle', async ({ tree }) => {
  const dead = spawn(process.execPath, ['--version'])
  await ended(dead)
  const holder = { id: 'dead', pid: dead.pid, host: hostname() }
  tree.write('tooling/bootstrap/.cache/lock/holder.json', JSON.stringify(holder))
  const starts = ['a', 'b', 'c'].map((word) => ended(tree.start('pebbles', word)))
  expect((await Promise.all(starts)).map(({ code }) => code)).toEqual([0, 0, 0])
  expect(tree.calls()).toEqual(INSTALLS)
})

it('says why setting up failed, and tries again', ({ tree }) => {
  expect(tree.run(['start'], { NPM_FAILS: '1' })).toMatchObject({
    status: 7,
    stdout: '',
    stderr: expect.stringMatching(/no registry\nSetting up failed \(7\): npm ci .*it needs the npm registry/),
  })
  expect(tree.run(['start'])).toMatchObject({ status: 0 })
})

it('takes the Node and pnpm that it is told of, when they will do', ({ tree }) => {
  tree.write('own/pnpm', '#!/bin/sh\necho own pnpm >> "$CALLS"\n', 0o755)
  tree.write('own/old-node', '#!/bin/sh\necho v22.1.0\n', 0o755)
  const PEBBLES_PNPM = join(tree.root, 'own/pnpm')
  expect(tree.run(['start'], { PEBBLES_PNPM, PEBBLES_NODE: process.execPath })).toMatchObject({ status: 0 })
  expect(tree.calls()).toEqual(['own pnpm'])
  expect(tree.run(['start'], { PEBBLES_PNPM, PEBBLES_NODE: join(tree.root, 'own/old-node') })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Pebbles runs on Node 24 or newer, and'),
  })
})

it('says on an older Node what is needed, and nothing else', ({ tree }) => {
  tree.write(
    'older.cjs',
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } })",
  )
  expect(tree.run(['start'], { NODE_OPTIONS: `--require "${join(tree.root, 'older.cjs')}"` })).toMatchObject({
    status: 1,
    stdout: '',
    stderr:
      'Pebbles starts from Node 20 or newer, and this is Node 18.20.8: install a newer one (https://nodejs.org), the rest comes by itself.\n',
  })
})

it('names the tasks when asked for another', ({ tree }) => {
  expect(tree.run(['strat'])).toMatchObject({
    status: 2,
    stderr: 'There is no task "strat": use one of start, demo, pebbles, test, check.\n',
  })
})

it('ends as the task ends', ({ tree }) => {
  expect(tree.run(['pebbles', 'exit', '78']).status).toBe(78)
  expect(tree.run(['pebbles', 'die', 'SIGKILL']).status).toBe(137)
})

it.for([
  ['SIGTERM', 'orderly', 0],
  ['SIGINT', 'orderly', 0],
  ['SIGHUP', 'broken', 9],
] as const)('hands %s on to the task, which ends %s', async ([signal, manner, code], { tree }) => {
  tree.run(['pebbles'])
  const child = tree.start('pebbles', 'wait', manner)
  const end = ended(child)
  await new Promise((waiting) => child.stdout.once('data', waiting))
  child.kill(signal)
  expect(await end).toEqual({ code, signal: null, out: `waiting\n${signal}\n` })
})

it('stops the task when the npm that started it was killed', async ({ tree }) => {
  tree.run(['pebbles'])
  const child = tree.startBelow(['sh', '-c', '"$@"; true', 'sh'], 'pebbles', 'wait', 'orderly')
  const end = ended(child)
  await new Promise((waiting) => child.stdout.once('data', waiting))
  child.kill('SIGKILL')
  expect(await end).toEqual({ code: null, signal: 'SIGKILL', out: 'waiting\nSIGTERM\n' })
})
