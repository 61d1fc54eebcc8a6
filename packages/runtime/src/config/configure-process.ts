import { type Config, parseConfig } from './parse-config.ts'
import { readEnvironment } from './read-environment.ts'

/** The config of this process; one that is not valid ends it with what is wrong on standard error, and exit code 78. */
export const configureProcess = (): Config => {
  try {
    return parseConfig(readEnvironment())
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(78)
  }
}
