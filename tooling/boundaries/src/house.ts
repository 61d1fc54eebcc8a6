import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the house looks like, beyond who imports whom. Each check says what is wrong and the cure. */
export const findHouseFaults = (root: string): readonly string[] => {
  const sources = globSync('{packages,apps}/*/src/**/*.ts', { cwd: root }).sort()
  const text = (path: string): string => readFileSync(join(root, path), 'utf8')
  const faults: string[] = []
  for (const path of sources) {
    const lines = text(path).split('\n').length - 1
    const inside = path.split('/').slice(3)
    if (inside.length > 3) faults.push(`${path}: more than two folders below src. Move it up.`)
    if (!path.endsWith('.test.ts') && lines > MOST_LINES)
      faults.push(`${path}: ${lines} lines, more than ${MOST_LINES}. Split it by job.`)
    if (inside.length > 1 && inside.at(-1) === 'index.ts')
      faults.push(`${path}: a barrel inside a package. Import the files themselves.`)
    if (/(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)/.test(inside.join('/')))
      faults.push(`${path}: a name that says nothing. Name the job.`)
  }
  for (const path of sources.filter((source) => source.startsWith('packages/core/') && !source.endsWith('.test.ts'))) {
    for (const [index, line] of text(path).split('\n').entries()) {
      if (IMPURE.test(line))
        faults.push(`${path}:${index + 1}: core has no clock, no chance and no console. Take it as a port.`)
    }
  }
  const entry = text('packages/core/testing/contract/progress-store.ts')
  for (const path of globSync('packages/core/testing/contract/*.ts', { cwd: root })) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (!NO_BEHAVIOUR.has(name) && !entry.includes(`'./${name}'`))
      faults.push(`${path}: the contract does not reach this file. Name it in progress-store.ts.`)
  }
  for (const path of globSync('{packages,apps,tooling,docs}/**/*.{test,spec}.*', { cwd: root, exclude: OUTSIDE })) {
    if (!path.endsWith('.test.ts')) faults.push(`${path}: no lane runs it. Let its name end in .test.ts.`)
  }
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory() && !ROOT_FOLDERS.has(entry.name))
      faults.push(`${entry.name}/: one folder more at the root. It belongs to packages, apps, tooling or docs.`)
  }
  return faults
}

const MOST_LINES = 400
const IMPURE = /\b(Date\.now|new Date\(\)|Math\.random|process\.|console\.|performance\.)/
const NO_BEHAVIOUR = new Set(['progress-store.ts', 'subject.ts'])
const OUTSIDE = ['**/node_modules', '**/dist', '**/.turbo', '**/.cache']
/** The last row is not of the repository: what the tools, and a start, leave beside it. */
const ROOT_FOLDERS = new Set([
  ...['packages', 'apps', 'tooling', 'docs', '.ci', '.git', '.github', '.changeset'],
  ...['node_modules', '.turbo', '.cache', 'data', 'coverage', '.vscode', '.idea'],
])
