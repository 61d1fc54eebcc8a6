import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Environment } from '@pebbles/runtime'
import { escapeText } from '../terminal/escape-text.ts'
import { type AppName, appEntry } from './app-process.ts'

const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024

/**
 * The workers know their brokers: each answers such a question in one line of JSON. Null when this copy of Pebbles
 * does not have it; rejects with what it said when it could not answer.
 */
export const askWorker = async <T>(
  name: AppName,
  args: readonly string[],
  environment: Environment,
): Promise<T | null> => {
  const entry = appEntry(name)
  if (entry === null) return null
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [entry, ...args], {
      env: environment as NodeJS.ProcessEnv,
      maxBuffer: LONGEST_ANSWER_BYTES,
    })
    return JSON.parse(stdout) as T
  } catch (cause) {
    const { stderr = '' } = cause as { readonly stderr?: string }
    const said = stderr.trim().split('\n').at(-1)
    throw new Error(`The ${name} could not ask its queue: ${escapeText(said || String(cause))}`, { cause })
  }
}
