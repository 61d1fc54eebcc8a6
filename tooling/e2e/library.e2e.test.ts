import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const PACKAGES = ['core', 'adapters-sqlite']
let folder = ''
const tarballs = new Map<string, string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pebbles-library-'))
  for (const name of PACKAGES) {
    const cwd = join(root, 'packages', name)
    await run('pnpm', ['run', 'build'], { cwd })
    await run('pnpm', ['pack', '--pack-destination', folder], { cwd })
    tarballs.set(name, join(folder, `pebbles-${name}-0.1.0.tgz`))
  }
}, 180_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the packages, as somebody else installs them', () => {
  it('run in a plain ESM project', async () => {
    const project = join(folder, 'project')
    await cp(join(root, 'docs/examples/library'), project, { recursive: true })
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'somebodys', private: true, type: 'module' }))
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs.values()], { cwd: project })
    const { stdout } = await run(process.execPath, ['main.mjs', join(project, 'own.sqlite')], { cwd: project })
    expect(stdout.split('\n')).toEqual([
      'applied applied duplicate',
      'orders.csv: 198 done, 2 failed of 200, succeeded',
      '2 × Unknown country {NUMBER}',
      '',
    ])
    expect(await readdir(project)).toContain('own.sqlite')
  })

  it.for(PACKAGES)('%s resolves with its types for every modern resolver', async (name) => {
    const data = new Uint8Array(await readFile(tarballs.get(name) as string))
    const analysis = await checkPackage(createPackageFromTarballData(data))
    if (!analysis.types) throw new Error('no types')
    const modern = analysis.problems.filter(
      (problem) => !('resolutionKind' in problem && ['node10', 'node16-cjs'].includes(problem.resolutionKind)),
    )
    expect(modern).toEqual([])
  })

  it.for(PACKAGES)('%s has nothing that publint objects to', async (name) => {
    const { publint } = await import('publint')
    const { formatMessage } = await import('publint/utils')
    const tarball = await readFile(tarballs.get(name) as string)
    const { messages, pkg } = await publint({
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) as ArrayBuffer },
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })
})
