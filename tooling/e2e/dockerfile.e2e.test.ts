import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startWorkerProcess } from '@pebbles/intake/testing'
import { afterAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'pebbles-image-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Step {
  readonly word: string
  readonly rest: string
}

/** The instructions of each stage, with lines that go on joined. */
const stages = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line): Step => ({ word: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1) }))
  .reduce<Step[][]>((all, step) => {
    if (step.word === 'FROM') all.push([])
    all.at(-1)?.push(step)
    return all
  }, [])

/** What git knows below a path: nothing of what was built or installed here. */
const sourcesBelow = async (path: string): Promise<readonly string[]> => {
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', path], {
    cwd: root,
  })
  return stdout.split('\n').filter((name) => name !== '' && existsSync(join(root, name)))
}

describe('the Dockerfile', () => {
  it('makes by its own steps a folder in which each process starts', { timeout: 600_000 }, async () => {
    const [install = [], image = []] = stages
    for (const { word, rest } of install) {
      if (word === 'COPY') {
        const paths = rest.split(' ').slice(0, -1)
        for (const path of paths) {
          const sources = await sourcesBelow(path)
          expect(sources, path).not.toEqual([])
          for (const source of sources) {
            mkdirSync(dirname(join(folder, source)), { recursive: true })
            cpSync(join(root, source), join(folder, source))
          }
        }
      }
      if (word === 'RUN') await run('sh', ['-ec', rest], { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
    }
    const said = (word: string): string => image.find((step) => step.word === word)?.rest ?? ''
    const [, main = ''] = JSON.parse(said('CMD')) as string[]
    await using api = startWorkerProcess(join(folder, main), mkdtempSync(join(folder, 'data-')), { PORT: '0' })
    const { url } = await api.logged('listening')
    const ready = await fetch(`${url}/ready`)
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ok' }])
    for (const worker of ['sqs', 'kafka']) {
      await using idle = startWorkerProcess(join(folder, `apps/${worker}-worker/src/main.ts`), folder, {})
      expect(await idle.ended, idle.said()).toBe(0)
    }
    const { stdout } = await run(process.execPath, [join(folder, 'apps/cli/src/main.ts'), '--help'], { cwd: folder })
    expect(stdout).toContain('pebbles')
  })
})
