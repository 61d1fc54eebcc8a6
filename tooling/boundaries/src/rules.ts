import type { IForbiddenRuleType, IRegularForbiddenRuleType } from 'dependency-cruiser'

/** Tests of a package: beside the source, or in its test folder. */
const TESTS = '\\.test\\.ts$|^(packages|apps)/[^/]+/test/'
/** The part of core that tests of others use. */
const TESTING = '^packages/core/testing/'
/** A room's own suites for others' tests. */
const SUITES = '^packages/[^/]+/testing/'
const npm = (...names: readonly string[]): string => `node_modules/(${names.join('|')})/`

const rule = (
  name: string,
  comment: string,
  from: IRegularForbiddenRuleType['from'],
  to: IRegularForbiddenRuleType['to'],
): IForbiddenRuleType => ({ name, comment, severity: 'error', from, to }) as IForbiddenRuleType

/** Which room may know which. Each says its cure, and has a planted violation in the test that proves that it bites. */
export const RULES: readonly IForbiddenRuleType[] = [
  rule(
    'core-is-pure',
    'core imports nothing from outside itself, not even node:. Take what you need as a port (src/ports).',
    { path: '^packages/core/src/', pathNot: TESTS },
    { pathNot: '^packages/core/src/' },
  ),
  rule(
    'core-tests-stand-alone',
    'tests of core, and @pebbles/core/testing, use core, vitest, fast-check and node: only. Test what needs more in the package that has it.',
    { path: '^packages/core/' },
    { pathNot: `^packages/core/|${npm('vitest', 'fast-check')}`, dependencyTypesNot: ['core'] },
  ),
  rule(
    'wire-knows-core',
    'wire imports core, zod and zod-openapi only: it is pure. Do what needs more in runtime or in an app.',
    { path: '^packages/wire/src/', pathNot: TESTS },
    { pathNot: `^packages/(wire|core)/src/|${npm('zod', 'zod-openapi')}` },
  ),
  rule(
    'runtime-knows-core-and-wire',
    'runtime imports core and wire, no other room. Hand it what it needs as a parameter, in main.ts.',
    { path: '^packages/runtime/src/', pathNot: TESTS },
    { path: '^(packages|apps|tooling)/', pathNot: '^packages/(runtime|core|wire)/src/' },
  ),
  rule(
    'intake-knows-those-below',
    'intake imports core, wire and runtime, no other room. Hand it the store and the queue as parameters, in main.ts.',
    { path: '^packages/intake/src/', pathNot: TESTS },
    { path: '^(packages|apps|tooling)/', pathNot: '^packages/(intake|runtime|core|wire)/src/' },
  ),
  rule(
    'adapters-know-core',
    'an adapter imports core, no other room. Hand it what it needs as a parameter, in main.ts.',
    { path: '^packages/(adapters-[^/]+)/src/', pathNot: TESTS },
    { path: '^(packages|apps|tooling)/', pathNot: '^packages/($1|core)/src/' },
  ),
  rule(
    'adapters-know-their-driver',
    'an adapter imports the driver of its store and node: only. Do what needs another package outside of the adapter.',
    { path: '^packages/adapters-([^/]+)/src/', pathNot: TESTS },
    { path: 'node_modules/', pathNot: 'node_modules/$1' },
  ),
  rule(
    'apps-stand-alone',
    'apps never import apps. Move what both need to a package.',
    { path: '^apps/([^/]+)/' },
    { path: '^apps/', pathNot: '^apps/$1/' },
  ),
  rule(
    'main-names-adapters',
    'only main.ts and open-store.ts name adapters. Take the store as a port.',
    {
      path: '^(packages|apps)/([^/]+)/',
      pathNot: [TESTS, '^apps/[^/]+/src/(?:main|open-store)\\.ts$'],
    },
    { path: '^packages/adapters-', pathNot: '^packages/$2/' },
  ),
  rule(
    'testing-is-for-tests',
    '@pebbles/core/testing is for tests and tooling. Move what a program needs to core/src.',
    { path: '^(packages|apps)/', pathNot: [TESTS, SUITES] },
    { path: TESTING },
  ),
  rule(
    'no-tooling-in-products',
    'packages and apps import tooling in tests only. Move what a program needs to a package.',
    { path: '^(packages|apps)/', pathNot: TESTS },
    { path: '^tooling/' },
  ),
  rule(
    'by-name',
    'import another room by its name (@pebbles/…): what its package.json does not export is private. Export it there, or do without (benchmarks alone may measure the parts).',
    { path: '^(packages|apps|tooling)/([^/]+)/', pathNot: '^tooling/bench/' },
    { path: '^(packages|apps|tooling)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
  ),
  rule(
    'no-cycles',
    'these files import each other in a circle. Move what they share to a file of its own.',
    {},
    { circular: true },
  ),
  rule(
    'no-orphans',
    'this file imports nothing and nothing imports it. Delete it, or import it.',
    { orphan: true, path: '^(packages|apps|tooling)/', pathNot: `${TESTS}|/main\\.ts$|\\.d\\.ts$` },
    {},
  ),
  rule(
    'declared-only',
    'this package is not among the dependencies of the room that imports it. Name it in its package.json, from the catalog.',
    { path: '^(packages|apps|tooling)/', pathNot: '^tooling/bootstrap/' },
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  ),
  rule(
    'no-dev-dependencies-in-products',
    'a program needs this package when it runs. Move it from devDependencies to dependencies.',
    { path: '^(packages|apps)/[^/]+/src/', pathNot: TESTS },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  ),
  rule(
    'resolvable',
    'this import leads nowhere: no such file, a package that is not in package.json, or a path that its package.json does not export.',
    { path: '^(packages|apps|tooling)/' },
    { couldNotResolve: true },
  ),
]
