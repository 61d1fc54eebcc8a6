import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findViolations, type Violation } from './find-violations.ts'
import { RULES } from './rules.ts'

const repository = join(import.meta.dirname, '../../..')

/** By rule: files that break it, each by one way to do so. The first line of a file is all that is wrong in it. */
const PLANTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'core-is-pure': {
    'packages/core/src/progress/planted-node.ts': "import 'node:fs'",
    'packages/core/src/progress/planted-package.ts': "export { z } from 'zod'",
    'packages/core/src/progress/planted-room.ts': "import type { Logger } from '../../../runtime/src/index.ts'",
    'packages/core/src/progress/planted-testing.ts': "export { anUpdate } from '../../testing/index.ts'",
    'packages/core/src/progress/planted-later.ts': "export const later = () => import('node:fs')",
  },
  'core-tests-stand-alone': {
    'packages/core/src/progress/planted.test.ts': "import 'zod'",
    'packages/core/testing/planted-room.ts': "import '../../wire/src/index.ts'",
  },
  'wire-knows-core': {
    'packages/wire/src/body/planted-node.ts': "import { hash } from 'node:crypto'",
    'packages/wire/src/body/planted-room.ts': "import '@pebbles/runtime'",
    'packages/wire/src/body/planted-package.ts': "import '@redocly/cli'",
  },
  'runtime-knows-core-and-wire': { 'packages/runtime/src/planted.ts': "import '../../adapters-sqlite/src/index.ts'" },
  'intake-knows-those-below': { 'packages/intake/src/planted.ts': "import '../../adapters-mongo/src/index.ts'" },
  'adapters-know-core': {
    'packages/adapters-sqlite/src/planted-wire.ts': "import '../../wire/src/index.ts'",
    'packages/adapters-mongo/src/planted-sqlite.ts': "import '../../adapters-sqlite/src/index.ts'",
  },
  'adapters-know-their-driver': { 'packages/adapters-sqlite/src/planted-package.ts': "import 'typescript'" },
  'apps-stand-alone': {
    'apps/cli/src/service/planted.ts': "import type { AppDeps } from '../../../http-api/src/app.ts'",
    'apps/cli/src/service/planted.test.ts': "import '../../../http-api/src/app.ts'",
  },
  'main-names-adapters': {
    'apps/http-api/src/routes/planted-adapter.ts': "import '@pebbles/adapters-sqlite'",
    'apps/http-api/src/routes/planted-type.ts': "import type { SqliteStore } from '@pebbles/adapters-sqlite'",
    'packages/runtime/src/planted-adapter.ts': "import '../../adapters-mongo/src/index.ts'",
  },
  'testing-is-for-tests': { 'apps/http-api/src/routes/planted-testing.ts': "import '@pebbles/core/testing'" },
  'no-tooling-in-products': {
    'apps/http-api/src/routes/planted-tooling.ts': "import '../../../../tooling/boundaries/src/rules.ts'",
    'packages/adapters-mongo/src/planted-services.ts': "import '@pebbles/services'",
    'packages/core/testing/planted-tooling.ts': "import '../../../tooling/boundaries/src/rules.ts'",
  },
  'by-name': {
    'apps/http-api/src/routes/planted-path.ts': "import '../../../../packages/core/src/index.ts'",
    'apps/http-api/src/routes/planted-deep.test.ts': "import '../../../../packages/core/src/progress/decide.ts'",
    'tooling/e2e/planted.e2e.test.ts': "import '../../packages/core/src/progress/decide.ts'",
  },
  'no-cycles': {
    'packages/core/src/progress/planted-one.ts': "import './planted-two.ts'",
    'packages/core/src/progress/planted-two.ts': "import './planted-one.ts'",
  },
  'no-orphans': {
    'packages/core/src/progress/planted-orphan.ts': 'export const planted = 1',
    'apps/http-api/src/routes/planted-orphan.ts': 'export const planted = 1',
  },
  'declared-only': { 'packages/core/src/progress/planted-undeclared.test.ts': "import 'knip'" },
  'no-dev-dependencies-in-products': { 'packages/runtime/src/planted-dev.ts': "import { vi } from 'vitest'" },
  resolvable: {
    'apps/http-api/src/routes/planted-nowhere.ts': "import './nowhere.ts'",
    'apps/http-api/src/routes/planted-private.ts': "import '@pebbles/core/src/progress/decide.ts'",
    'apps/http-api/src/routes/planted-package.ts': "import 'commander'",
    'packages/wire/test/planted-room.ts': "import '@pebbles/runtime'",
  },
}

describe('the boundaries', () => {
  let found: readonly Violation[] = []
  let copy = ''
  beforeAll(async () => {
    copy = await realpath(await mkdtemp(join(tmpdir(), 'pebbles-boundaries-')))
    for (const room of ['packages', 'apps', 'tooling']) {
      await cp(join(repository, room), join(copy, room), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !/\/(dist|\.turbo|\.cache)$|\/bootstrap\//.test(path),
      })
    }
    await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'))
    await cp(join(repository, 'package.json'), join(copy, 'package.json'))
    for (const [path, text] of Object.values(PLANTED).flatMap(Object.entries<string>)) {
      await mkdir(dirname(join(copy, path)), { recursive: true })
      await writeFile(join(copy, path), `${text}\n`)
    }
    found = await findViolations(copy)
  })
  afterAll(() => rm(copy, { recursive: true, force: true }))

  it('have a planted violation for each rule', () => {
    expect(Object.keys(PLANTED).sort()).toEqual(RULES.map(({ name }) => name).sort())
  })

  it.for(Object.entries(PLANTED))('show what breaks %s, and the cure', ([name, files]) => {
    for (const path of Object.keys(files)) {
      const broken = found.filter(({ rule, from, to }) => rule === name && [from, to].includes(path))
      expect(broken, path).not.toEqual([])
      expect(broken[0]?.cure).toBe(RULES.find((rule) => rule.name === name)?.comment)
    }
  })
})
