import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { PACKAGES } from './toolchain.mjs'

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
interface Locked {
  readonly version: string
  readonly integrity?: string
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly os: string | string[]
  readonly cpu: string | string[]
}
const wanted: Record<string, string> = read('package.json').optionalDependencies
const { '': own, ...locked }: Record<string, Locked> = read('package-lock.json').packages

it('locks every package of every platform with a hash', () => {
  expect(own).toMatchObject({ optionalDependencies: wanted })
  expect(Object.keys(locked).sort()).toEqual(
    Object.keys(wanted)
      .map((name) => `node_modules/${name}`)
      .sort(),
  )
  for (const [path, { version, integrity }] of Object.entries(locked)) {
    expect({ path, version }).toEqual({ path, version: wanted[path.replace('node_modules/', '')] })
    expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/)
  }
})

it('fetches from the registry of the machine only, and runs no script of a package', () => {
  for (const [path, { resolved, hasInstallScript }] of Object.entries(locked)) {
    expect(resolved ?? 'https://registry.npmjs.org/', path).toMatch(/^https:\/\/registry\.npmjs\.org\//)
    expect(hasInstallScript, path).toBeUndefined()
  }
})

it('has Node and pnpm for each platform that it names, each only where it runs', () => {
  const named = Object.values(PACKAGES).flatMap(({ node, pnpm }) => [node, pnpm])
  expect(named.sort()).toEqual(Object.keys(wanted).sort())
  for (const [platform, { node, pnpm }] of Object.entries(PACKAGES)) {
    for (const name of [node, pnpm]) {
      const { os, cpu } = locked[`node_modules/${name}`] ?? {}
      expect([os, cpu].flat().join('-'), name).toBe(platform)
    }
  }
})

it('locks Node 24 or newer, and the pnpm major that package.json of the root names', () => {
  const { packageManager } = read('../../package.json')
  for (const { node, pnpm } of Object.values(PACKAGES)) {
    expect(Number(wanted[node]?.split('.')[0])).toBeGreaterThanOrEqual(24)
    expect(`pnpm@${wanted[pnpm]?.split('.')[0]}`).toBe(packageManager.split('.')[0])
  }
})
