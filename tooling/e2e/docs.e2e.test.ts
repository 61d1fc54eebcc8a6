import { execFile } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startApi } from './start-api.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const STANDARD_URL = 'http://127.0.0.1:8081'
const UPDATE = process.env['UPDATE_DOCS'] === '1'

interface Block {
  readonly language: string
  readonly text: string
  /** The comment right before it. */
  readonly note: string
  readonly line: number
}

const blocksOf = (markdown: string): Block[] =>
  [...markdown.matchAll(/(?:^<!-- (?<note>[^\n]*) -->\n\n?)?^```(?<language>\w*)\n(?<text>[\s\S]*?)^```$/gm)].map(
    (match) => ({
      language: match.groups?.['language'] ?? '',
      text: match.groups?.['text'] ?? '',
      note: match.groups?.['note'] ?? '',
      line: markdown.slice(0, match.index).split('\n').length,
    }),
  )

/** Pages whose commands a test of their own room runs: they need more than a service. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/guides/queues.md': 'tooling/e2e/queues-guide.e2e.test.ts',
  'docs/guides/sqlite-operations.md': 'packages/adapters-sqlite/src/operations-guide.int.test.ts',
  'docs/reference/cli.md': 'apps/cli/test/reference.int.test.ts',
}

const pages = ['README.md', ...globSync('docs/{guides,reference}/*.md', { cwd: root }), 'CONTRIBUTING.md'].sort()

describe('the docs', () => {
  it.for(pages)('%s shows the very files that it names', (page) => {
    let markdown = readFileSync(join(root, page), 'utf8')
    for (const block of blocksOf(markdown)) {
      const [, file] = /^from (\S+)$/.exec(block.note) ?? []
      if (file === undefined) continue
      const source = readFileSync(join(root, file), 'utf8')
      if (UPDATE)
        markdown = markdown.replace(
          `<!-- ${block.note} -->\n\`\`\`${block.language}\n${block.text}\`\`\``,
          () => `<!-- ${block.note} -->\n\`\`\`${block.language}\n${source}\`\`\``,
        )
      else expect(block.text, `${page}:${block.line}; UPDATE_DOCS=1 brings it up to date`).toBe(source)
    }
    if (UPDATE) writeFileSync(join(root, page), markdown)
  })

  it.for(pages)('%s links to what is there', (page) => {
    const markdown = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of markdown.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|#|mailto:)/.test(target)) continue
      const path = join(root, page, '..', target.split('#')[0] as string)
      expect(globSync(path), `${page} links to ${target}`).toHaveLength(1)
    }
  })

  it.for(pages)('%s has commands that work, from top to bottom', { timeout: 180_000 }, async (page) => {
    const elsewhere = RUN_ELSEWHERE[page]
    if (elsewhere !== undefined) {
      expect(readFileSync(join(root, elsewhere), 'utf8')).toContain(page.slice(page.lastIndexOf('/') + 1))
      return
    }
    const commands = blocksOf(readFileSync(join(root, page), 'utf8')).filter(
      // Old documents take a MongoDB of their own: migrate-guide.e2e.test.ts.
      ({ language, note }) => language === 'sh' && !note.startsWith('not run here: ') && note !== 'with old documents',
    )
    if (commands.length === 0) return
    const dataDir = await mkdtemp(join(tmpdir(), 'pebbles-docs-'))
    await using api = await startApi({ DATA_DIR: dataDir })
    const script = ['set -euo pipefail', ...commands.map(({ text }) => text)]
      .join('\n')
      .replaceAll(STANDARD_URL, api.url)
    const environment = { ...process.env, DATA_DIR: dataDir, PEBBLES_URL: api.url, TOKEN: api.token, CI: 'true' }
    const { stdout } = await run('bash', ['-c', script.replaceAll('curl -s ', 'curl -sS --fail-with-body ')], {
      cwd: root,
      env: environment,
      maxBuffer: 16 * 1024 * 1024,
    }).catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`${page}\n${error.stdout}\n${error.stderr}`)
    })
    expect(stdout).not.toBe('')
    await rm(dataDir, { recursive: true, force: true })
  })
})
