import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openApiDocument } from './openapi.ts'

const require = createRequire(import.meta.url)
const cli = join(dirname(require.resolve('@redocly/cli/package.json')), 'bin/cli.js')

it('the OpenAPI document has nothing that a linter minds', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pebbles-openapi-'))
  try {
    const document = openApiDocument({ serverUrl: 'https://pebbles.example', version: '1.2.3' })
    await writeFile(join(folder, 'openapi.json'), JSON.stringify(document))
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'lint', 'openapi.json', '--format=json'], {
      cwd: folder,
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' },
    })
    expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] })
  } finally {
    await rm(folder, { recursive: true })
  }
}, 30_000)
