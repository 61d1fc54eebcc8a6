import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { developmentSecret } from './development-keys.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'pebbles-secret-'))
const run = promisify(execFile)

describe('the development secret', () => {
  it('is drawn once, long enough, and for its owner only', () => {
    const dataDir = join(folder(), 'not', 'yet')
    const secret = developmentSecret(dataDir)
    expect(secret).toMatch(/^[A-Za-z0-9_-]{48}$/)
    expect(developmentSecret(dataDir)).toBe(secret)
    expect(developmentSecret(folder())).not.toBe(secret)
    expect(readdirSync(dataDir)).toEqual(['development-secret'])
    expect(statSync(join(dataDir, 'development-secret')).mode & 0o777).toBe(0o600)
  })

  it('is closed again when something opened it to others', () => {
    const dataDir = folder()
    const secret = developmentSecret(dataDir)
    chmodSync(join(dataDir, 'development-secret'), 0o644)
    expect(developmentSecret(dataDir)).toBe(secret)
    expect(statSync(join(dataDir, 'development-secret')).mode & 0o777).toBe(0o600)
  })

  it.for(['', 'short\n'])('does not take %j for a secret', (content) => {
    const dataDir = folder()
    writeFileSync(join(dataDir, 'development-secret'), content)
    expect(() => developmentSecret(dataDir)).toThrow(/holds no secret/)
  })

  it('is one for starters that are first at the same time', async () => {
    const dataDir = folder()
    const module = new URL('./development-keys.ts', import.meta.url)
    const script = `import { developmentSecret } from '${module}'; console.log(developmentSecret(${JSON.stringify(dataDir)}))`
    const starters = await Promise.all(
      Array.from({ length: 6 }, () => run(process.execPath, ['--input-type=module', '--eval', script])),
    )
    expect(new Set(starters.map(({ stdout }) => stdout.trim())).size).toBe(1)
    expect(readdirSync(dataDir)).toEqual(['development-secret'])
  })
})
