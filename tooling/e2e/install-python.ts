import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A Python that has what `NAME.txt` lists, in exactly these versions, and these bytes where it says which: an
 * environment of its own in `PEBBLES_CACHE` or `~/.cache/pebbles`, made once. Null, with a line that says how to get it,
 * where there is no Python or no package index; on CI that is an error.
 */
export const installPython = async (name: 'schemathesis' | 'queue-producers' | 'aws-cli'): Promise<string | null> => {
  const requirements = fileURLToPath(new URL(`${name}.txt`, import.meta.url))
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const cache = process.env['PEBBLES_CACHE'] ?? join(homedir(), '.cache', 'pebbles')
  const folder = join(cache, `${name}-${digest}`)
  const python = join(folder, 'bin', 'python')
  if (existsSync(python)) return python
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, `.${name}-`))
  try {
    await run('python3', ['-m', 'venv', draft])
    const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps', '--only-binary', ':all:']
    await run(join(draft, 'bin', 'python'), ['-m', 'pip', 'install', ...options, '-r', requirements])
    // It appears whole or not at all; who was faster wins.
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(python)) throw error
    })
    return python
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    console.warn(`no ${name} here: it needs python3 (3.10 or later, with venv) and PyPI: ${String(error)}`)
    return null
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
