import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findHouseFaults } from './house.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

const PLANTED: readonly (readonly [fault: string, path: string, text: string])[] = [
  ['two folders', 'packages/core/src/one/two/three/four.ts', ''],
  ['400', 'packages/core/src/long.ts', '//\n'.repeat(401)],
  ['barrel', 'packages/core/src/progress/index.ts', ''],
  ['says nothing', 'apps/cli/src/utils.ts', ''],
  ['no clock', 'packages/core/src/now.ts', 'export const now = Date.now()\n'],
  ['no clock', 'packages/core/src/chance.ts', 'export const chance = Math.random()\n'],
  ['no clock', 'packages/core/src/progress/say.ts', 'export const say = () => console.log(1)\n'],
  ['no clock', 'packages/core/src/progress/place.ts', 'export const place = process.env\n'],
  ['no lane', 'apps/cli/src/commands/list.spec.ts', ''],
  ['no lane', 'tooling/e2e/browser.test.mjs', ''],
  ['at the root', 'bench/load.ts', ''],
  ['does not reach', 'packages/core/testing/contract/forgotten.ts', ''],
]

describe('the house', () => {
  it('is in order', () => {
    expect(findHouseFaults(root)).toEqual([])
  })

  it.for(PLANTED)('would show %s (%s)', ([fault, path, text]) => {
    const copy = mkdtempSync(join(tmpdir(), 'pebbles-house-'))
    cpSync(join(root, 'packages/core/testing'), join(copy, 'packages/core/testing'), { recursive: true })
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
    const faults = findHouseFaults(copy)
    rmSync(copy, { recursive: true, force: true })
    expect(
      faults.filter(
        (found) => found.startsWith(path.split('/')[0] === 'bench' ? 'bench/' : path) && found.includes(fault),
      ),
    ).toHaveLength(1)
  })
})
