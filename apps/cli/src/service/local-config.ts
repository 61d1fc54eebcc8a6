import type { Config } from '@pebbles/runtime'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'

/** The configuration that the services of this folder have. What is wrong with it ends the command with 78. */
export const loadConfig = async ({ environment }: Pick<Context, 'environment'>): Promise<Config> => {
  const { ConfigError, parseConfig } = await import('@pebbles/runtime')
  try {
    return parseConfig(await environment())
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new CliError({
      exit: EXIT.config,
      code: error.code,
      message: `The configuration is not valid: ${error.problems.map(escapeText).join('\n  ')}`,
      next: 'Correct it in the environment or in .env.',
    })
  }
}
