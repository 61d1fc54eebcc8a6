import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser'
import { RULES } from './rules.ts'

export interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
  readonly cure: string
}

/** Reads the imports below a folder that is laid out like the repository, and says which break a rule. */
export const findViolations = async (root: string): Promise<readonly Violation[]> => {
  const options: ICruiseOptions = {
    baseDir: root,
    ruleSet: { forbidden: [...RULES] },
    validate: true,
    parser: 'tsc',
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: false,
    doNotFollow: { path: 'node_modules' },
    // What is built, and what runs in a browser. Anchored: packages of others have such folders too, and must be seen.
    exclude: { path: '^(packages|apps|tooling)/[^/]+/(src/)?(dist|page)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  }
  const { output } = await cruise(['packages', 'apps', 'tooling'], options)
  const { summary } = output as ICruiseResult
  const cures = new Map(RULES.map(({ name, comment }) => [name, comment ?? '']))
  return summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    from,
    to,
    cure: cures.get(rule.name) ?? '',
  }))
}
