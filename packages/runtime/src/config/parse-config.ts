import { hideSecrets } from '../hide-secrets.ts'
import { CROSS_CHECKS } from './cross-checks.ts'
import { VARIABLES, type Values, type Variable, type VariableName } from './registry.ts'

/** Every setting of a process, parsed once. Times in ms, sizes in bytes; null: unset. */
export interface Config extends Values {
  /** None of the three keys is set: a secret of its own, on this machine only. */
  readonly developmentMode: boolean
  readonly listenHost: string
}

/** Variables by name, as of `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What is wrong with the environment, all of it: each line names a variable, what is wrong, and an example. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID'
  readonly exitCode = 78
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Parses an environment into a frozen config. An empty variable is an unset one. Throws `ConfigError`. */
export const parseConfig = (environment: Environment): Config => {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(VARIABLES) as [VariableName, Variable][]) {
    const given = environment[definition.env]
    const text = given === undefined || given === '' ? definition.standard : given
    if (text === undefined) {
      values[name] = null
      continue
    }
    const parsed = definition.schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else problems.push(problemOf(definition, text, parsed.error.issues[0]?.message ?? 'is not valid'))
  }
  const config = values as unknown as Values
  for (const { of, holds, problem } of CROSS_CHECKS)
    if (of.every((name) => name in values) && !holds(config)) problems.push(problem)
  if (problems.length > 0) throw new ConfigError(problems)
  const developmentMode = config.jwtSecret === null && config.jwtJwksUrl === null && config.jwtPublicKey === null
  return Object.freeze({
    ...config,
    developmentMode,
    listenHost: config.host ?? (developmentMode ? '127.0.0.1' : '0.0.0.0'),
  })
}

const SHOWN_LENGTH = 200

const problemOf = ({ env, secret, example }: Variable, text: string, message: string): string => {
  const shown = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text
  const value = secret === true ? '' : `=${JSON.stringify(hideSecrets(shown))}`
  return `${env}${value} ${message}; for example ${env}=${example}`
}
