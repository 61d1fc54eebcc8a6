import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runProgram } from './run-program.mjs'
import { withLock } from './setup-lock.mjs'
import { explainPlatform, usesMusl, withToolchain } from './toolchain.mjs'

/** Ends the start with one message for the user, and an exit code. */
export class SetUpError extends Error {
  /**
   * @param {string} message
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * Makes sure that Node, pnpm and the dependencies are those that the tree is locked to. When they are, that costs
 * reading a few small files: no other program, no network.
 * @param {string} root of the project
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {string} platform
 * @param {(line: string) => void} say
 */
export const setUp = async (root, toolchain, platform, say) => {
  const wanted = fingerprint(root, toolchain, platform)
  if (isSetUp(root, wanted)) return
  const problem = explainPlatform(toolchain, platform, toolchain.fetched && usesMusl())
  if (problem) throw new SetUpError(problem)
  const install = async () => {
    if (isSetUp(root, wanted)) return
    const began = Date.now()
    // Gone before anything changes: a tree that was left half done is never taken for a whole one.
    rmSync(stampOf(root), { force: true })
    if (toolchain.fetched) await fetchToolchain(root, say)
    await checkNode(root, toolchain)
    await installDependencies(root, toolchain, say)
    mkdirSync(dirname(stampOf(root)), { recursive: true })
    writeFileSync(stampOf(root), wanted)
    say(`Set up in ${Math.round((Date.now() - began) / 1000)} s.`)
  }
  await withLock(join(root, 'tooling/bootstrap/.cache'), install, () => say('Another start is setting up; waiting …'))
}

/** @param {string} root */
const stampOf = (root) => join(root, 'node_modules/.pebbles-setup')

/**
 * @param {string} root
 * @param {string} wanted
 */
const isSetUp = (root, wanted) => existsSync(stampOf(root)) && readFileSync(stampOf(root), 'utf8') === wanted

/**
 * Changes with everything that decides what is installed.
 * @param {string} root
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {string} platform
 */
export const fingerprint = (root, toolchain, platform) => {
  const manifests = ['packages', 'apps', 'tooling'].flatMap((room) =>
    existsSync(join(root, room)) ? readdirSync(join(root, room)).map((name) => `${room}/${name}/package.json`) : [],
  )
  const hash = createHash('sha256').update(JSON.stringify([toolchain, platform]))
  const locks = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'tooling/bootstrap/package-lock.json']
  for (const path of [...locks, ...manifests.sort()]) {
    if (existsSync(join(root, path))) hash.update(`\n${path}\n`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

/**
 * By npm, as it comes with any Node; from a lock with hashes, and without running any script of a package.
 * @param {string} root
 * @param {(line: string) => void} say
 */
const fetchToolchain = async (root, say) => {
  const folder = join(root, 'tooling/bootstrap')
  const stamp = join(folder, 'node_modules/.pebbles-setup')
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  say('Setting up Pebbles, once: Node and pnpm …')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: folder, env: process.env, quiet: true, shell: process.platform === 'win32' }
  assertDone(`npm ${args.join(' ')}`, folder, await runProgram('npm', args, options))
  writeFileSync(stamp, lock)
}

/**
 * @param {string} root
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 */
const checkNode = async (root, toolchain) => {
  const node = String(toolchain.node)
  const { code, output } = await runProgram(node, ['--version'], { cwd: root, env: process.env, quiet: true })
  if (code !== 0) throw new SetUpError(`${node} does not run here: ${output.trim()}`, code)
  if (Number(/^v(\d+)/.exec(output)?.[1] ?? 0) < 24) {
    throw new SetUpError(`Pebbles runs on Node 24 or newer, and ${node} is ${output.trim()}.`)
  }
}

/**
 * @param {string} root
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {(line: string) => void} say
 */
const installDependencies = async (root, toolchain, say) => {
  say('Setting up Pebbles, once: dependencies …')
  const args = ['install', '--frozen-lockfile', '--config.confirm-modules-purge=false']
  const env = withToolchain(toolchain, process.env)
  assertDone(
    `pnpm ${args.join(' ')}`,
    root,
    await runProgram(String(toolchain.pnpm), args, { cwd: root, env, quiet: true }),
  )
}

/**
 * @param {string} command
 * @param {string} folder
 * @param {import('./run-program.mjs').Ended} ended
 */
const assertDone = (command, folder, { code, output }) => {
  if (code === 0) return
  throw new SetUpError(
    `${output.trimEnd()}\nSetting up failed (${code}): ${command}, in ${folder}. The next start tries again; it needs the npm registry.`,
    code,
  )
}
