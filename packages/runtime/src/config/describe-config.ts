import { hideSecrets } from '../hide-secrets.ts'
import type { Config } from './parse-config.ts'
import { VARIABLES, type Variable, type VariableName } from './registry.ts'
import { instant } from './value-schemas.ts'

/** Every setting by its variable, as an operator would write it, fit to be shown: of a secret only that it is set. */
export const describeConfig = (config: Config): Record<string, string | null> => {
  const shown: Record<string, string | null> = {}
  for (const [name, variable] of Object.entries(VARIABLES) as [VariableName, Variable][]) {
    const value: Config[VariableName] = config[name]
    shown[variable.env] =
      value === null ? null : variable.secret === true ? '(set)' : hideSecrets(textOf(value, variable))
  }
  return shown
}

const textOf = (value: NonNullable<Config[VariableName]>, { schema }: Variable): string => {
  if (schema === instant) return new Date(Number(value)).toISOString()
  if (value instanceof RegExp) return value.source
  if (typeof value === 'object' && 'requests' in value) return `${value.requests}/${value.seconds}`
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** docs/reference/configuration.md, whole. */
export const renderConfigReference = (): string => {
  const sections = Map.groupBy(Object.values(VARIABLES) as Variable[], ({ section }) => section)
  const tables = [...sections].map(([section, variables]) => {
    const rows = variables.map(({ env, doc, standard, example, secret }) => [
      code(env),
      secret === true ? `${doc} Never shown.` : doc,
      standard === undefined ? '–' : code(standard),
      code(example),
    ])
    return `## ${section}\n\n${tableOf([['Variable', 'Meaning', 'Default', 'Example'], ...rows])}\n`
  })
  return `# Configuration

Every process reads its settings from the environment, and below it from \`.env\` in the folder it starts in. An empty
variable is an unset one. A bad value stops the process at its start with exit code 78 and one line for each variable:
what is wrong, and an example. This page is made from the list that the processes parse.

${tables.join('\n')}`
}

const code = (text: string): string => `\`${text}\``

/** Aligned, as the formatter of the docs would have it. */
const tableOf = ([head = [], ...rows]: readonly (readonly string[])[]): string => {
  const cells = [head, ...rows].map((row) => row.map((text) => text.replaceAll('|', '\\|')))
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [top = [], ...below] = cells
  return [line(top), line(widths.map((width) => '-'.repeat(width))), ...below.map(line)].join('\n')
}
