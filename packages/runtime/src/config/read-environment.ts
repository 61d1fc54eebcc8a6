import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Environment } from './parse-config.ts'

/** The process's own variables, and below them those of `.env` in the folder. */
export const readEnvironment = (folder: string = process.cwd()): Environment => {
  const file = join(folder, '.env')
  return { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) : {}), ...process.env }
}
